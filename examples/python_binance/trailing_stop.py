"""A stop that is moved up behind the price, with python-binance: prices come over a stream, orders go over REST."""

from decimal import ROUND_DOWN, Decimal

from binance import AsyncClient
from binance.exceptions import BinanceAPIException

_CENT = Decimal("0.01")


class TrailingStop:
    """Sells a position once the price has fallen by a share of its highest."""

    def __init__(self, client: AsyncClient, symbol: str, quantity: Decimal, share: Decimal) -> None:
        """Guard `quantity` of a symbol."""
        self.client, self.symbol, self.quantity, self.share = client, symbol, quantity, share
        self.highest = Decimal(0)
        self.order_id: int | None = None
        self.is_over = False

    async def on_trade(self, message: dict) -> None:
        """Move the stop up when the price is higher than ever."""
        price = Decimal(message["p"])
        if self.is_over or price <= self.highest:
            return
        self.highest = price
        stop = (price * (1 - self.share)).quantize(_CENT, ROUND_DOWN)
        if self.order_id is None or await self.cancel():
            order = await self.client.create_order(
                symbol=self.symbol, side="SELL", type="STOP_LOSS", quantity=f"{self.quantity}", stopPrice=f"{stop}"
            )
            self.order_id = order["orderId"]

    async def cancel(self) -> bool:
        """Take the stop back; one that is gone has triggered, and then there is nothing left to guard."""
        try:
            await self.client.cancel_order(symbol=self.symbol, orderId=self.order_id)
        except BinanceAPIException as error:
            if error.code != -2011:
                raise
            self.is_over = True
            return False
        return True


async def guard(stream, stop: TrailingStop, trades: int) -> None:
    """Listen to so many trades; python-binance connects again by itself when a socket breaks off."""
    for _ in range(trades):
        message = await stream.recv()
        if message["e"] == "trade":
            await stop.on_trade(message)
