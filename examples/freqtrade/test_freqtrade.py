"""freqtrade itself, with its configuration: it enters, is filled in part, waits, and leaves with a profit.

The market is the simulated one, for its candles; on BTCUSDT the crowd is sent away, so that nobody trades but the test.
"""

import json
from pathlib import Path

import pytest

pytest.importorskip("freqtrade")

from freqtrade.configuration import Configuration
from freqtrade.enums import RunMode
from freqtrade.freqtradebot import FreqtradeBot
from freqtrade.persistence import Trade

HERE = Path(__file__).parent
ADDRESS = "127.0.0.1:8080"

pytestmark = [
    pytest.mark.papernet(market="sim", seed=7, options=False),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture
def middle(papernet):
    """Send the crowd away from BTCUSDT, quote a spread of 20 USDT, and return the middle."""
    middle = round(float(papernet.market.symbol("BTCUSDT")["last_price"]))
    papernet.fills.empty("BTCUSDT", span="1h")
    papernet.fills.quote("BTCUSDT", bids=[(middle - 10, 1)], asks=[(middle + 10, 1)])
    return middle


@pytest.fixture
def bot(papernet, tmp_path):
    """Return freqtrade with the configuration of this directory; only the port is another."""
    text = (HERE / "config.json").read_text(encoding="utf-8").replace(ADDRESS, papernet.rest_url.removeprefix("http://"))
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    arguments = {
        "config": [str(path)],
        "strategy": "Always",
        "strategy_path": str(HERE / "strategies"),
        "user_data_dir": str(tmp_path),
        "db_url": "sqlite://",
    }
    bot = FreqtradeBot(Configuration(arguments, RunMode.LIVE).get_config())
    bot.startup()
    yield bot
    bot.cleanup()


def open_order(papernet):
    """Return the one order that the bot has on the book."""
    (order,) = papernet.request("GET", "/api/v3/openOrders", "alice").body
    return order


def test_the_keys_of_the_configuration_are_those_of_alice(papernet):
    exchange = json.loads((HERE / "config.json").read_text(encoding="utf-8"))["exchange"]
    assert (exchange["key"], exchange["secret"]) == (papernet.account("alice").api_key, papernet.account("alice").secret)


def test_a_trade_from_its_entry_in_parts_to_its_exit(papernet, middle, bot):
    bot.process()
    entry = open_order(papernet)
    assert (entry["side"], float(entry["price"])) == ("BUY", middle - 10)

    papernet.fills.fill(entry["orderId"], symbol="BTCUSDT", share="0.5")
    bot.process()
    (trade,) = Trade.get_open_trades()
    assert trade.has_open_orders

    papernet.fills.fill(entry["orderId"], symbol="BTCUSDT")
    bot.process()
    assert not trade.has_open_orders
    assert trade.amount == pytest.approx(float(entry["origQty"]))

    risen = round(middle * 1.08)
    papernet.fills.quote("BTCUSDT", bids=[(risen - 10, 1)], asks=[(risen + 10, 1)])
    papernet.fills.print("BTCUSDT", risen)
    bot.process()
    leaving = open_order(papernet)
    assert (leaving["side"], float(leaving["price"])) == ("SELL", risen + 10)
    papernet.fills.fill(leaving["orderId"], symbol="BTCUSDT")
    bot.process()
    assert not trade.is_open
    assert trade.close_profit > 0.05


@pytest.mark.usefixtures("middle")
def test_an_entry_whose_fate_is_unknown_does_not_end_the_bot(papernet, bot):
    papernet.faults.add("code-1007", operation="order.place", account="alice", times=1, executed=False)
    bot.process()
    bot.process()
    assert open_order(papernet)["side"] == "BUY"
