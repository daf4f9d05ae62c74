"""Show what changed in the samples' expected twins; with --write, take it over."""

import difflib
import sys

from tests.golden.twins import ROOT, twins


def main() -> int:
    """Print the diff; 1 if there is one and it was not written."""
    write, changed = "--write" in sys.argv[1:], 0
    for path, now in twins():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before == now:
            continue
        changed += 1
        name = str(path.relative_to(ROOT))
        sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), now.splitlines(True), name, name))
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(now, encoding="utf-8")
    print(f"{changed} changed", file=sys.stderr)
    return 0 if write or not changed else 1


if __name__ == "__main__":
    sys.exit(main())
