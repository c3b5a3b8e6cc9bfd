"""`PapernetServer`: a network in this process, on a free port, from its start to its end.

Order of work.  A listening socket, a node behind it in the background's event loop, an object in front of it.
Invariant.      Networks share nothing but the thread they live in. A network answers when `start` returns, and no more when
                `stop` has. One that broke says so at its end.
Does not.       Keep anything on disk, open TLS, or change the process: no signals, no environment.
"""

import asyncio
import socket
from functools import partial
from typing import Final, Unpack

from papernet.servers.control_client import ControlError
from papernet.servers.node import Node
from papernet.servers.transport import bind
from papernet.testing.asking import Application, AskWithin
from papernet.testing.background import background
from papernet.testing.network import Network
from papernet.testing.settings import Settings, node_options
from papernet.testing.templates import close_node


class PapernetServer:
    """A test network in this process: `with PapernetServer() as papernet`, or `start` and `stop`."""

    def __init__(self, **settings: Unpack[Settings]) -> None:
        """Prepare a network; nothing runs yet."""
        self._options: Final = node_options(settings)
        self._held: Final = settings.get("held", False)
        self._running: tuple[Node, socket.socket] | None = None

    def start(self) -> Network:
        """Start the network and return it."""
        if self._running is not None:
            raise RuntimeError("this network has been started already")
        loop, listener = background(), bind(self._options.host, self._options.port)
        try:
            node = loop.run(loop.templates.open_node(self._options, listener))
        except BaseException:
            listener.close()
            raise
        self._running = node, listener
        network = Network(node.url, node.token, AskWithin(loop, partial(self._application, node), node.url, node.token))
        if self._held:
            network.clock.hold()
        return network

    def stop(self, *, wait: bool = True) -> None:
        """Stop the network, and wait until it has ended unless told otherwise; a second time is no harm.

        Raises RuntimeError when the network had ended by itself, by an error of its own.
        """
        if self._running is None:
            return
        (node, listener), self._running = self._running, None
        background().finish(close_node(node, listener))
        if wait:
            background().settle()
        if node.failure is not None:
            raise RuntimeError(f"the network ended by itself: {node.failure}")

    def __enter__(self) -> Network:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    async def __aenter__(self) -> Network:
        """Start, without holding up the event loop of whoever asks."""
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await asyncio.to_thread(self.stop)

    def _application(self, node: Node) -> Application:
        if self._running is None or self._running[0] is not node:
            raise ControlError("this network has been stopped")
        return node.application
