"""The calls of the fill director: fills, prints, books and commissions on demand.

Order of work.  Body, then the director; the first that is not right answers. What cannot be done as things stand is 409, with
                the orders that are in the way as `ahead`.
Does not.       Check who asks: the door has. Does not halt symbols: that is a symbol's status.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct, json

from papernet.control import bodies, fill_bodies
from papernet.control.absences import Absences
from papernet.control.bodies import BadBodyError
from papernet.control.calls import Call, Handler
from papernet.control.director import Director
from papernet.control.house import CannotError, House
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, refusal, user
from papernet.core.commands import Command
from papernet.core.enums import Side
from papernet.core.events import Applied
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange


class FillCalls:
    """Directs fills."""

    def __init__(self, exchange: Exchange, submit: Callable[[Command, int], Applied]) -> None:
        """Direct what happens on `exchange` by `submit`."""
        self._exchange: Final = exchange
        self._house: Final = House(exchange, submit)
        self._director: Final = Director(self._house, Absences(exchange))

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        told: tuple[tuple[str, Handler, str, type[Struct]], ...] = (
            ("fill", self.fill, "Fill an order by a quantity or a share of it", fill_bodies.FillBody),
            ("trade-through", self.trade_through, "Trade with everybody up to a price", fill_bodies.TradeThroughBody),
            ("print", self.print, "Let a trade happen at a price", fill_bodies.PrintBody),
            ("quote", self.quote, "Let orders of the house rest on a book", fill_bodies.QuoteBody),
            ("empty", self.empty, "Take everybody but users off a book, or a side of it", fill_bodies.EmptyBody),
            ("widen", self.widen, "Take everybody but users off the middle of a book", fill_bodies.WidenBody),
            ("release", self.release, "Let the simulated market come back to a symbol", fill_bodies.ReleaseBody),
            ("commission", self.commission, "Let an account pay a commission outside of a trade", fill_bodies.PayBody),
        )
        standing = Call(
            method="GET",
            path="/fills",
            handler=self.show,
            summary="Tell where the house quotes and the simulated market stays away",
            answer=list[dict[str, Any]],
        )
        return (
            standing,
            *(
                Call(method="POST", path=f"/fills/{verb}", handler=handler, summary=summary, body=body)
                for verb, handler, summary, body in told
            ),
        )

    def show(self, _request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Tell where the house quotes and the simulated market stays away."""
        return ok(self._director.standing(now))

    def fill(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Fill an order by a quantity or a share of it."""
        body = bodies.decode(request.body, fill_bodies.FillBody)
        which, wish = fill_bodies.which(body), fill_bodies.wish(body)
        charge = fill_bodies.charge(body, self._exchange.venue.rules.discount_asset)
        return self._done(lambda: self._director.fill(which, wish, charge, now))

    def trade_through(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Trade with everybody up to a price."""
        body = bodies.decode(request.body, fill_bodies.TradeThroughBody)
        price = fill_bodies.positive(body.price, "price")
        return self._done(lambda: self._director.trade_through(body.symbol, price, now))

    def print(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Let a trade happen at a price."""
        body = bodies.decode(request.body, fill_bodies.PrintBody)
        price, side = fill_bodies.positive(body.price, "price"), fill_bodies.taker(body.side)
        quantity = None if body.quantity is None else fill_bodies.positive(body.quantity, "quantity")
        director = self._director
        return self._done(lambda: director.print_price(body.symbol, price, quantity, side, now, through=body.through))

    def quote(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Let orders of the house rest on a book, in the place of those that do."""
        body = bodies.decode(request.body, fill_bodies.QuoteBody)
        bids, asks = fill_bodies.levels(body.bids, "bids"), fill_bodies.levels(body.asks, "asks")
        return self._done(lambda: self._director.quote(body.symbol, {Side.BUY: bids, Side.SELL: asks}, now))

    def empty(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Take everybody but users off a book, or a side of it."""
        body = bodies.decode(request.body, fill_bodies.EmptyBody)
        sides, until = fill_bodies.book_sides(body.side), fill_bodies.until(body.span, now)
        return self._done(lambda: self._director.empty(body.symbol, sides, until, now, users=body.users))

    def widen(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Take everybody but users off the middle of a book."""
        body = bodies.decode(request.body, fill_bodies.WidenBody)
        until = fill_bodies.until(body.span, now)
        if body.bid is not None and body.ask is not None:
            prices = fill_bodies.positive(body.bid, "bid"), fill_bodies.positive(body.ask, "ask")
        else:
            prices = None

        def widen() -> dict[str, Any]:
            director, symbol = self._director, body.symbol
            around = fill_bodies.spread(body, 1 if prices is not None else director.middle(symbol))
            if around is None:
                assert prices is not None
                return director.widen(symbol, *prices, until, now)
            bid, ask = around
            return director.widen(
                symbol, director.rounded(symbol, bid, up=False), director.rounded(symbol, ask, up=True), until, now
            )

        return self._done(widen)

    def release(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Let the simulated market come back to a symbol, and take the house's quotes off it."""
        body = bodies.decode(request.body, fill_bodies.ReleaseBody)
        return self._done(lambda: self._director.release(body.symbol, now))

    def commission(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Let an account pay a commission outside of a trade, or be paid one."""
        body = bodies.decode(request.body, fill_bodies.PayBody)
        account = user(self._exchange, body.account)
        if account is None:
            return refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        if body.asset not in self._exchange.assets:
            return refusal(Reject(Reason.UNKNOWN_ASSET))
        quantity = bodies.amount(body.amount, "amount", signed=True)
        if not quantity:
            raise BadBodyError("amount: has to be something")
        if quantity > account.free(body.asset):
            return refusal(Reject(Reason.INSUFFICIENT_BALANCE))

        def pay() -> dict[str, str]:
            self._director.pay(account, body.asset, quantity, now)
            return {"account": account.name, "asset": body.asset, "amount": body.amount}

        return self._done(pay)

    def _done(self, work: Callable[[], dict[str, Any]]) -> ControlResponse:
        try:
            return ok(work(), self._house.last)
        except CannotError as problem:
            ahead = {"ahead": problem.ahead} if problem.ahead else {}
            refused, last = error(problem.status, str(problem)), self._house.last
            # What was done before it turned out that the rest cannot be is durable when the answer leaves.
            body = json.encode({"error": str(problem), **ahead})
            return ControlResponse(refused.status, refused.headers, body, last.seq if last is not None else 0)
