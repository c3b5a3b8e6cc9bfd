"""A node as `papernet up` builds it, in memory and not started: for tests of what its doors offer."""

import asyncio
import socket

from papernet.control.calls import Call
from papernet.servers.config import packaged_catalogue
from papernet.servers.node import Node, Options


def unstarted_node(options: Options | None = None) -> Node:
    """Return a node whose doors are built, with nobody behind its socket; wants a running loop."""
    listener = socket.socket()
    try:
        listener.bind(("127.0.0.1", 0))
        return Node(options or Options(port=0, tls_port=None, market="none"), packaged_catalogue(), listener, asyncio.Event())
    finally:
        listener.close()


def control_calls() -> tuple[Call, ...]:
    """Return every call of the control plane."""

    async def build() -> tuple[Call, ...]:
        return unstarted_node()._doors.control.calls.rows

    return asyncio.run(build())
