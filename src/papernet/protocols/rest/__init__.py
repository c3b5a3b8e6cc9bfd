"""The REST protocol: requests in, responses out, no sockets."""

from papernet.protocols.rest.request import Request, Response

__all__ = ["Request", "Response"]
