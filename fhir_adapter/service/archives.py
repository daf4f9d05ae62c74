"""The files of a folder and the members of its zip archives, in a fixed order, opened one at a time."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue

_LINES = (".ndjson", ".jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file, or one member of an archive; `size` is what it takes on disk, for a progress bar."""

    name: str
    path: Path
    inside: str | None
    size: int

    @property
    def digest(self) -> str:
        """What it is known by; its name may be a person's."""
        return sha256(self.name.encode()).hexdigest()

    @property
    def lines(self) -> bool | None:
        """Whether its ending says that it is one object a line."""
        return True if self.name.lower().endswith(_LINES) else None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Its bytes; UnreadableMessage (NET-605) where there are none to be had."""
        try:
            if self.inside is None:
                with self.path.open("rb") as stream:
                    yield stream
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(self.inside) as member:
                yield cast("BinaryIO", member)
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, KeyError):
            # A damaged or encrypted archive may fail at its first byte or at any later one.
            raise UnreadableMessage(Issue.at("NET-605")) from None


def members(root: Path) -> Iterator[Member]:
    """All files below a folder, or the file itself, by name; what cannot be listed is a member that cannot be opened.

    Links are not followed, so that a folder that links to its parent ends.
    """
    if not root.is_dir():
        yield from _file(root, root.name)
        return
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if not path.is_symlink():
                yield from _file(path, path.relative_to(root).as_posix())


def _file(path: Path, name: str) -> Iterator[Member]:
    size = path.stat().st_size if path.exists() else 0
    if not name.lower().endswith(".zip"):
        yield Member(name=name, path=path, inside=None, size=size)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inner = [one for one in archive.infolist() if not one.is_dir()]
    except (OSError, zipfile.BadZipFile):
        yield Member(name=name, path=path, inside="", size=size)  # which cannot be opened, and is told as such
        return
    for one in inner:
        yield Member(name=f"{name}!{one.filename}", path=path, inside=one.filename, size=one.compress_size)
