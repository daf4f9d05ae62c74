"""Write the generated pages of docs/reference/ anew: python -m tests.docs --write."""

import sys

from tests.docs.reference import pages


def main() -> int:
    """Say which pages differ from the code; 1 if one does and it was not written."""
    write, stale = "--write" in sys.argv[1:], 0
    for path, text in pages():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(path.name)
        if write:
            path.write_text(text, encoding="utf-8")
    return 0 if write or not stale else 1


if __name__ == "__main__":
    sys.exit(main())
