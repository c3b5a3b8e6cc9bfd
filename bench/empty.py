"""The same server with an empty handler, the yardstick of bench (b): it reads the request and answers 350 bytes of JSON.

Its WebSockets have one door, that of `bench.echo`. `python -m bench.empty` prints its port.
"""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, cast

import uvloop

from bench.echo import echo_door
from papernet.app.rate_limits import RateLimits
from papernet.servers import clock
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.http import HttpApplication
from papernet.servers.transport import HttpServer, bind
from papernet.servers.websocket import WebSocketHub

_BODY: Final = b'{"answer":"' + b"x" * 338 + b'"}'
_HEADERS: Final = [(b"content-type", b"application/json;charset=UTF-8"), (b"content-length", str(len(_BODY)).encode())]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer every request alike."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


async def _serve() -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    hosts = HostPolicy(LOOPBACK_NAMES, port)
    hub = WebSocketHub([echo_door()], hosts=hosts, limits=RateLimits(enabled=False), clock=clock.now)
    server = HttpServer(cast("HttpApplication", application), listener, hub=hub)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await server.start()
    gc.freeze()
    gc.disable()
    print(port, flush=True)
    await stop.wait()
    await server.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
