"""Nodes for tests, fast: what an exchange opens with is worked out once for each choice of options, and kept as a state.

Order of work.  For the first node with certain options an exchange is opened, and its state is the template; that node and each
                after it begin with the state, as a fork does.
Invariant.      A template is bytes: nothing that happens to a node reaches it.
Does not.       Keep templates beyond the process.
"""

import asyncio
import socket
from typing import Final

from msgspec import Struct

from papernet.servers.config import Catalogue, load_catalogue, packaged_catalogue
from papernet.servers.node import Node, Options
from papernet.servers.states import SavedState
from papernet.servers.transport import bind


class Template(Struct, frozen=True):
    """What nodes with the same options begin with."""

    catalogue: Catalogue
    state: SavedState


class Templates:
    """The templates of an event loop, made at first use."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: Final[dict[Options, Template]] = {}
        self._making: Final = asyncio.Lock()

    async def open_node(self, options: Options, listener: socket.socket) -> Node:
        """Return a node with these options that answers at a socket."""
        async with self._making:
            template = self._made.get(options)
            if template is None:
                template = self._made[options] = await _make(options)
        return await _started(Node(options, template.catalogue, listener, asyncio.Event(), origin=template.state))


async def close_node(node: Node, listener: socket.socket) -> None:
    """Stop a node and let go of its socket."""
    try:
        await node.stop()
    finally:
        listener.close()


async def _make(options: Options) -> Template:
    """Open an exchange, and end it."""
    catalogue = packaged_catalogue() if options.symbols is None else load_catalogue(options.symbols)
    with bind(options.host, options.port) as listener:
        node = await _started(Node(options, catalogue, listener, asyncio.Event()))
        try:
            return Template(catalogue, await node.capture())
        finally:
            await node.stop()


async def _started(node: Node) -> Node:
    try:
        await node.start()
    except BaseException:
        await node.stop()
        raise
    return node
