"""ccxt does a full session of options trading with nothing changed but its URLs."""

from collections.abc import Iterator
from typing import Any

import ccxt
import pytest

from tests.clients.option_floor import UNDERLYING, Floor, open_floor

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Open a floor for this module."""
    with open_floor(tmp_path_factory.mktemp("ccxt") / "state") as opened:
        yield opened


@pytest.fixture(scope="module")
def bob(floor: Floor) -> Any:
    """Return bob's exchange."""
    return exchange_of(floor, "bob")


@pytest.fixture(scope="module")
def alice(floor: Floor) -> Any:
    """Return alice's exchange."""
    return exchange_of(floor, "alice")


def exchange_of(floor: Floor, account: str, kind: str = "HMAC") -> Any:
    """Make an exchange that knows the server under test."""
    key = floor.server.key(account, kind)
    exchange = ccxt.binance(
        {
            "apiKey": key.api_key,
            "secret": key.secret,
            "enableRateLimit": False,
            "options": {
                "defaultType": "option",
                "fetchCurrencies": False,
                "fetchMarkets": {"types": ["option"]},
                "fetchOpenOrders": {"warnWithoutSymbol": False},
            },
        }
    )
    api = floor.server.rest + "/eapi/v1"
    exchange.urls["api"] |= {"eapiPublic": api, "eapiPrivate": api}
    return exchange


def symbol_of(exchange: Any, name: str) -> str:
    """Return what ccxt calls a contract."""
    exchange.load_markets()
    return str(exchange.markets_by_id[name][0]["symbol"])


def test_contracts_are_markets_as_ccxt_knows_them(floor: Floor, bob: Any) -> None:
    """Every contract that is listed, with its terms."""
    name = floor.puts[0]
    market = bob.market(symbol_of(bob, name))
    row = next(row for row in floor.get("exchangeInfo")["optionSymbols"] if row["symbol"] == name)
    asset, day, strike, letter = name.split("-")
    assert market["symbol"] == f"{asset}/USDT:USDT-{day}-{strike}-{letter}"
    assert (market["type"], market["option"], market["optionType"], market["settle"]) == ("option", True, "put", "USDT")
    assert (market["strike"], market["expiry"], market["contractSize"]) == (float(strike), row["expiryDate"], 1)
    assert (market["precision"]["price"], market["precision"]["amount"]) == (5, 0.01)
    assert (market["limits"]["amount"]["min"], market["limits"]["amount"]["max"]) == (0.01, 200)
    assert market["limits"]["price"]["min"] < market["limits"]["price"]["max"]
    # Strikes may have been added since.
    assert bob.markets_by_id.keys() <= {row["symbol"] for row in floor.get("exchangeInfo")["optionSymbols"]}


def test_the_market_is_read(floor: Floor, bob: Any) -> None:
    """A quoted book, and what it is worth: tickers, marks and greeks of a contract and of all."""
    symbol = symbol_of(bob, floor.calls[0])
    book = bob.fetch_order_book(symbol)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert book["nonce"] > 0
    ticker, tickers = bob.fetch_ticker(symbol), bob.fetch_tickers()
    assert 0 < ticker["bid"] < ticker["ask"]
    assert tickers.keys() >= bob.markets.keys()
    greeks, chain = bob.fetch_greeks(symbol), bob.fetch_all_greeks()
    assert 0 < greeks["delta"] < 1
    assert greeks["theta"] < 0 < min(greeks["gamma"], greeks["vega"])
    assert greeks["bidImpliedVolatility"] <= greeks["markImpliedVolatility"] <= greeks["askImpliedVolatility"]
    assert chain.keys() >= bob.markets.keys()
    mark = bob.fetch_mark_price(symbol)["markPrice"]
    assert book["bids"][0][0] * 0.9 < mark < book["asks"][0][0] * 1.1
    option = bob.fetch_option(symbol)
    assert option["impliedVolatility"] is None or option["impliedVolatility"] > 0
    assert (option["bidPrice"], option["askPrice"]) != (0, 0)


def test_a_session_trades_and_reads_itself_back(floor: Floor, alice: Any, bob: Any) -> None:
    """Take from the quoted book, see the position, rest and cancel, close again; the money is accounted for."""
    name = floor.calls[1]
    symbol = symbol_of(bob, name)
    bought = bob.create_order(symbol, "limit", "buy", 0.1, floor.taking(name))
    assert (bought["status"], bought["filled"], bought["side"]) == ("closed", 0.1, "buy")
    assert bought["average"] <= bought["price"]
    (trade,) = bob.fetch_my_trades(symbol)
    assert (trade["order"], trade["amount"], trade["price"]) == (bought["id"], 0.1, bought["average"])
    assert (trade["takerOrMaker"], trade["side"], trade["fee"]["currency"]) == ("taker", "buy", "USDT")
    assert trade["fee"]["cost"] < 0  # the exchange writes what is paid with a minus sign; ccxt takes it as it is
    assert [row["price"] for row in bob.fetch_trades(symbol)] == [trade["price"]]
    assert bob.fetch_ohlcv(symbol, "1m")[-1][1:] == [trade["price"]] * 4 + [0.1]
    assert bob.fetch_ticker(symbol)["last"] == trade["price"]
    (position,) = bob.fetch_positions([symbol], {"method": "option"})
    assert (position["side"], position["contracts"], position["entryPrice"]) == ("long", 0.1, trade["price"])
    assert bob.fetch_position(symbol)["symbol"] == symbol
    interest = bob.fetch_open_interest(symbol)
    assert interest["openInterestAmount"] == 0.1
    assert bob.fetch_order(bought["id"], symbol)["filled"] == 0.1
    closed = bob.create_order(symbol, "limit", "sell", 0.1, floor.taking(name, "SELL"), {"reduceOnly": True})
    assert (closed["status"], closed["reduceOnly"], closed["side"]) == ("closed", True, "sell")
    assert bob.fetch_positions([symbol], {"method": "option"}) == []
    assert [order["id"] for order in bob.fetch_orders(symbol)] == [bought["id"], closed["id"]]
    told = [row for row in bob.fetch_ledger("USDT") if row["info"].get("symbol") == name]
    assert [row["info"]["type"] for row in told] == ["CONTRACT", "FEE"] * 2
    fees = sum(row["fee"]["cost"] for row in bob.fetch_my_trades(symbol))
    premiums = 0.1 * (closed["average"] - bought["average"])
    assert sum(float(row["info"]["amount"]) for row in told) == pytest.approx(premiums + fees)


def test_orders_rest_and_are_cancelled(floor: Floor, alice: Any) -> None:
    """One of one's own name, one post-only, one that is filled by another account, and all at once."""
    name = floor.calls[2]
    symbol = symbol_of(alice, name)
    placed = alice.create_order(symbol, "limit", "buy", 0.1, 5, {"clientOrderId": "ccxt-maker"})
    assert (placed["status"], placed["filled"], placed["clientOrderId"]) == ("open", 0, "ccxt-maker")
    posted = alice.create_order(symbol, "limit", "buy", 0.1, 10, {"postOnly": True})
    assert posted["timeInForce"] in {"PO", "GTX"}
    assert [order["id"] for order in alice.fetch_open_orders(symbol)] == [placed["id"], posted["id"]]
    assert len(alice.fetch_open_orders(params={"type": "option"})) == 2
    assert alice.fetch_order(placed["id"], symbol)["status"] == "open"
    cancelled = alice.cancel_order(placed["id"], symbol)
    assert cancelled["id"] == placed["id"]
    assert alice.fetch_order(placed["id"], symbol)["status"] == "canceled"
    alice.cancel_all_orders(symbol)
    assert alice.fetch_open_orders(symbol) == []
    assert {order["status"] for order in alice.fetch_orders(symbol)} == {"canceled"}


def test_a_resting_order_is_filled(floor: Floor, alice: Any, bob: Any) -> None:
    """Alice bids more than the makers do, and bob sells to her."""
    name = floor.calls[5]
    symbol = symbol_of(alice, name)
    book = alice.fetch_order_book(symbol)
    price = float(alice.price_to_precision(symbol, (book["bids"][0][0] + book["asks"][0][0]) / 2))
    bid = alice.create_order(symbol, "limit", "buy", 0.05, price, {"postOnly": True})
    sold = bob.create_order(symbol, "limit", "sell", 0.05, floor.taking(name, "SELL"), {"timeInForce": "IOC"})
    assert (sold["status"], sold["average"]) == ("closed", price)
    assert alice.fetch_order(bid["id"], symbol)["status"] == "closed"
    (trade,) = alice.fetch_my_trades(symbol)
    assert (trade["order"], trade["price"], trade["takerOrMaker"]) == (bid["id"], price, "maker")
    (sale,) = bob.fetch_my_trades(symbol)
    assert (sale["side"], sale["takerOrMaker"]) == ("sell", "taker")


def test_a_written_contract_is_a_short_position(floor: Floor, alice: Any) -> None:
    """Sold to the makers: contracts are positive, the side says which, and margin is held."""
    name = floor.puts[3]
    symbol = symbol_of(alice, name)
    sold = alice.create_order(symbol, "limit", "sell", 0.05, floor.taking(name, "SELL"))
    assert sold["status"] == "closed"
    (position,) = alice.fetch_positions([symbol], {"method": "option"})
    assert (position["side"], position["contracts"]) == ("short", 0.05)
    (asset,) = alice.eapiPrivateGetMarginAccount()["asset"]
    assert float(asset["initialMargin"]) > float(asset["maintMargin"]) > 0


def test_what_expired_was_exercised(floor: Floor, bob: Any) -> None:
    """The past: settlements of everybody's, and one's own."""
    public = bob.fetch_settlement_history(params={"type": "option", "underlying": UNDERLYING})
    assert {row["info"]["strikeResult"] for row in public} == {"REALISTIC_VALUE_STRICKEN", "EXTRINSIC_VALUE_EXPIRED"}
    (own,) = bob.fetch_my_settlement_history(params={"type": "option"})
    assert own["info"]["symbol"] == floor.expired
    assert (own["info"]["positionSide"], float(own["info"]["quantity"])) == ("LONG", 0.1)


def test_refusals_are_ccxts_own_classes(floor: Floor, bob: Any) -> None:
    """By their codes: no such contract or order, no money, a post-only order that would take."""
    name = floor.calls[4]
    symbol = symbol_of(bob, name)
    with pytest.raises(ccxt.BadSymbol):
        bob.eapiPublicGetDepth({"symbol": "BTC-200101-1-C"})
    with pytest.raises(ccxt.OrderNotFound):
        bob.cancel_order("1", symbol)
    with pytest.raises(ccxt.ExchangeError, match="-2018"):
        bob.create_order(symbol, "limit", "buy", 150, floor.taking(name))
    with pytest.raises(ccxt.BaseError, match="-6047"):
        bob.create_order(symbol, "limit", "buy", 0.1, floor.taking(name), {"postOnly": True})
    with pytest.raises(ccxt.InvalidOrder):
        bob.create_order(symbol, "market", "buy", 0.1)


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
def test_private_key_files_sign_as_documented(floor: Floor, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM."""
    exchange = exchange_of(floor, account, kind)
    symbol = symbol_of(exchange, floor.calls[0])
    placed = exchange.create_order(symbol, "limit", "buy", 0.1, 5)
    assert exchange.cancel_order(placed["id"], symbol)["id"] == placed["id"]
