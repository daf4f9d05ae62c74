"""Score de-identification on a gold file: python -m tests.eval.deid_gold FILE. Prints JSON with the words of errors."""

import sys

from fhir_adapter.cli.main import cli

if __name__ == "__main__":
    cli(["evaluate", "--deid", "--errors", "--format", "json", *sys.argv[1:]])
