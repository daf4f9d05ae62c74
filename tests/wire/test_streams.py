"""The messages of a stream, whatever its length and however it is cut into reads."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.wire.streams import Piece, messages

ONE, TWO = b"MSH|^~\\&|A\rPID|1\rOBX|1|TX|||x\r", b"MSH|^~\\&|B\rPID|2\r"


class Slow(io.BytesIO):
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self._size, size) if size and size > 0 else self._size)


def found(data: bytes, *, limit: int = 10_000, lines: bool | None = None) -> list[tuple[bytes, bool]]:
    return [(one.payload, one.whole) for one in messages(io.BytesIO(data), limit=limit, lines=lines)]


@pytest.mark.parametrize("data", [
    ONE + TWO, b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r", (ONE + TWO).replace(b"\r", b"\r\n"),
    (ONE + TWO).replace(b"\r", b"\n"), b"FHS|^~\\&|\rBHS|^~\\&|\r" + ONE + TWO + b"BTS|2\rFTS|1\r",
    b"\xef\xbb\xbf" + ONE + b"\r\n\r\n" + TWO], ids=["plain", "mllp", "crlf", "lf", "batch", "bom and blanks"])
def test_hl7_messages_follow_each_other(data):
    """With any line end, with MLLP framing or in a batch: the messages alone, ended as they should be."""
    assert found(data) == [(ONE, True), (TWO, True)]


@pytest.mark.parametrize(("data", "objects"), [
    (b'{"a": 1}\n{"b": 2}\n', [b'{"a": 1}', b'{"b": 2}']),
    (b'{"a": 1}\r\n\r\n{"b": 2}', [b'{"a": 1}', b'{"b": 2}']),
    (b'{\n "a": 1\n}\n', [b'{\n "a": 1\n}\n']),
    (b'{"a": 1}', [b'{"a": 1}']),
    (b'{"a":\n1}', [b'{"a":\n1}']),
    (b'{"a": "' + b"x" * 9000 + b'"}\n{"b": 2}\n', [b'{"a": "' + b"x" * 9000 + b'"}', b'{"b": 2}']),
], ids=["lines", "blank lines", "indented", "one", "one over two lines", "long lines"])
def test_json_is_one_object_a_line_or_one_object(data, objects):
    """What the beginning looks like decides."""
    assert found(data) == [(one, True) for one in objects]


def test_the_ending_of_a_name_may_decide():
    """A broken first line of an NDJSON file costs that line only."""
    assert found(b'{"a": \n{"b": 2}\n', lines=True) == [(b'{"a":', True), (b'{"b": 2}', True)]


@pytest.mark.parametrize(("data", "wholes"), [
    (ONE.replace(b"x", b"x" * 5000) + TWO, [False, True]),
    (ONE + b"OBX|2|TX|||y\r" * 400 + TWO, [False, True]),
    (b'{"a": "' + b"x" * 9000 + b'"}\n{"b": 2}\n', [False, True]),
    (b"x" * 3000, [False])], ids=["segment", "segments", "line", "other"])
def test_what_is_too_long_is_cut_and_the_next_is_whole(data, wholes):
    """No message is held that is longer than the limit."""
    pieces = found(data, limit=1000)
    assert ([whole for _, whole in pieces], max(len(one) for one, _ in pieces) <= 1001) == (wholes, True)


@pytest.mark.parametrize("data", [b"", b"\r\n \n", b"\x0b\x1c\r"])
def test_nothing_is_nothing(data):
    """A blank stream has no message."""
    assert found(data) == []


@given(size=st.integers(1, 64), count=st.integers(1, 40), batch=st.booleans())
def test_where_reads_end_does_not_matter(size, count, batch):
    """However the stream is cut, the messages are the same."""
    every = [b"MSH|^~\\&|%d\rPID|%d\r" % (n, n) for n in range(count)]
    data = b"".join((b"BHS|^~\\&|\r" if batch else b"", *every))
    assert list(messages(Slow(data, size), limit=1000)) == [Piece(one) for one in every]
