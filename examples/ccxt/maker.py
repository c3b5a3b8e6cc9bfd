"""A bot that keeps one order on each side of the book, with ccxt.

It learns what happened from queries alone: an order that is gone is looked up, and counted with what it got.
"""

from dataclasses import dataclass, field

import ccxt


@dataclass
class Maker:
    """Buys below the middle and sells above it, by one amount each."""

    exchange: ccxt.binance
    symbol: str
    amount: float
    half_spread: float
    position: float = 0.0
    orders: dict[str, str] = field(default_factory=dict)
    names: int = 0

    def run_once(self, middle: float) -> None:
        """Look what happened, and put back what is missing."""
        prices = {"buy": middle - self.half_spread, "sell": middle + self.half_spread}
        for side, price in prices.items():
            name = self.orders.get(side)
            if name is not None and self.is_over(side, name):
                del self.orders[side]
            if side not in self.orders:
                self.place(side, price)

    def is_over(self, side: str, name: str) -> bool:
        """Look an order up by its own name; one that ended is counted, one that never arrived counts nothing."""
        try:
            order = self.exchange.fetch_order(None, self.symbol, {"origClientOrderId": name})
        except ccxt.OrderNotFound:
            return True
        if order["status"] == "open":
            return False
        self.position += order["filled"] if side == "buy" else -order["filled"]
        return True

    def place(self, side: str, price: float) -> None:
        """Place an order under a name of its own; where its fate is unknown, the next look finds out."""
        self.names += 1
        name = self.orders[side] = f"maker-{side}-{self.names}"
        try:
            self.exchange.create_order(
                self.symbol, "limit", side, self.amount, price, {"clientOrderId": name, "postOnly": True}
            )
        except ccxt.OperationFailed:
            return
        except ccxt.OrderImmediatelyFillable:
            del self.orders[side]

    def stop(self) -> None:
        """Take every order off the book, and count what they got."""
        self.exchange.cancel_all_orders(self.symbol)
        for side, name in list(self.orders.items()):
            self.is_over(side, name)
        self.orders.clear()
