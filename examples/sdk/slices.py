"""An order worked in slices, with the official SDK.

Each slice has a name of its own, so that one whose fate is unknown can be looked up instead of being sent again.
"""

from binance_common.errors import BadRequestError, ServerError
from binance_sdk_spot.spot import Spot


class Slices:
    """Buys an amount in slices at one price, and takes back what a slice did not get."""

    def __init__(self, client: Spot, symbol: str, price: float) -> None:
        """Buy a symbol at a price."""
        self.api, self.symbol, self.price = client.rest_api, symbol, price
        self.bought = 0.0

    def work(self, name: str, quantity: float) -> float:
        """Buy one slice, immediately or not at all, and return what it got."""
        try:
            order = self.api.new_order(
                symbol=self.symbol,
                side="BUY",
                type="LIMIT",
                time_in_force="IOC",
                quantity=quantity,
                price=self.price,
                new_client_order_id=name,
            ).data()
        except ServerError:
            order = self.look_up(name)
        got = 0.0 if order is None else float(order.executed_qty)
        self.bought += got
        return got

    def look_up(self, name: str):
        """Return an order by its name; None when it never arrived."""
        try:
            return self.api.get_order(symbol=self.symbol, orig_client_order_id=name).data()
        except BadRequestError:
            return None
