"""What the control plane sets, over a real exchange: commissions, what accounts may, symbols, block trades, the venue."""

from typing import Any

import pytest

from papernet.core.commands import ConfigureAccount, ConfigureVenue, PrintBlockTrade, SetCommission, SetReferencePrice
from papernet.core.enums import SymbolStatus
from papernet.core.units import SCALE
from papernet.venues.spot.venue_rules import ExchangeMaxNumAlgoOrders, ExchangeMaxNumOrders, Sor, VenueRules
from tests.support.control_desk import ControlDesk

NONE_AT_ALL = {"maker": "0.00000000", "taker": "0.00000000", "buyer": "0.00000000", "seller": "0.00000000"}
UNCHANGED: dict[str, Any] = {
    "can_trade": True,
    "pays_with_discount_asset": False,
    "prevents_sor": False,
    "trade_group": None,
    "permissions": ["SPOT"],
    "asset_limits": {},
}


@pytest.fixture
def world() -> ControlDesk:
    """Return a desk with dave (account 1) and erin (2)."""
    world = ControlDesk()
    for name in ("dave", "erin"):
        world.ok("POST", "/accounts", {"name": name})
    world.commands.clear()
    return world


def settings(row: dict[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in UNCHANGED}


# commissions


def test_commissions_of_all_symbols(world: ControlDesk) -> None:
    row = world.ok("POST", "/accounts/dave/commission", {"maker": "0.001", "taker": "0.002"})
    standard = NONE_AT_ALL | {"maker": "0.00100000", "taker": "0.00200000"}
    assert row["commission"] == {**standard, "special": NONE_AT_ALL, "tax": NONE_AT_ALL, "symbols": {}}
    assert world.commands == [SetCommission(1, 100_000, 200_000)]


def test_what_a_commission_does_not_name_stays(world: ControlDesk) -> None:
    world.ok("POST", "/accounts/dave/commission", {"maker": "0.001", "tax": {"buyer": "0.0001"}})
    row = world.ok("POST", "/accounts/dave/commission", {"seller": "0.003", "special": {"taker": "0.002"}})
    assert row["commission"] == {
        **NONE_AT_ALL,
        "maker": "0.00100000",
        "seller": "0.00300000",
        "special": NONE_AT_ALL | {"taker": "0.00200000"},
        "tax": NONE_AT_ALL | {"buyer": "0.00010000"},
        "symbols": {},
    }


def test_a_symbol_gets_rates_of_its_own_which_begin_as_those_of_all(world: ControlDesk) -> None:
    world.ok("POST", "/accounts/dave/commission", {"maker": "0.001"})
    world.ok("POST", "/accounts/dave/commission", {"symbol": "BTCUSDT", "taker": "0.002"})
    row = world.ok("POST", "/accounts/dave/commission", {"maker": "0.5"})
    assert row["commission"]["maker"] == "0.50000000"
    assert row["commission"]["taker"] == "0.00000000"
    (symbol,) = row["commission"]["symbols"].items()
    assert symbol[0] == "BTCUSDT"
    assert (symbol[1]["maker"], symbol[1]["taker"]) == ("0.00100000", "0.00200000")
    account = world.exchange.accounts.by_name["dave"]
    assert account.rates_of("BTCUSDT").standard == (100_000, 200_000, 0, 0)
    assert account.rates_of("ETHUSDT").standard == (SCALE // 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"maker": "1.1"}, 400, "maker: '1.1' is no rate"),
        ({"tax": {"seller": "-1"}}, 400, "tax.seller"),
        ({"special": {"buyer": 1}}, 400, "special.buyer"),
        ({"tax": {"owner": "0"}}, 400, "owner"),
        ({"surprise": "0"}, 400, "surprise"),
        ({}, 400, "name any of maker, taker"),
        ({"symbol": "BTCUSDT"}, 400, "nothing to change"),
        ({"maker": "0", "symbol": "XYZ"}, 404, "no such symbol"),
        ({"maker": "0", "symbol": "btcusdt"}, 404, "no such symbol"),
    ],
)
def test_commissions_that_are_turned_away(world: ControlDesk, body: dict[str, object], status: int, text: str) -> None:
    told = world.turned_away("POST", "/accounts/dave/commission", body)
    assert told[0] == status
    assert text in told[1]


@pytest.mark.parametrize("body", [{"maker": "0.6", "buyer": "0.6"}, {"maker": "0.5", "tax": {"maker": "0.6"}}])
def test_a_commission_leaves_something_of_what_is_received(world: ControlDesk, body: dict[str, object]) -> None:
    assert world.refused("POST", "/accounts/dave/commission", body) == (400, "the amount is out of range")


# what accounts may


def test_settings_of_an_account(world: ControlDesk) -> None:
    assert settings(world.ok("GET", "/accounts")[0]) == UNCHANGED
    body = {
        "can_trade": False,
        "pays_with_discount_asset": True,
        "prevents_sor": True,
        "trade_group": 0,
        "permissions": ["TRD_GRP_002", "SPOT", "SPOT"],
        "asset_limits": {"USDT": "5000", "BTC": "0.5"},
    }
    row = world.ok("POST", "/accounts/dave/settings", body)
    limits = {"BTC": "0.50000000", "USDT": "5000.00000000"}
    assert settings(row) == body | {"permissions": ["TRD_GRP_002", "SPOT"], "asset_limits": limits}
    assert world.commands == [
        ConfigureAccount(
            1,
            can_trade=False,
            pays_with_discount_asset=True,
            prevents_sor=True,
            trade_group=0,
            permissions=("TRD_GRP_002", "SPOT"),
            asset_limits=(("BTC", SCALE // 2), ("USDT", 5_000 * SCALE)),
        )
    ]
    assert settings(world.ok("GET", "/accounts")[1]) == UNCHANGED


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"can_trade": True}, {"can_trade": True}),
        ({"pays_with_discount_asset": False}, {"pays_with_discount_asset": False}),
        ({"prevents_sor": False}, {"prevents_sor": False}),
        ({"trade_group": None}, {"trade_group": None}),
        ({"trade_group": 0}, {"trade_group": 0}),
        ({"permissions": []}, {"permissions": []}),
        ({"permissions": ["SPOT"]}, {"permissions": ["SPOT"]}),
        ({"asset_limits": {"USDT": None}}, {"asset_limits": {"BTC": "0.50000000"}}),
        ({"asset_limits": {"ETH": None}}, {}),
        ({"asset_limits": {}}, {}),
        ({"asset_limits": {"USDT": "1"}}, {"asset_limits": {"BTC": "0.50000000", "USDT": "1.00000000"}}),
    ],
)
def test_what_settings_do_not_name_stays(world: ControlDesk, change: dict[str, object], after: dict[str, object]) -> None:
    before = {
        "can_trade": False,
        "pays_with_discount_asset": True,
        "prevents_sor": True,
        "trade_group": 7,
        "permissions": ["TRD_GRP_002"],
        "asset_limits": {"BTC": "0.50000000", "USDT": "5000.00000000"},
    }
    assert settings(world.ok("POST", "/accounts/dave/settings", before)) == before
    assert settings(world.ok("POST", "/accounts/dave/settings", change)) == before | after


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "nothing to change"),
        ({"can_trade": "yes"}, "can_trade"),
        ({"can_trade": None}, "can_trade"),
        ({"trade_group": -1}, "trade_group"),
        ({"trade_group": 1 << 31}, "trade_group"),
        ({"trade_group": True}, "trade_group"),
        ({"permissions": ["spot"]}, "permissions: 'spot'"),
        ({"permissions": ["A" * 31]}, "permissions"),
        ({"permissions": ["A"] * 31}, "permissions: at most 30"),
        ({"asset_limits": {"USDT": "-1"}}, "asset_limits.USDT"),
        ({"asset_limits": {"XYZ": "1"}}, "no symbol trades that asset"),
        ({"maker": "0"}, "maker"),
    ],
)
def test_settings_that_are_turned_away(world: ControlDesk, body: dict[str, object], text: str) -> None:
    status, reason = world.turned_away("POST", "/accounts/dave/settings", body)
    assert status == 400
    assert text in reason


@pytest.mark.parametrize(("call", "body"), [("commission", {"maker": "0"}), ("settings", {"can_trade": True})])
def test_nobody_has_no_settings(world: ControlDesk, call: str, body: dict[str, object]) -> None:
    assert world.turned_away("POST", f"/accounts/nobody/{call}", body) == (404, "there is no such account")


# symbols


def symbol(world: ControlDesk, name: str) -> dict[str, Any]:
    return next(row for row in world.ok("GET", "/symbols") if row["symbol"] == name)


def test_symbols_are_listed(world: ControlDesk) -> None:
    assert [row["symbol"] for row in world.ok("GET", "/symbols")] == list(world.exchange.markets)
    assert symbol(world, "BTCUSDT") == {
        "symbol": "BTCUSDT",
        "base_asset": "BTC",
        "quote_asset": "USDT",
        "status": "TRADING",
        "last_price": None,
        "reference_price": None,
    }


@pytest.mark.parametrize("status", list(SymbolStatus), ids=lambda status: status.name)
def test_every_status_can_be_set(world: ControlDesk, status: SymbolStatus) -> None:
    response = world.ask("POST", "/symbols/BTCUSDT/status", {"status": status.name})
    assert response.durable_seq > 0
    assert symbol(world, "BTCUSDT")["status"] == status.name
    assert world.exchange.markets["BTCUSDT"].status is status
    assert world.exchange.markets["ETHUSDT"].status is SymbolStatus.TRADING


@pytest.mark.parametrize(
    ("name", "body", "status", "text"),
    [
        ("BTCUSDT", {"status": "CLOSED"}, 400, "is none of TRADING, END_OF_DAY, HALT, BREAK, CANCEL_ONLY"),
        ("BTCUSDT", {"status": 1}, 400, "status"),
        ("BTCUSDT", {}, 400, "status"),
        ("XYZ", {"status": "HALT"}, 404, "there is no such symbol"),
    ],
)
def test_statuses_that_are_turned_away(world: ControlDesk, name: str, body: object, status: int, text: str) -> None:
    told = world.turned_away("POST", f"/symbols/{name}/status", body)
    assert told[0] == status
    assert text in told[1]


def test_a_reference_price_is_set_and_withdrawn(world: ControlDesk) -> None:
    row = world.ok("POST", "/symbols/BTCUSDT/reference-price", {"price": "60000.5", "calculation_id": 3})
    assert row["reference_price"] == "60000.50000000"
    assert symbol(world, "BTCUSDT") == row
    assert symbol(world, "ETHUSDT")["reference_price"] is None
    assert world.ok("POST", "/symbols/BTCUSDT/reference-price", {"price": None})["reference_price"] is None
    assert world.commands == [SetReferencePrice("BTCUSDT", 6_000_050_000_000, 3), SetReferencePrice("BTCUSDT", None)]


@pytest.mark.parametrize(
    ("name", "body", "status", "text"),
    [
        ("BTCUSDT", {}, 400, "price"),
        ("BTCUSDT", {"price": "0"}, 400, "price: 0 is too little"),
        ("BTCUSDT", {"price": 1}, 400, "price"),
        ("BTCUSDT", {"price": "-1"}, 400, "price"),
        ("BTCUSDT", {"price": "1", "calculation_id": -1}, 400, "calculation_id"),
        ("XYZ", {"price": "1"}, 404, "there is no such symbol"),
    ],
)
def test_reference_prices_that_are_turned_away(world: ControlDesk, name: str, body: object, status: int, text: str) -> None:
    told = world.turned_away("POST", f"/symbols/{name}/reference-price", body)
    assert told[0] == status
    assert text in told[1]


BLOCK = {"buyer": "dave", "seller": "erin", "price": "5000", "quantity": "0.5"}


def test_a_block_trade_moves_both_sides(world: ControlDesk) -> None:
    told = world.ok("POST", "/symbols/BTCUSDT/block-trades", BLOCK)
    first = told.pop("id")
    assert told == {
        "symbol": "BTCUSDT",
        "price": "5000.00000000",
        "quantity": "0.50000000",
        "quote": "2500.00000000",
        "buyer": "dave",
        "seller": "erin",
        "buyer_is_maker": False,
    }
    dave, erin = (row["balances"] for row in world.ok("GET", "/accounts"))
    assert (dave["BTC"]["free"], dave["USDT"]["free"]) == ("1.50000000", "7500.00000000")
    assert (erin["BTC"]["free"], erin["USDT"]["free"]) == ("0.50000000", "12500.00000000")
    assert symbol(world, "BTCUSDT")["last_price"] is None
    again = world.ok("POST", "/symbols/BTCUSDT/block-trades", BLOCK | {"buyer_is_maker": True})
    assert again["id"] == first + 1
    assert again["buyer_is_maker"] is True
    assert world.commands[1] == PrintBlockTrade("BTCUSDT", 1, 2, 5_000 * SCALE, SCALE // 2, buyer_is_maker=True)


@pytest.mark.parametrize(
    ("name", "change", "status", "text"),
    [
        ("XYZ", {}, 404, "no such symbol"),
        ("BTCUSDT", {"buyer": "nobody"}, 404, "no such account"),
        ("BTCUSDT", {"seller": "nobody"}, 404, "no such account"),
        ("BTCUSDT", {"seller": "dave"}, 400, "seller: nobody trades with themselves"),
        ("BTCUSDT", {"price": "0"}, 400, "price"),
        ("BTCUSDT", {"quantity": "0.00"}, 400, "quantity"),
        ("BTCUSDT", {"quantity": "x"}, 400, "quantity"),
        ("BTCUSDT", {"buyer_is_maker": 1}, 400, "buyer_is_maker"),
        ("BTCUSDT", {"taker": "dave"}, 400, "taker"),
    ],
)
def test_block_trades_that_are_turned_away(
    world: ControlDesk, name: str, change: dict[str, object], status: int, text: str
) -> None:
    told = world.turned_away("POST", f"/symbols/{name}/block-trades", BLOCK | change)
    assert told[0] == status
    assert text in told[1]


@pytest.mark.parametrize("change", [{"quantity": "1.5", "price": "1"}, {"price": "30000"}])
def test_a_block_trade_needs_the_money(world: ControlDesk, change: dict[str, object]) -> None:
    status, text = world.refused("POST", "/symbols/BTCUSDT/block-trades", BLOCK | change)
    assert (status, text) == (400, "the account has less than that free")


# the venue


def test_the_venue_is_told(world: ControlDesk) -> None:
    assert world.ok("GET", "/venue") == {
        "exchange_filters": {},
        "sors": {},
        "discount_asset": "BNB",
        "discount_rate": "0.75000000",
    }


def test_what_the_venue_is_not_told_stays(world: ControlDesk) -> None:
    filters = {"EXCHANGE_MAX_NUM_ALGO_ORDERS": 5, "EXCHANGE_MAX_NUM_ORDERS": 1000}
    told = world.ok("POST", "/venue", {"exchange_filters": filters, "discount_rate": "0.5"})
    assert told == {
        "exchange_filters": filters,
        "sors": {},
        "discount_asset": "BNB",
        "discount_rate": "0.50000000",
    }
    world.ok("POST", "/venue", {"sors": {"BTC": ["BTCUSDC", "BTCUSDT"]}, "discount_asset": "USDT"})
    told = world.ok("POST", "/venue", {"exchange_filters": {"EXCHANGE_MAX_NUM_ORDERS": None}})
    assert told == world.ok("GET", "/venue")
    assert told == {
        "exchange_filters": {"EXCHANGE_MAX_NUM_ALGO_ORDERS": 5},
        "sors": {"BTC": ["BTCUSDC", "BTCUSDT"]},
        "discount_asset": "USDT",
        "discount_rate": "0.50000000",
    }
    assert world.ok("POST", "/venue", {"sors": {"BTC": None}})["sors"] == {}
    assert world.commands[0] == ConfigureVenue(
        VenueRules((ExchangeMaxNumOrders(1000), ExchangeMaxNumAlgoOrders(5)), discount_rate=SCALE // 2).to_spec()
    )
    assert world.commands[2] == ConfigureVenue(
        VenueRules((ExchangeMaxNumAlgoOrders(5),), (Sor("BTC", ("BTCUSDC", "BTCUSDT")),), "USDT", SCALE // 2).to_spec()
    )


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({}, 400, "nothing to change"),
        ({"exchange_filters": {"MAX_NUM_ORDERS": 1}}, 400, "'MAX_NUM_ORDERS' is none of EXCHANGE_MAX_NUM_ORDERS"),
        ({"exchange_filters": {"EXCHANGE_MAX_NUM_ORDERS": -1}}, 400, "EXCHANGE_MAX_NUM_ORDERS"),
        ({"exchange_filters": {"EXCHANGE_MAX_NUM_ORDERS": "1"}}, 400, "exchange_filters"),
        ({"sors": {"BTC": ["BTCUSDT"]}}, 400, "sors.BTC: two symbols at least"),
        ({"sors": {"BTC": ["BTCUSDT", "BTCUSDT"]}}, 400, "each once"),
        ({"sors": {"BTC": ["BTCUSDT", "ETHUSDT"]}}, 400, "ETHUSDT trades another base asset"),
        ({"sors": {"BTC": ["BTCUSDT", "XYZ"]}}, 404, "there is no such symbol"),
        ({"discount_asset": "XYZ"}, 400, "no symbol trades that asset"),
        ({"discount_rate": "1.5"}, 400, "discount_rate"),
        ({"discount_rate": 0.5}, 400, "discount_rate"),
        ({"surprise": 1}, 400, "surprise"),
    ],
)
def test_venue_rules_that_are_turned_away(world: ControlDesk, body: dict[str, object], status: int, text: str) -> None:
    told = world.turned_away("POST", "/venue", body)
    assert told[0] == status
    assert text in told[1]
    assert world.ok("GET", "/venue")["exchange_filters"] == {}
