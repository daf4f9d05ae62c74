"""
Measure the engine against the gold reports: python -m tests.eval.gold [dev|frozen] [--errors] [options of evaluate].

Nothing but `fhir-adapter evaluate` on our own gold. Nobody who writes rules may see the errors of the frozen half.
"""

import sys
from pathlib import Path

from fhir_adapter.cli.main import cli

GOLD = Path(__file__).parent.parent / "gold"


def main(arguments: list[str]) -> None:
    """Print the tables."""
    half = arguments.pop(0) if arguments and arguments[0] in ("dev", "frozen") else "dev"
    cli(["evaluate", str(GOLD / half / "reports.jsonl"), *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
