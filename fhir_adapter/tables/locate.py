"""Where `mappings/`, `hl7/` and `samples/` are."""

from importlib.resources import files
from pathlib import Path

from fhir_adapter.errors import TableError

_NAMES = ("mappings", "hl7", "samples")


def locate(name: str, tables_dir: Path | None = None) -> Path:
    """The folder `mappings`, `hl7` or `samples`.

    Looked for in `tables_dir` if set (then it must be there), else in the copy that the wheel carries
    (`fhir_adapter/data`, see package_dir in setup.cfg), else in the checkout's root. A TableError if nowhere.
    """
    if name not in _NAMES:
        raise ValueError("no such folder of tables")
    package = Path(str(files("fhir_adapter")))
    places = [tables_dir / name] if tables_dir else [package / "data" / name, package.parent / name]
    for place in places:
        if place.is_dir():
            return place
    raise TableError(f"the folder {name}/ is missing; reinstall, or set tables_dir to a folder that holds it")
