"""
Every campaign, one after the other, without anyone watching: kills on SQLite and PostgreSQL, subscribers in trouble.

    nice python -m tests.crash.all --folder reports [--kills 200] [--changes 200] [--seed 1] [--hours 6]

Each is a process of its own. What it found is written to the folder as soon as it is known, so a run that is cut short
has lost nothing: `summary.txt` for people and `summary.json` for programs. Exit code 1 where a promise was broken or a
campaign did not come to its end.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.store import databases


@dataclass(frozen=True, slots=True)
class Result:
    """How one campaign ended: `figures` are its own, `faults` the promises that were broken."""

    name: str
    seconds: int
    ended: bool
    figures: dict[str, int]
    faults: tuple[str, ...]


def campaigns(given: argparse.Namespace) -> dict[str, list[str]]:
    """The arguments of each campaign by its name; those on PostgreSQL where there is one."""
    kills = ["tests.crash.campaign", "--kills", str(given.kills), "--seed", str(given.seed)]
    changes = ["tests.crash.subscriber", "--changes", str(given.changes), "--seed", str(given.seed)]
    out = {"kills on SQLite": kills, "subscribers on SQLite": changes}
    if not databases.missing():
        out |= {f"{name.split()[0]} on PostgreSQL": [*those, "--postgresql"] for name, those in out.items()}
    return out


def run(name: str, arguments: list[str], folder: Path, hours: float) -> Result:
    """One campaign; its output stays beside the summary."""
    report = folder / f"{name.replace(' ', '-').lower()}.json"
    report.unlink(missing_ok=True)
    begun = time.monotonic()
    with report.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *arguments, "--json", str(report)], stdout=log, stderr=log)
        try:
            process.wait(3600 * hours)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
    seconds = round(time.monotonic() - begun)
    if not report.exists():
        return Result(name, seconds, False, {}, ())
    found = json.loads(report.read_text())
    return Result(name, seconds, True, found["figures"], tuple(found["faults"]))


def told(results: list[Result], wanted: int) -> str:
    """The summary for people."""
    lines = []
    for one in results:
        figures = ", ".join(f"{number} {what}" for what, number in one.figures.items())
        verdict = "did not end" if not one.ended else f"{len(one.faults)} FAULTS" if one.faults else "no promise broken"
        lines += [f"{one.name}: {verdict}; {figures or 'nothing known'}; {one.seconds} s",
                  *(f"  FAULT {fault}" for fault in one.faults)]
    return "\n".join([*lines, f"{len(results)} of {wanted} campaigns were run"]) + "\n"


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=6.0, help="at most so long for each campaign")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    wanted, results = campaigns(given), []
    for name, arguments in wanted.items():
        results.append(run(name, arguments, given.folder, given.hours))
        (given.folder / "summary.txt").write_text(told(results, len(wanted)))
        (given.folder / "summary.json").write_text(json.dumps([asdict(one) for one in results], indent=1) + "\n")
    print(told(results, len(wanted)), end="")
    sys.exit(any(one.faults or not one.ended for one in results))


if __name__ == "__main__":
    main()
