"""Frames as the library reads them back."""

import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol, Side

from papernet.protocols.websocket.frames import close_frame, ping_frame, text_frame


def read_back(data: bytes) -> Frame:
    """Return the only frame in `data`, as a client reads it."""
    client = Protocol(Side.CLIENT, max_size=None)
    client.receive_data(data)
    (frame,) = client.events_received()
    assert isinstance(frame, Frame)
    return frame


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 100_000])
def test_a_text_of_any_length_is_read_back(size: int) -> None:
    payload = b"x" * size
    assert read_back(text_frame(payload)) == Frame(Opcode.TEXT, payload)
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


def test_control_frames_are_read_back() -> None:
    assert read_back(ping_frame(b"1700000000000")) == Frame(Opcode.PING, b"1700000000000")
    assert Close.parse(read_back(close_frame(1008, "Pong timeout")).data) == Close(1008, "Pong timeout")


@pytest.mark.parametrize(("reason", "kept"), [("r" * 123, 123), ("r" * 124, 123), ("é" * 100, 61), ("😀" * 50, 30)])
def test_a_long_reason_is_cut_between_characters(reason: str, kept: int) -> None:
    close = Close.parse(read_back(close_frame(1000, reason)).data)
    assert close.reason == reason[:kept]
