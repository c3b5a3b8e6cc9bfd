"""Frames as the library reads them back."""

import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol, Side

from papernet.protocols.websocket.frames import close_frame, ping_frame, size_of, text_frame, whole_text


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


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535])
def test_a_whole_text_of_a_client_is_read_at_once(size: int) -> None:
    payload = bytes(number % 251 for number in range(size))
    assert whole_text(Frame(Opcode.TEXT, payload).serialize(mask=True), 65_535) == payload


HALLO = Frame(Opcode.TEXT, b"hallo").serialize(mask=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HALLO[:1],
        HALLO[:-1],
        HALLO + b"\x81",
        HALLO + HALLO,
        Frame(Opcode.TEXT, b"hallo").serialize(mask=False),
        Frame(Opcode.TEXT, b"hallo", fin=False).serialize(mask=True),
        b"\xc1" + HALLO[1:],
        Frame(Opcode.CONT, b"hallo").serialize(mask=True),
        Frame(Opcode.BINARY, b"hallo").serialize(mask=True),
        Frame(Opcode.PING, b"hallo").serialize(mask=True),
        Frame(Opcode.CLOSE, b"").serialize(mask=True),
        Frame(Opcode.TEXT, b"x" * 101).serialize(mask=True),
        Frame(Opcode.TEXT, b"x" * 70_000).serialize(mask=True),
        # a length in eight bytes: as much of it as would be whole if it were the length, and a text that needs no such length
        (b"\x81\xff" + (70_000).to_bytes(8, "big") + b"mask" + b"x" * 70_000)[:133],
        b"\x81\xff" + (119).to_bytes(8, "big") + b"mask" + b"x" * 119,
    ],
    # Masks are drawn, and names must not be.
    ids=(f"bytes{number}" for number in range(16)),
)
def test_everything_else_is_left_to_the_library(data: bytes) -> None:
    assert whole_text(data, 100 if len(data) < 133 else 200) is None


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_had_as_many_bytes_as_a_client_sends(size: int) -> None:
    frame = Frame(Opcode.TEXT, b"x" * size)
    assert size_of(frame) == len(frame.serialize(mask=True))
