"""
Ours beside other tools, in one table from one run.

    python -m tests.eval.deid_compare [--venv DIR] [--texts N]

Installs the tools into a throw-away venv (or uses the one in --venv), runs each, and prints a Markdown table. A tool
that cannot be installed or run is named with the reason. Text: the held half of asq-phi-dev.txt (whole and touched
recall, PHI-free queries touched) and openi-dev.csv (tokens touched; it holds no PHI); no tool is told who the people
are. DICOM: a word of its own in every text attribute of PS3.15 table E.1-1, on top, nested and private; how many come
through.
"""

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from fhir_adapter import pipeline
from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from fhir_adapter.tables import Tables
from tests.eval.reference import shared_data

TEXT = {"presidio": "presidio-analyzer", "philter": "philter-lite", "pyDeid": "pyDeid"}
DICOM = {"dicom-anonymizer": "dicom-anonymizer", "dicognito": "dicognito", "deid": "deid"}
_ABSENT = {"pyDeid": "no release in the package index: `pydeid` 0.0.1 there is an empty stub of another project"}
_RUNNER = Path(__file__).with_name("deid_tools.py")
_WAIT = 900
Queries = list[tuple[str, list[str]]]
Spans = Sequence[Sequence[tuple[int, int]]]


def installed(folder: Path) -> dict[str, str]:
    """The Python of a venv for each tool that is in it; the reason instead, after `!`, for one that is not."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    out = {}
    for tool, package in (TEXT | DICOM).items():
        if tool in _ABSENT:
            out[tool] = f"!{_ABSENT[tool]}"
            continue
        done = subprocess.run([str(python), "-m", "pip", "install", "-q", package], capture_output=True, text=True,
                              timeout=_WAIT, check=False)
        out[tool] = str(python) if done.returncode == 0 else f"!cannot be installed: {_last(done.stderr)}"
    return out


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip(" *\t")]
    told = next((line for line in lines if line.startswith("Resource ") or "Error" in line), lines[-1] if lines else "")
    return told[:120] or "no message"


def queries() -> Queries:
    """The held half of the queries with the values of their PHI."""
    out = []
    for record in (shared_data() / "deid" / "asq-phi-dev.txt").read_text(encoding="utf-8").split("===QUERY===")[1:]:
        query, tags = (part.strip() for part in record.split("===PHI_TAGS==="))
        if hashlib.sha256(query.encode()).digest()[0] % 2 == 0:
            out.append((query, [json.loads(line)["value"] for line in tags.splitlines() if line.strip()]))
    return out


def reports(limit: int) -> list[str]:
    """Chest reports without any PHI."""
    with (shared_data() / "eval" / "openi-dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:limit]
    return ["\n".join(row[part] for part in ("indication", "comparison", "findings", "impression")) for row in rows]


def row(tool: str, asked: Queries, clean: Sequence[str], spans: Spans, seconds: float) -> str:
    """One line of the table of texts."""
    mentions = whole = touched = negatives = wrong = tokens = over = 0
    for (text, values), found in zip(asked, spans, strict=False):
        hidden = {n for start, end in found for n in range(start, end)}
        negatives, wrong = negatives + (not values), wrong + (not values and bool(found))
        for value in values:
            for match in re.finditer(re.escape(value), text):
                place = [n for n in range(*match.span()) if text[n].isalnum()]
                left = sum(n not in hidden for n in place)
                mentions, whole, touched = mentions + 1, whole + (not left), touched + (left < len(place))
    for text, found in zip(clean, spans[len(asked) :], strict=True):
        hidden = {n for start, end in found for n in range(start, end)}
        words = [m for m in re.finditer(r"\w+", text) if m.group() != "XXXX"]
        tokens, over = tokens + len(words), over + sum(not hidden.isdisjoint(range(*m.span())) for m in words)
    size = sum(len(text) for text, _ in asked) + sum(map(len, clean))
    return (f"| {tool} | {whole / mentions:.1%} | {touched / mentions:.1%} | {wrong}/{negatives} | "
            f"{over / tokens:.3%} | {size / 2000 / seconds:.0f} |")


def ours(texts: Sequence[str], tables: Tables) -> tuple[Spans, float]:
    """What we hide, and in how many seconds of the processor."""
    start, out = time.process_time(), []
    for text in texts:
        done = scrub_text(text, (), days=70, near=date(2024, 1, 1), tables=tables.deid, surrogates=Surrogates())
        out.append([(e.before.start, e.before.end) for e in done.offsets.edits])
    return out, time.process_time() - start


def word(number: int) -> str:
    """A word that nobody else writes."""
    return "QZX" + "".join(chr(65 + number // 26**n % 26) for n in range(4))


def canary_file(profile: Mapping[int, object]) -> tuple[bytes, int]:
    """A DICOM file with a word of its own in every text attribute that PS3.15 names, and how many there are."""
    from pydicom import Dataset
    from pydicom.datadict import DicomDictionary, keyword_for_tag

    from tests.deid.formats.test_dicom import TEXT as KINDS
    from tests.deid.formats.test_dicom import header, written

    inner, outer, count = Dataset(), header(), 0
    for dataset in (inner, outer):
        for tag, (vr, *_rest) in DicomDictionary.items():
            if vr in KINDS and tag in profile and tag >> 16 > 7 and keyword_for_tag(tag):
                dataset.add_new(tag, vr, word(count))
                count += 1
        dataset.private_block(0x0099, word(count), create=True).add_new(1, "LO", word(count + 1))
        count += 2
    outer.RequestAttributesSequence = [inner]
    return written(outer), count


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--venv", type=Path, default=Path(tempfile.mkdtemp()) / "tools")
    parser.add_argument("--texts", type=int, default=300, help="how many chest reports")
    chosen = parser.parse_args()
    tools, tables = installed(chosen.venv), tables_module.load()
    settings = settings_module.load(data_dir=tempfile.mkdtemp(), key="5a" * 32)
    asked, clean = queries(), reports(chosen.texts)
    texts = [text for text, _ in asked] + clean
    ours(texts[:20], tables)
    print("| text | PHI whole | PHI touched | PHI-free queries touched | chest-report tokens touched | 2 kB/s |\n"
          "|---|---|---|---|---|---|")
    print(row("fhir-adapter", asked, clean, *ours(texts, tables)))
    missing = []
    for tool in TEXT:
        done = _run(tools[tool], "text", tool, json.dumps(texts).encode())
        if isinstance(done, str):
            missing.append(f"- {tool}: {done}")
            continue
        told = json.loads(done)
        print(row(tool, asked, clean, told["spans"], told["seconds"]))
    payload, count = canary_file(tables.deid.dicom)
    print(f"\n| DICOM | words that come through, of {count} |\n|---|---|")
    safe = pipeline.scrub(payload, settings=settings, tables=tables)
    print(f"| fhir-adapter | {_left(safe)} |")
    for tool in DICOM:
        done = _run(tools[tool], "dicom", tool, payload)
        if isinstance(done, str):
            missing.append(f"- {tool}: {done}")
        else:
            print(f"| {tool} | {_left(done)} |")
    print("\n" + "\n".join(missing) if missing else "")


def _run(python: str, kind: str, tool: str, given: bytes) -> bytes | str:
    """What the tool gives back, or why it gives nothing."""
    if python.startswith("!"):
        return python[1:]
    try:
        done = subprocess.run([python, str(_RUNNER), kind, tool], input=given, capture_output=True, timeout=_WAIT,
                              check=False)
    except subprocess.TimeoutExpired:
        return f"took longer than {_WAIT} seconds"
    return done.stdout if done.returncode == 0 else f"cannot be run: {_last(done.stderr.decode(errors='replace'))}"


def _left(payload: bytes) -> int:
    return len(set(re.findall(rb"QZX[A-Z]{4}", payload)))


if __name__ == "__main__":
    main()
