"""papernet's own control plane, sans-I/O: accounts, keys, what each may do, what each symbol and the venue offers, resets."""

from papernet.control.door import ControlDoor
from papernet.control.messages import ControlRequest, ControlResponse

__all__ = ["ControlDoor", "ControlRequest", "ControlResponse"]
