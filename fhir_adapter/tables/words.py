"""The word lists of mappings/deid: compressed, one folded word a line; a list has no columns and so no schema."""

import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.errors import TableError
from fhir_adapter.tables.load import rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WordLists:
    """What a word may be, by the lists; all folded."""

    ordinary: frozenset[str]
    given: frozenset[str]
    family: frozenset[str]
    census_given: frozenset[str]
    """Given names frequent enough to be a name without a family name beside them."""
    census_family: frozenset[str]
    places: frozenset[str]
    """Towns; of several words, with blanks."""
    eponyms: frozenset[str]
    institutions: tuple[str, ...]
    nicknames: Mapping[str, tuple[str, ...]]
    """By given name, its short forms."""


def load(folder: Path) -> WordLists:
    """Load the lists, or raise a TableError that names the file."""
    return WordLists(
        ordinary=_words(folder / "ordinary_words.txt.xz"),
        given=_words(folder / "given_names.txt.xz"),
        family=_words(folder / "family_names.txt.xz"),
        census_given=_words(folder / "census_given.txt.xz"),
        census_family=_words(folder / "census_family.txt.xz"),
        places=_words(folder / "places.txt.xz"),
        eponyms=frozenset(row["word"] for row in rows(folder / "eponyms.csv")),
        institutions=tuple(row["name"] for row in rows(folder / "institutions.csv")),
        nicknames=MappingProxyType({row["given"]: tuple(row["short"].split())
                                    for row in rows(folder / "nicknames.csv")}),
    )


def _words(path: Path) -> frozenset[str]:
    try:
        text = lzma.decompress(path.read_bytes()).decode("utf-8")
    except (OSError, lzma.LZMAError, UnicodeDecodeError):
        raise TableError(f"{path.name}: cannot be read as compressed words") from None
    if text != text.lower() or "\n\n" in text:
        raise TableError(f"{path.name}: a word is not folded or a line is empty")
    return frozenset(text.split("\n"))
