"""The fill director: what happens is what was asked for, and everything adds up whatever it is asked for."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from papernet.core.commands import Entry, NewOrder, NewOrderList, SetReferencePrice, SetSymbolStatus
from papernet.core.enums import ListKind, OrderStatus, OrderType, Side, SymbolStatus, TimeInForce
from papernet.core.events import ExecutionReport, OptionReport, Trade
from papernet.exchange.checkpoint import state_hash
from tests.support.fill_desk import FillDesk
from tests.support.worlds import plain, units


@pytest.fixture
def desk() -> FillDesk:
    return FillDesk()


# ---- filling an order


def test_an_order_is_filled_by_a_quantity_then_by_a_share_of_the_rest_then_whole(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    answer = desk.fill(order, quantity="0.4")
    assert (answer["status"], answer["filled"], answer["left"]) == ("PARTIALLY_FILLED", "0.40000000", "0.60000000")
    assert desk.fill(order, share="0.5")["filled"] == "0.30000000"
    assert desk.fill(order)["status"] == "FILLED"
    assert desk.fills(order) == [("60000", "0.4"), ("60000", "0.3"), ("60000", "0.3")]
    assert desk.cannot("fill", order_id=order)[0] == 404


@pytest.mark.parametrize("row", ["alice sell 1 @ 60000", "alice sell 1 @ 60000 MAKER", "alice buy 1 @ 60000 ice 0.1"])
def test_the_order_is_the_maker_and_keeps_its_price(desk: FillDesk, row: str) -> None:
    order = desk.place(row)
    desk.fill(order, price="60000")
    assert {price for price, _ in desk.fills(order)} == {"60000"}
    reports = [event for event in desk.events if isinstance(event, ExecutionReport) and event.last_quantity]
    assert all(report.is_maker for report in reports if report.order_id == order)


def test_a_pegged_order_rests_at_the_price_that_it_was_given(desk: FillDesk) -> None:
    desk.place("bob buy 1 @ 59000")
    order = desk.place("alice buy 1 peg PRIMARY")
    assert desk.cannot("fill", order_id=order)[0] == 409
    assert desk.fill(order, through=True)["filled"] == "1.00000000"
    assert desk.fills(order) == [("59000", "1")]


def test_nobody_trades_with_a_resting_order_at_another_price(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    desk.commands.clear()
    for price in ("59999", "60001"):
        assert "trades at its own price" in desk.cannot("fill", order_id=order, price=price)[1]
    assert desk.commands == []


def test_the_smallest_fills_happen_on_both_sides(desk: FillDesk) -> None:
    for row in ("alice buy 1 @ 60000", "alice sell 1 @ 61000"):
        order = desk.place(row)
        desk.fill(order, quantity="0.00001")
        desk.fill(order, quantity="0.99998")
        assert desk.fill(order)["status"] == "FILLED"
        assert [quantity for _, quantity in desk.fills(order)] == ["0.00001", "0.99998", "0.00001"]


def test_who_rests_ahead_is_told_and_traded_with_only_when_that_was_said(desk: FillDesk) -> None:
    first, order = desk.place("bob buy 2 @ 60000"), desk.place("alice buy 1 @ 60000")
    desk.commands.clear()
    response = desk.ask("POST", "/fills/fill", {"symbol": "BTCUSDT", "order_id": order, "quantity": "0.4"})
    (ahead,) = json.decode(response.body)["ahead"]
    assert response.status == 409
    assert (ahead["account"], ahead["order_id"], ahead["quantity"]) == ("bob", first, "2.00000000")
    assert desk.commands == []
    answer = desk.fill(order, quantity="0.4", through=True)
    assert (answer["filled"], [row["account"] for row in answer["others"]]) == ("0.40000000", ["bob"])
    assert desk.book()[0] == [("60000", "0.6")]


def test_the_houses_own_orders_step_aside(desk: FillDesk) -> None:
    desk.call("quote", bids=[["60000", "5"], ["60001", "1"]])
    order = desk.place("alice buy 1 @ 60000")
    assert desk.fill(order, quantity="0.4")["filled"] == "0.40000000"
    assert desk.book()[0] == [("60000", "0.6")]


def test_an_order_larger_than_one_may_be_is_filled_by_several(desk: FillDesk) -> None:
    for number in range(3):
        desk.place(f"bob sell 100 @ {60000 - number}")
    order = desk.place("alice sell 100 @ 60001")
    answer = desk.fill(order, through=True)
    assert (answer["status"], answer["filled"]) == ("FILLED", "100.00000000")
    # NOTIONAL lets 150 through at once
    house = desk.exchange.accounts.by_name["director"].account_id
    assert sum(1 for command in desk.commands if isinstance(command, NewOrder) and command.account == house) == 3


def test_a_pending_order_waits_for_the_one_it_belongs_to(desk: FillDesk) -> None:
    working, pending = _place_oto(desk)
    status, why = desk.cannot("fill", order_id=pending)
    assert (status, f"before order {working} of its list is filled" in why) == (409, True)
    desk.fill(working)
    assert desk.fill(pending)["status"] == "FILLED"
    assert desk.status(pending) is OrderStatus.FILLED


def test_an_order_may_be_named_by_its_client_order_id(desk: FillDesk) -> None:
    desk.place("alice buy 1 @ 60000 as mine")
    desk.place("bob buy 1 @ 59000 as mine")
    assert desk.cannot("fill", client_order_id="mine")[0] == 409
    assert desk.call("fill", client_order_id="mine", account="alice", share="0.1")["account"] == "alice"
    assert desk.cannot("fill", client_order_id="mine", account="carol")[0] == 404


def test_what_cannot_be_filled_says_why(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    assert "has 1.00000000 left" in desk.cannot("fill", order_id=order, quantity="1.1")[1]
    assert "multiple of the step" in desk.cannot("fill", order_id=order, quantity="0.000001")[1]
    assert desk.cannot("fill", order_id=99)[0] == desk.cannot("fill", symbol="NOPE", order_id=1)[0] == 404
    desk.call("quote", bids=[["59000", "1"]])
    (own,) = [one for one in desk.exchange.markets["BTCUSDT"].orders if one != order]
    assert "the house's own" in desk.cannot("fill", order_id=own)[1]
    desk.submit(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT), desk.at)
    assert desk.cannot("fill", order_id=order) == (409, "BTCUSDT is in HALT: nothing trades there")


def test_a_price_that_nobody_may_trade_at_is_refused_before_anything_happens(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 20000")
    desk.submit(SetReferencePrice("BTCUSDT", units("60000")), desk.at)
    desk.commands.clear()
    assert "price range rule" in desk.cannot("fill", order_id=order)[1]
    assert "price range rule" in desk.cannot("trade-through", price="20000")[1]
    assert desk.commands == []


def test_the_houses_quotes_stay_where_a_fill_is_refused(desk: FillDesk) -> None:
    desk.call("quote", bids=[["60000", "5"]])
    desk.place("bob buy 1 @ 60000")
    order = desk.place("alice buy 1 @ 60000")
    assert desk.cannot("fill", order_id=order)[0] == 409
    assert desk.cannot("print", price="60000")[0] == 409
    assert desk.book()[0] == [("60000", "7")]


def test_what_stops_it_behind_the_first_fill_is_told_beside_the_fill(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    # The fill makes the reference price, and that the bounds of the next trade.
    answer = desk.call("trade-through", price="20000")
    assert (desk.fills(order), answer["last_price"]) == ([("60000", "1")], "60000.00000000")
    assert "price range rule" in answer["problem"]


# ---- commissions


def test_a_fill_may_cost_a_commission_of_what_is_received(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    rates = desk.exchange.accounts.by_name["alice"].rates
    (trade,) = desk.fill(order, quantity="0.5", commission="0.001")["trades"]
    assert (trade["commission"], trade["commission_asset"]) == ("0.00050000", "BTC")
    assert desk.exchange.accounts.by_name["alice"].rates == rates
    (trade,) = desk.fill(order)["trades"]
    assert trade["commission"] == "0.00000000"


def test_or_of_the_discount_asset_as_far_as_its_price_is_known(desk: FillDesk) -> None:
    order = desk.place("alice sell 1 @ 60000")
    assert "no market knows" in desk.cannot("fill", order_id=order, commission="0.001", commission_asset="BNB")[1]
    alice = desk.exchange.accounts.by_name["alice"]
    assert (alice.pays_with_discount_asset, plain(sum(alice.rates.standard))) == (False, "0")
    desk.ok("POST", "/fills/print", {"symbol": "BNBUSDT", "price": "600"})
    (trade,) = desk.fill(order, commission="0.001", commission_asset="BNB")["trades"]
    # 60 USDT are 0.1 BNB, of which the venue takes three quarters
    assert (trade["commission"], trade["commission_asset"]) == ("0.07500000", "BNB")
    assert alice.pays_with_discount_asset is False


def test_rates_of_one_symbol_are_put_back_as_such(desk: FillDesk) -> None:
    desk.ok("POST", "/accounts/alice/commission", {"symbol": "BTCUSDT", "maker": "0.002", "tax": {"buyer": "0.1"}})
    before = desk.exchange.accounts.by_name["alice"].rates_of("BTCUSDT")
    order = desk.place("alice buy 1 @ 60000")
    (trade,) = desk.fill(order, commission="0.01")["trades"]
    assert trade["commission"] == "0.01000000"
    assert desk.exchange.accounts.by_name["alice"].rates_of("BTCUSDT") == before


def test_a_commission_may_be_paid_outside_of_a_trade(desk: FillDesk) -> None:
    alice = desk.exchange.accounts.by_name["alice"]
    before = alice.free("BNB")
    for amount, left in (("0.5", "-0.5"), ("-0.25", "-0.25")):
        desk.ok("POST", "/fills/commission", {"account": "alice", "asset": "BNB", "amount": amount})
        assert alice.free("BNB") - before == -units(left.removeprefix("-"))
    assert desk.exchange.accounts.by_name["director"].free("BNB") == units("0.25")


# ---- prices


def test_a_price_is_printed_in_an_empty_book(desk: FillDesk) -> None:
    assert desk.call("print", price="60000", quantity="0.5")["last_price"] == "60000.00000000"
    market = desk.exchange.markets["BTCUSDT"]
    assert (market.last_price, market.last_quantity, desk.book()) == (units("60000"), units("0.5"), ([], []))


def test_a_print_goes_around_users_unless_told_to_trade_with_them(desk: FillDesk) -> None:
    order = desk.place("alice sell 1 @ 60000")
    for price in ("60000", "60001"):
        assert "others have to trade" in desk.cannot("print", price=price)[1]
    assert desk.call("print", price="59999")["last_price"] == "59999.00000000"
    assert desk.fills(order) == []
    answer = desk.call("print", price="60001", through=True)
    assert (answer["last_price"], desk.fills(order)) == ("60001.00000000", [("60000", "1")])


def test_a_print_at_the_simulated_markets_price_trades_with_it(desk: FillDesk) -> None:
    order = desk.place("crowd sell 1 @ 60000")
    desk.call("print", price="60000", quantity="0.4")
    assert desk.fills(order) == [("60000", "0.4")]
    assert "others have to trade" in desk.cannot("print", price="60001")[1]


def test_the_taker_of_a_print_is_told(desk: FillDesk) -> None:
    for side, buyer_is_maker in (("SELL", True), ("BUY", False)):
        desk.call("print", price="60000", side=side)
        trades = [event for event in desk.events if isinstance(event, Trade)]
        assert trades[-1].buyer_is_maker is buyer_is_maker


def test_trading_through_a_price_fills_everybody_on_the_way(desk: FillDesk) -> None:
    desk.call("print", price="60000")
    orders = [desk.place(f"alice buy 1 @ {price}") for price in (59500, 59000, 58500)]
    stop = desk.place("bob sell 1 @ 57000 STOP 59000")
    answer = desk.call("trade-through", price="58800")
    assert answer["last_price"] == "58800.00000000"
    assert [desk.fills(order) for order in orders] == [[("59500", "1")], [("59000", "1")], [("58500", "1")]], "the stop took it"
    assert desk.fills(stop) == [("58500", "1")]
    assert desk.call("trade-through", price="65000")["last_price"] == "65000.00000000"


def test_a_quantity_has_to_be_one_that_an_order_may_have(desk: FillDesk) -> None:
    assert "an order is from 0.00009000" in desk.cannot("print", price="60000", quantity="0.00001")[1]
    assert "PRICE_FILTER" in desk.cannot("print", price="60000.001")[1]


# ---- books


def test_the_house_quotes_what_users_can_take(desk: FillDesk) -> None:
    answer = desk.call("quote", bids=[["59000", "1"], ["58000", "2"]], asks=[["61000", "3"]])
    assert answer["bids"] == [["59000.00000000", "1.00000000"], ["58000.00000000", "2.00000000"]]
    order = desk.place("alice buy 1")
    assert desk.fills(order) == [("61000", "1")]
    assert desk.call("quote", bids=[["59500", "1"]])["asks"] == []
    assert desk.book() == ([("59500", "1")], [])


def test_quotes_do_not_trade_when_they_come(desk: FillDesk) -> None:
    desk.place("alice sell 1 @ 60000")
    assert "would trade with them" in desk.cannot("quote", bids=[["60000", "1"]])[1]
    assert "cross each other" in desk.cannot("quote", bids=[["59000", "1"]], asks=[["59000", "1"]])[1]
    assert "an order is from" in desk.cannot("quote", bids=[["59000", "0.00001"]])[1]


def test_a_book_is_emptied_of_everybody_but_users(desk: FillDesk) -> None:
    desk.place("crowd buy 1 @ 59000")
    desk.place("crowd sell 1 @ 61000")
    mine = desk.place("alice sell 1 @ 62000")
    desk.call("quote", bids=[["58000", "1"]])
    answer = desk.call("empty", side="bids", span="10s")
    assert (answer["withdrawn"], answer["left"], desk.book()[0]) == (2, [], [])
    assert desk.call("empty")["left"][0]["order_id"] == mine
    assert desk.book() == ([], [("62000", "1")])
    assert desk.call("empty", users=True)["withdrawn"] == 1
    assert desk.status(mine) is OrderStatus.CANCELED


def test_a_book_is_widened_around_its_middle(desk: FillDesk) -> None:
    for row in ("buy 1 @ 59990", "buy 1 @ 59900", "sell 1 @ 60010", "sell 1 @ 60100"):
        desk.place(f"crowd {row}")
    desk.call("widen", spread="150")
    assert desk.book() == ([("59900", "1")], [("60100", "1")])
    (row,) = desk.ok("GET", "/fills")
    assert row["away"] == {"highest_bid": "59925.00000000", "lowest_ask": "60075.00000000", "until_ms": None}
    desk.call("widen", percent="1", span="1m")
    assert desk.book() == ([], [])
    desk.call("widen", bid="1", ask="2")
    assert "nothing between" in desk.cannot("widen", bid="2", ask="2")[1]


def test_a_book_without_a_price_has_no_middle(desk: FillDesk) -> None:
    assert "nobody knows" in desk.cannot("widen", spread="1")[1]


def test_a_symbol_is_given_back(desk: FillDesk) -> None:
    desk.call("empty")
    desk.call("quote", bids=[["58000", "1"]])
    assert len(desk.ok("GET", "/fills")) == 1
    desk.call("release")
    assert desk.ok("GET", "/fills") == []
    assert desk.book() == ([], [])
    assert desk.exchange.staged == {}


# ---- contracts


def test_contracts_are_filled_far_from_their_mark(desk: FillDesk) -> None:
    name = desk.open_options()
    order = desk.place_option("alice", Side.BUY, "1", "5", name)
    answer = desk.ok("POST", "/fills/fill", {"symbol": name, "order_id": order, "quantity": "0.4"})
    assert (answer["status"], answer["trades"][0]["price"]) == ("PARTIALLY_FILLED", "5.00000000")
    desk.place_option("bob", Side.BUY, "1", "10", name)
    assert desk.refused("POST", "/fills/fill", {"symbol": name, "order_id": order})[0] == 409
    answer = desk.ok("POST", "/fills/fill", {"symbol": name, "order_id": order, "share": "1", "through": True})
    assert (answer["status"], answer["others"][0]["account"]) == ("FILLED", "bob")
    assert desk.refused("POST", "/fills/fill", {"symbol": name, "order_id": order, "commission": "0.1"})[0] == 404


# ---- whatever it is asked for


RESTING = ["@ 99", "@ 100", "@ 100", "@ 100 ice 0.1", "@ 99 ice 0.3", "peg PRIMARY", "@ 98 stp EXPIRE_MAKER"]
ASKING = ["@ 101", "@ 102", "@ 101", "@ 101 ice 0.1", "@ 102 ice 0.3", "peg PRIMARY", "@ 100", "@ 101 MAKER"]
WAITING = ["STOP 98", "STOP 103", "TAKE 98", "TAKE 103", "@ 97 STOP 98", "@ 104 STOP 103", "STOP trail 100"]
WHO = st.sampled_from(["alice", "alice", "bob", "crowd"])
SIZES = st.sampled_from(["0.06", "0.5", "2"])
ORDERS = st.one_of(
    st.builds("{} buy {} {}".format, WHO, SIZES, st.sampled_from(RESTING)),
    st.builds("{} sell {} {}".format, WHO, SIZES, st.sampled_from(ASKING)),
    st.builds("{} {} {} {}".format, WHO, st.sampled_from(["buy", "sell"]), SIZES, st.sampled_from(WAITING)),
)
PRICES = st.sampled_from(["97", "98", "99", "100", "101", "102", "103", "20"])
PLACES = st.tuples(st.just("place"), ORDERS)
FILLS = st.tuples(
    st.just("fill"),
    st.fixed_dictionaries(
        {"which": st.integers(0, 9), "through": st.booleans()},
        optional={"share": st.sampled_from(["0.00001", "0.3", "1"]), "quantity": st.sampled_from(["0.00001", "0.05", "0.5"])},
    ),
)
OTHERS = st.one_of(
    st.tuples(st.just("trade-through"), st.fixed_dictionaries({"price": PRICES})),
    st.tuples(st.just("print"), st.fixed_dictionaries({"price": PRICES, "through": st.booleans()})),
    st.tuples(st.just("quote"), st.fixed_dictionaries({"bids": st.just([["99", "1"]]), "asks": st.just([["102", "1"]])})),
    st.tuples(st.just("empty"), st.fixed_dictionaries({"side": st.sampled_from(["bids", "asks"]), "users": st.booleans()})),
    st.tuples(st.just("widen"), st.fixed_dictionaries({"spread": st.sampled_from(["1", "3"])})),
)
KINDS: dict[str, st.SearchStrategy] = {"place": PLACES, "fill": FILLS, "other": OTHERS}
ACTS = st.sampled_from(["place"] * 5 + ["fill"] * 4 + ["other"]).flatmap(lambda kind: KINDS[kind])


def _fill_and_judge(desk: FillDesk, body: dict[str, Any]) -> None:
    """Ask for a fill of one of the open orders, and compare the answer with what the order's own reports tell."""
    market = desk.exchange.markets["BTCUSDT"]
    orders = [order for order in market.orders.values() if order.terms.account in (1, 2)]
    if not orders:
        return
    order = orders[body["which"] % len(orders)]
    rests, nobody_waits, price = order.level is not None, not market.triggers.waiting, order.price
    asked = {name: value for name, value in body.items() if name != "which"}
    if "quantity" in asked and "share" in asked:
        del asked["share"]
    left, told = order.leaves + order.reserve, len(desk.events)
    response = desk.ask("POST", "/fills/fill", {"symbol": "BTCUSDT", "order_id": order.order_id, **asked})
    answer = json.decode(response.body)
    mine = [
        event
        for event in desk.events[told:]
        if isinstance(event, ExecutionReport) and event.order_id == order.order_id and event.last_quantity
    ]
    got = sum(event.last_quantity for event in mine)
    if response.status != 200:
        assert not got, answer
        return
    assert units(answer["filled"]) == got
    if rests and "problem" not in answer:
        # What the fill triggers may trade with the order as well.
        assert units(answer["asked"]) <= got <= left
        assert got == units(answer["asked"]) or not nobody_waits
        assert {event.last_price for event in mine} == {price}
    if rests and nobody_waits and not asked["through"]:
        assert answer["others"] == []


@settings(max_examples=60, deadline=None)
@given(acts=st.lists(ACTS, max_size=14))
def test_whatever_is_asked_for_adds_up_and_comes_back_from_the_journal(acts: list[tuple[str, Any]]) -> None:
    desk = FillDesk()
    desk.call("print", price="100.5")
    first = desk.seq - len(desk.commands)
    quotes = False
    for verb, what in acts:
        if verb == "place":
            desk.try_place(what)
        elif verb == "fill":
            _fill_and_judge(desk, what)
        else:
            quotes = quotes or verb == "quote"
            assert desk.ask("POST", f"/fills/{verb}", {"symbol": "BTCUSDT", **what}).status in (200, 409)
        house = desk.exchange.accounts.by_name["director"]
        assert quotes or not house.open_orders, "the house leaves nothing behind"
        desk.exchange.check_invariants()
    assert _replayed(desk, first) == state_hash(desk.exchange)


@settings(max_examples=8, deadline=None)
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["place", "place", "fill", "fill", "quote", "trade-through", "print"]),
            st.integers(0, 9),
            st.sampled_from(["10", "15", "20", "25"]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_contracts_add_up_whatever_is_asked_for(acts: list[tuple[str, int, str, bool]]) -> None:
    desk = FillDesk()
    name = desk.open_options()
    orders = desk.exchange.options.markets[name].orders
    for verb, number, price, flag in acts:
        if verb == "place":
            desk.try_option(("alice", "bob")[number % 2], Side.BUY if flag else Side.SELL, "0.5", price, name)
            continue
        body: dict[str, Any] = {"symbol": name, "price": price}
        mine = [order for order in orders.values() if order.terms.account in (1, 2)]
        if verb == "fill":
            if not mine:
                continue
            body = {"symbol": name, "order_id": mine[number % len(mine)].order_id, "share": "0.3", "through": flag}
        elif verb == "quote":
            body = {"symbol": name, "bids": [["5", "1"]], "asks": [["40", "1"]]}
        told = len(desk.events)
        response = desk.ask("POST", f"/fills/{verb}", body)
        assert response.status in (200, 409)
        if verb == "fill" and response.status == 200:
            answer = json.decode(response.body)
            reports = [event for event in desk.events[told:] if isinstance(event, OptionReport)]
            got = sum(event.last_quantity for event in reports if event.record.order_id == body["order_id"])
            assert units(answer["filled"]) == units(answer["asked"]) == got
            assert flag or answer["others"] == []
        desk.exchange.check_invariants()


def _replayed(desk: FillDesk, first: int) -> str:
    """Return the hash of the state that the same commands lead to."""
    fresh = FillDesk()
    assert fresh.seq == first
    for number, command in enumerate(desk.commands, first + 1):
        fresh.exchange.apply(Entry(number, desk.at, command))
    return state_hash(fresh.exchange)


def _place_oto(desk: FillDesk) -> tuple[int, int]:
    account = desk.accounts["alice"]
    legs = tuple(
        NewOrder(account, "BTCUSDT", side, OrderType.LIMIT, TimeInForce.GTC, units("1"), units(price))
        for side, price in ((Side.BUY, "60000"), (Side.SELL, "61000"))
    )
    desk.submit(NewOrderList(account, "BTCUSDT", ListKind.OTO, legs), desk.at)
    working, pending = desk.exchange.markets["BTCUSDT"].orders
    return working, pending
