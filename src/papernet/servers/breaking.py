"""Connections that end in no good way.

Order of work.  What was written in this turn of the event loop leaves first, as far as the system takes it; then the socket
                is closed in such a way that the system sends a reset (RST) instead of an orderly end (FIN).
Does not.       Wait for a reader.
"""

import asyncio
import socket
import struct
from typing import Final

# on, for no time at all: closing discards what is unsent and resets
_NO_LINGER: Final = struct.pack("ii", 1, 0)


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection behind what was written to it in this turn of the event loop."""
    # uvloop writes at the end of the turn.
    asyncio.get_running_loop().call_soon(_reset, transport)


def _reset(transport: asyncio.Transport) -> None:
    wire = transport.get_extra_info("socket")
    if wire is not None and not transport.is_closing():
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
