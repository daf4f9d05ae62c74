"""hl7apy as the referee of our splitter: both must see the same fields."""

import pytest

from fhir_adapter import readers
from fhir_adapter.errors import MessageError
from fhir_adapter.readers.hl7v2.reader import opened
from tests.golden.twins import SAMPLES

hl7apy = pytest.importorskip("hl7apy.parser")


def differences(payload: bytes, settings) -> list[str]:
    """Places (never values) where hl7apy and our splitter disagree."""
    from hl7apy.consts import VALIDATION_LEVEL

    ours = opened(payload, settings)
    raw = "\r".join(segment.encode() for segment in ours.segments)
    theirs = hl7apy.parse_message(raw, find_groups=False, validation_level=VALIDATION_LEVEL.TOLERANT)
    found = []
    for segment, other in zip(ours.segments, theirs.children, strict=True):
        if segment.name != other.name:
            found.append(f"{segment.name} is {other.name}")
            continue
        for field, repetitions in _fields(other).items():
            if segment.name == "MSH" and field <= 2:
                continue
            mine = [_plain(r, ours) for r in segment.repetitions(field)]
            if list(filter(None, mine)) != list(filter(None, (_plain(r, ours) for r in repetitions))):
                found.append(segment.place(field))
    return found


def _fields(segment) -> dict[int, list[str]]:
    """The referee's fields by number; those beyond its tables have no number and are left out."""
    out: dict[int, list[str]] = {}
    for child in segment.children:
        number = str(child.name or "").rpartition("_")[2]
        if number.isdigit():
            out.setdefault(int(number), []).append(child.to_er7())
    return out


def _plain(repetition: str, message) -> list[str]:
    """The components that say something, in order.

    hl7apy writes escape characters escaped once more, numbers without leading zeros, and drops one of several empty
    components in a row, so these are made alike on both sides.
    """
    marks = message.delimiters
    once = repetition.replace(f"{marks.escape}E{marks.escape}", marks.escape)
    parts = [part.rstrip(marks.subcomponent).strip() for part in once.split(marks.component)]
    return [part.lstrip("0") if part.isdigit() else part for part in parts if part]


def judged(payload: bytes, settings) -> list[str]:
    """The differences, or none for what our splitter refuses or hl7apy does not read at all."""
    from hl7apy.exceptions import HL7apyException

    try:
        return differences(payload, settings)
    except (MessageError, HL7apyException):
        return []


@pytest.mark.parametrize("sample", sorted((SAMPLES / "hl7v2").iterdir()), ids=lambda p: p.stem)
def test_samples_are_split_as_the_referee_splits_them(sample, settings):
    """Both see the same segments and fields in every shipped message."""
    assert [judged(m, settings) for m in readers.split(sample.read_bytes())] == [
        [] for _ in readers.split(sample.read_bytes())]


def test_messages_of_others_are_split_as_the_referee_splits_them(shared_data, settings):
    """Both see the same segments and fields in every message of the reference data."""
    wrong = {}
    for file in sorted((shared_data / "hl7v2").iterdir()):
        if file.suffix == ".csv":
            continue
        for number, message in enumerate(readers.split(file.read_bytes())):
            if found := judged(message, settings):
                wrong[f"{file.name}:{number}"] = found
    assert wrong == {}
