"""
Measure the engine on our own gold: python -m tests.eval.gold [dev|fresh|frozen|rare|styles] [--errors and others].

Nothing but `fhir-adapter evaluate`. Nobody who writes rules may see the errors of `frozen` and `rare`.
"""

import sys
from pathlib import Path

from fhir_adapter.cli.main import cli
from tests.gold.__main__ import PARTS

GOLD = Path(__file__).parent.parent / "gold"


def main(arguments: list[str]) -> None:
    """Print the tables."""
    part = arguments.pop(0) if arguments and arguments[0] in PARTS else "dev"
    cli(["evaluate", str(GOLD / part / "reports.jsonl"), *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
