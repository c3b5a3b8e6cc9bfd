"""A bare broadcast by the `websockets` library, the yardstick of bench (g): `python -m bench.bare` prints its port.

What comes in over /publish goes out to everybody else, by the library's own `broadcast`, without compression and on the same
event loop as papernet's. The publisher is told when, as an exchange tells when it matched.
"""

import asyncio
import gc
import signal
import time
from contextlib import suppress
from typing import Final

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosedError

PUBLISH_PATH: Final = "/publish"


async def _serve() -> None:
    readers: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.path != PUBLISH_PATH:
            readers.add(connection)
            await connection.wait_closed()
            readers.discard(connection)
            return
        # The publisher hangs up without ceremony.
        with suppress(ConnectionClosedError):
            async for message in connection:
                at = time.time_ns() // 1000
                broadcast(readers, message)
                await connection.send(f'{{"transactTime":{at}}}')

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=2048) as server:
        gc.freeze()
        gc.disable()
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await stop.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
