"""Frames are found however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter.wire.mllp import HEAD, Deframer, Frame, frame

A, B = b"MSH|^~\\&|A\rPID|1\r", b"MSH|^~\\&|B\r"


def fed(*reads: bytes, limit: int = 1000) -> list[Frame]:
    deframer = Deframer(limit)
    return [frame for read in reads for frame in deframer.feed(read)]


@pytest.mark.parametrize(("reads", "messages"), [
    pytest.param([frame(A)], [A], id="one frame in one read"),
    pytest.param([frame(A) + frame(B)], [A, B], id="two frames in one read"),
    pytest.param([frame(A)[:5], frame(A)[5:]], [A], id="one frame over two reads"),
    pytest.param([frame(A)[:-1], frame(A)[-1:]], [A], id="cut between 1C and 0D"),
    pytest.param([b"\n  noise" + frame(A) + b"\r\n\r\n" + frame(B)], [A, B], id="bytes between frames"),
    pytest.param([b"\x0b" + frame(A)], [A], id="a second 0B"),
    pytest.param([b"\x0b" + A + b"\x1c" + frame(B)], [A, B], id="a missing last 0D before the next frame"),
    pytest.param([b"\x0b" + A[:12] + frame(B)], [B], id="a frame broken off and begun anew"),
    pytest.param([frame(b"MSH|a\x1cb\x0bc\r")], [b"MSH|a\x1cb\x0bc\r"], id="1C and 0B inside a text"),
    pytest.param([frame(b"") + frame(b"\r\n") + frame(A)], [A], id="empty frames"),
])
def test_frames_are_found(reads, messages):
    """Each way in which real senders cut their bytes gives the messages that they meant."""
    assert fed(*reads) == [Frame(message) for message in messages]


@given(st.lists(st.binary(min_size=1, max_size=40).filter(lambda m: not set(m) & {0x0B, 0x1C} and m.strip(b"\r\n ")),
                max_size=6), st.data())
def test_any_cut_gives_the_same_frames(messages, data):
    """Wherever a stream is cut into reads, the same messages come out in the same order."""
    stream = b"".join(map(frame, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    reads = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert fed(*reads) == [Frame(message) for message in messages]


def test_an_oversized_frame_gives_its_head_and_the_next_frame_still_comes():
    """A message over the limit is told by its first 64 KiB; the connection goes on with the next."""
    big = b"MSH|^~\\&|BIG\r" + b"x" * 300_000
    stream = frame(big) + frame(A)
    reads = [stream[i : i + 4096] for i in range(0, len(stream), 4096)]
    assert fed(*reads, limit=100_000) == [Frame(big[:HEAD], whole=False), Frame(A)]


def test_an_endless_frame_takes_no_memory():
    """However much is sent without an end, no more than the limit and one read is kept."""
    deframer = Deframer(10_000)
    deframer.feed(b"\x0bMSH|")
    for _ in range(1000):
        deframer.feed(b"x" * 4096)
    assert len(deframer._buffer) <= 10_000 + 4096


def test_a_last_0d_that_never_comes_is_not_waited_for():
    """After 1C and silence the frame can be had by `flush`; without 1C there is nothing to be had."""
    deframer = Deframer(1000)
    deframer.feed(b"\x0b" + A + b"\x1c")
    assert (deframer.perhaps_done, deframer.flush(), deframer.inside) == (True, [Frame(A)], False)
    deframer.feed(b"\x0b" + A)
    assert (deframer.perhaps_done, deframer.flush()) == (False, [])
