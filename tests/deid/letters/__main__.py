"""Write the texts as JSON lines: python -m tests.deid.letters FILE."""

import json
import sys
from pathlib import Path

from tests.deid.letters import records

if __name__ == "__main__":
    Path(sys.argv[1]).write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records()), encoding="utf-8")
