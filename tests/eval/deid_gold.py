"""Score de-identification on a gold file: python -m tests.eval.deid_gold FILE. Prints JSON."""

import json
import sys
from pathlib import Path

from fhir_adapter import tables as tables_module
from fhir_adapter.service.evaluate_deid import evaluate


def main() -> None:
    """Read, score, print."""
    score = evaluate(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines(), tables_module.load().deid)
    print(json.dumps(score.as_json(), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
