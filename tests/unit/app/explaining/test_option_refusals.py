"""Why the options venue refused an order: bands, lots, limits, margins, the book; what is proposed instead is sent."""

from typing import Any

import pytest
from msgspec import json, to_builtins
from msgspec.structs import replace

from papernet.app.explaining.explainer import Explainer
from papernet.app.explaining.explanation import Explanation, decimal
from papernet.app.request_log import RequestLog
from papernet.core.commands import ConfigureOptions, ConfigureOptionsAccount
from papernet.exchange.option_counts import OptionCounts
from papernet.protocols.rest.options_door import OptionsDoor
from papernet.venues.options.price_band import band
from tests.support.eapi_desk import ALICE, BOB_KEY, MAKER_KEY, EapiDesk, listed_widely
from tests.support.option_market import BTCUSDT, CALL, make_underlying, units


class ExplainedOptions(EapiDesk):
    """The same desk with a log."""

    def __init__(self) -> None:
        super().__init__()
        self.explainer = Explainer(self.exchange)
        self.log = RequestLog(self.exchange.accounts.keys, explain=self.explainer.explain)
        self.door = OptionsDoor(self.service, self.generation, self.kept, self.look, self.log)

    def sent(self, key: str = "a" * 64, **terms: Any) -> Any:
        defaults = {"symbol": CALL, "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "2000"}
        return self.signed("POST", "order", defaults | terms, key=key)

    def refused(self, key: str = "a" * 64, **terms: Any) -> Explanation:
        answer = self.sent(key, **terms)
        assert "code" in answer, answer
        assert self.log.latest is not None
        told = self.log.latest.explanation
        assert told is not None
        return told


@pytest.fixture
def desk() -> ExplainedOptions:
    return ExplainedOptions()


@pytest.mark.parametrize(
    ("terms", "guard", "said"),
    [
        ({"price": "60000"}, "OPTION_PRICE_TOO_HIGH", "highest"),
        ({"price": "2000.3"}, "OPTION_TICK_SIZE", "tick_size"),
        ({"quantity": "0.001"}, "OPTION_QUANTITY_TOO_SMALL", "min_quantity"),
        ({"quantity": "0.015"}, "OPTION_STEP_SIZE", "step_size"),
    ],
)
def test_numbers_tell_their_bounds_and_the_nearest_that_pass(
    desk: ExplainedOptions, terms: dict[str, str], guard: str, said: str
) -> None:
    told = desk.refused(**terms)
    assert told.guard == guard
    assert said in told.numbers
    assert told.nearest is not None
    assert told.nearest | {"price": "2000", "quantity": "1"} != terms
    assert "orderId" in desk.sent(**told.nearest)


def test_the_band_is_that_of_the_venue(desk: ExplainedOptions) -> None:
    _, high = band(desk.exchange.options, desk.exchange.options.markets[CALL])
    told = desk.refused(price="60000")
    assert (told.numbers["highest"], told.numbers["mark_price"], told.nearest) == (
        decimal(high),
        "2000",
        {"price": decimal(high), "quantity": "1"},
    )
    desk.mark(CALL, 40_000, 99)
    low, _ = band(desk.exchange.options, desk.exchange.options.markets[CALL])
    told = desk.refused(side="SELL", price="5")
    assert (told.guard, told.numbers["lowest"]) == ("OPTION_PRICE_TOO_LOW", decimal(low))


def test_premium_and_margin_that_are_not_there(desk: ExplainedOptions) -> None:
    told = desk.refused(quantity="90")
    assert told.guard == "OPTION_BALANCE_INSUFFICIENT"
    assert told.numbers["available"] == "100000"
    assert float(told.numbers["needed"]) > 180_000
    assert told.hints[0].startswith("`papernet accounts transfer alice USDT ")
    assert told.nearest is not None
    assert "orderId" in desk.sent(**told.nearest)
    told = desk.refused(side="SELL", quantity="90")
    assert told.guard == "OPTION_MARGIN_INSUFFICIENT"
    assert "margin" in told.because


def test_what_the_book_forbids(desk: ExplainedOptions) -> None:
    desk.quote(CALL, None, (2000, 2))
    told = desk.refused(postOnly="true", price="2005")
    assert (told.guard, told.numbers["best_ask"], told.numbers["available_within_limit"]) == ("OPTION_WOULD_TAKE", "2000", "2")
    assert told.nearest is not None
    assert float(told.nearest["price"]) < 2000
    assert "orderId" in desk.sent(postOnly="true", **told.nearest)
    told = desk.refused(timeInForce="FOK", quantity="3")
    assert (told.guard, told.nearest) == ("OPTION_CANNOT_FILL", {"price": "2000", "quantity": "2"})


def test_positions_and_what_may_only_reduce(desk: ExplainedOptions) -> None:
    told = desk.refused(key=BOB_KEY, side="SELL")
    assert (told.guard, told.numbers["may_write"]) == ("NO_POSITION_TO_SELL", False)
    told = desk.refused(reduceOnly="true", side="SELL")
    assert (told.guard, told.numbers["can_be_closed"]) == ("REDUCE_ONLY_WOULD_FLIP", "0")
    underlying = listed_widely(make_underlying(BTCUSDT))
    tight = replace(underlying, limits=replace(underlying.limits, position_a_contract=units(5)))
    desk.submit(ConfigureOptions((to_builtins(tight),), units(100_000)))
    told = desk.refused(quantity="7")
    assert (told.guard, told.numbers["limit_a_contract"], told.nearest) == (
        "LONG_POSITION_TOO_LARGE",
        "5",
        {"price": "2000", "quantity": "5"},
    )
    few = replace(underlying, limits=replace(underlying.limits, orders_a_contract=1))
    desk.submit(ConfigureOptions((to_builtins(few),), units(100_000)))
    desk.sent()
    told = desk.refused()
    assert (told.guard, told.numbers["open_on_contract"], told.numbers["limit_a_contract"]) == (
        "TOO_MANY_ORDERS_ON_CONTRACT",
        1,
        1,
    )


def test_what_the_account_may_not(desk: ExplainedOptions) -> None:
    told = desk.refused(isMmp="true")
    assert (told.guard, told.numbers["is_market_maker"]) == ("NOT_A_MARKET_MAKER", False)
    desk.sent(clientOrderId="mine")
    told = desk.refused(clientOrderId="mine")
    assert (told.guard, told.numbers["client_order_id"]) == ("DUPLICATE_OPTION_CLIENT_ORDER_ID", "mine")
    desk.submit(ConfigureOptionsAccount(ALICE, can_trade=False))
    assert desk.refused().guard == "OPTIONS_TRADING_DISABLED"
    assert desk.sent(key=MAKER_KEY)["symbol"] == CALL


def test_too_many_orders_tell_the_windows(desk: ExplainedOptions) -> None:
    for _ in range(300):
        desk.exchange.option_counts.setdefault(ALICE, OptionCounts()).count(desk.now)
    told = desk.refused()
    assert told.guard == "TOO_MANY_OPTION_ORDERS"
    assert told.numbers == {"orders_10s": 300, "orders_1m": 300, "limit": 300, "interval": "10 SECOND"}


def test_each_order_of_several_is_explained_by_itself(desk: ExplainedOptions) -> None:
    good = {"symbol": CALL, "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "2000"}
    orders = json.encode([good, good | {"price": "60000"}, good | {"quantity": "0.015"}]).decode()
    answers = desk.signed("POST", "batchOrders", {"orders": orders})
    assert [("code" in each) for each in answers] == [False, True, True]
    assert desk.log.latest is not None
    told = desk.log.latest.explanation
    assert told is not None
    assert (told.guard, [part.guard for part in told.parts]) == ("SEVERAL", ["OPTION_PRICE_TOO_HIGH", "OPTION_STEP_SIZE"])


def test_parameters_of_options_tell_their_bounds(desk: ExplainedOptions) -> None:
    desk.get("trades", f"symbol={CALL}&limit=9999")
    assert desk.log.latest is not None
    told = desk.log.latest.explanation
    assert told is not None
    assert (told.guard, told.numbers["parameter"], told.numbers["sent"]) == ("BAD_LIMIT", "limit", "9999")
    assert told.numbers["maximum"] < 9999
