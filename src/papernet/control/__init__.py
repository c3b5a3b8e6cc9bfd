"""papernet's own control plane: accounts, keys, balances, commissions and resets, sans-I/O."""

from papernet.control.door import ControlDoor, ControlRequest, ControlResponse

__all__ = ["ControlDoor", "ControlRequest", "ControlResponse"]
