"""A reset is seen as one, and what was written before arrives."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from papernet.servers.breaking import reset
from papernet.servers.transport import bind


class Peer(asyncio.Protocol):
    """Says half a word and breaks off."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.write(b"half a")
        reset(transport)
        reset(transport)


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_what_was_written_arrives_and_then_the_reset(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def story() -> None:
        listener = bind("127.0.0.1", 0)
        server = await asyncio.get_running_loop().create_server(Peer, sock=listener)
        reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        assert await reader.readexactly(6) == b"half a"
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        server.close()

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(story())
