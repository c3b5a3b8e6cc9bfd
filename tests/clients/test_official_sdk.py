"""The official spot SDK does a full session with nothing changed but its base path."""

from typing import Any

import pytest
from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import BadRequestError, UnauthorizedError
from binance_sdk_spot.spot import Spot

from tests.clients.conftest import Server

pytestmark = pytest.mark.clients


def _api(server: Server, account: str, kind: str = "HMAC") -> Any:
    key = server.key(account, kind)
    secret = {"api_secret": key.secret} if kind == "HMAC" else {"private_key": key.secret}
    return Spot(ConfigurationRestAPI(api_key=key.api_key, base_path=server.rest, **secret)).rest_api


def test_a_full_session_trades_and_reads_itself_back(server: Server) -> None:
    """Exchange info, book, limit, partial fill, market, cancel, account, trades, an error; every reply parses strictly."""
    alice, bob = _api(server, "alice"), _api(server, "bob")
    info = alice.exchange_info(symbol="BNBUSDT").data()
    assert info.symbols[0].symbol == "BNBUSDT"
    assert alice.time().data().server_time > 0
    placed = alice.new_order(
        symbol="BNBUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=2, price=500, new_client_order_id="sdk-maker"
    ).data()
    assert placed.status == "NEW"
    assert alice.depth(symbol="BNBUSDT").data().bids == [["500.00000000", "2.00000000"]]
    sold = bob.new_order(symbol="BNBUSDT", side="SELL", type="LIMIT", time_in_force="IOC", quantity=1, price=500).data()
    assert (sold.status, sold.fills[0].price) == ("FILLED", "500.00000000")
    market = bob.new_order(symbol="BNBUSDT", side="SELL", type="MARKET", quantity=0.5).data()
    assert (market.status, market.executed_qty) == ("FILLED", "0.50000000")
    assert alice.get_order(symbol="BNBUSDT", order_id=placed.order_id).data().executed_qty == "1.50000000"
    cancelled = alice.delete_order(symbol="BNBUSDT", orig_client_order_id="sdk-maker").data()
    assert (cancelled.status, cancelled.orig_client_order_id) == ("CANCELED", "sdk-maker")
    assert [trade.qty for trade in alice.my_trades(symbol="BNBUSDT").data()] == ["1.00000000", "0.50000000"]
    assert [order.status for order in alice.all_orders(symbol="BNBUSDT").data()] == ["CANCELED"]
    account = alice.get_account().data()
    assert {balance.asset for balance in account.balances} >= {"BNB", "USDT"}
    assert len(alice.rate_limit_order().data()) == 2
    assert alice.account_commission(symbol="BNBUSDT").data().standard_commission.maker == "0.00000000"
    with pytest.raises(BadRequestError) as refused:
        alice.new_order(symbol="BNBUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.0001, price=500)
    assert "Filter failure: LOT_SIZE" in str(refused.value)


def test_market_data_calls_parse(server: Server) -> None:
    """Each public call of the SDK that the REST door serves parses into its own model."""
    api = _api(server, "carol")
    api.ping()
    assert api.ticker24hr(symbol="BTCUSDT").data() is not None
    assert api.ticker(symbol="BTCUSDT").data() is not None
    assert api.ticker_trading_day(symbol="BTCUSDT").data() is not None
    assert api.ticker_price().data() is not None
    assert api.ticker_book_ticker().data() is not None
    assert api.avg_price(symbol="BTCUSDT").data().mins == 5
    assert isinstance(api.klines(symbol="BTCUSDT", interval="1m").data(), list)
    assert isinstance(api.ui_klines(symbol="BTCUSDT", interval="1m").data(), list)
    assert isinstance(api.get_trades(symbol="BTCUSDT").data(), list)
    assert isinstance(api.historical_trades(symbol="BTCUSDT").data(), list)
    assert isinstance(api.agg_trades(symbol="BTCUSDT").data(), list)


@pytest.mark.parametrize(("account", "kind"), [("alice", "ED25519"), ("bob", "RSA")])
def test_private_key_files_sign_as_documented(server: Server, account: str, kind: str) -> None:
    """RSA and Ed25519 keys work as PEM."""
    assert _api(server, account, kind).get_account().data().can_trade is True


def test_a_wrong_secret_is_the_sdks_own_class(server: Server) -> None:
    """-2015 comes with 401, which the SDK maps to its own exception."""
    key = server.key("carol")
    stranger = Spot(ConfigurationRestAPI(api_key=key.api_key[::-1], api_secret=key.secret, base_path=server.rest)).rest_api
    with pytest.raises(UnauthorizedError):
        stranger.get_account()
