"""`papernet fills` and `papernet scenario`, against a running server."""

import re
from collections.abc import Iterator

import pytest

from tests.support.process import Papernet, run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papernet]:
    with Papernet(tmp_path_factory.mktemp("home"), "--ephemeral", "--market", "none") as running:
        yield running


def place(server: Papernet, side: str, price: str, name: str, quantity: str = "1") -> int:
    """Let alice place an order; return its id."""
    key = server.account("alice")
    terms = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity, "price": price}
    status, order = server.signed(key, "POST", "/api/v3/order", **terms, newClientOrderId=name)
    assert status == 200, order
    return int(order["orderId"])


def test_an_order_is_filled_by_parts(server: Papernet) -> None:
    order = place(server, "BUY", "5000", "first")
    told = server.run("fills", "fill", "btcusdt", str(order), "0.4")
    assert told.startswith(f"BTCUSDT  order {order} of alice  PARTIALLY_FILLED  filled 0.40000000\n  trade ")
    assert "filled 0.30000000" in server.run("fills", "fill", "BTCUSDT", "first", "--share", "0.5", "--account", "alice")
    told = server.run("fills", "fill", "BTCUSDT", str(order), "--commission", "0.001", "--price", "5000", "--through")
    assert "FILLED  filled 0.30000000" in told
    assert "commission 0.00030000 BTC" in told


def test_prices_books_and_statuses(server: Papernet) -> None:
    assert server.run("fills", "print", "BTCUSDT", "5100", "0.5", "--side", "sell") == "BTCUSDT  last price 5100.00000000\n"
    told = server.run("fills", "quote", "BTCUSDT", "--bid", "5000:1", "--bid", "4900:2", "--ask", "5200:3")
    assert told.splitlines() == [
        "  bid 1.00000000 at 5000.00000000",
        "  bid 2.00000000 at 4900.00000000",
        "  ask 3.00000000 at 5200.00000000",
    ]
    assert "BTCUSDT      simulated market as ever" in server.run("fills", "list")
    assert "last price 4950.00000000" in server.run("fills", "trade-through", "BTCUSDT", "4950")
    assert server.run("fills", "widen", "BTCUSDT", "--percent", "50", "--for", "1h").startswith(
        "BTCUSDT  2 orders withdrawn, 0 left"
    )
    assert server.run("fills", "empty", "BTCUSDT", "--side", "asks", "--users") == "BTCUSDT  0 orders withdrawn, 0 left\n"
    assert server.run("fills", "list") == "BTCUSDT      simulated market: bids anywhere, no asks\n"
    server.run("fills", "widen", "BTCUSDT", "--bid", "5000", "--ask", "5100")
    assert "bids at 5000.00000000 at most, asks at 5100.00000000 at least" in server.run("fills", "list")
    server.run("fills", "release", "BTCUSDT")
    assert server.run("fills", "list") == ""
    assert server.run("fills", "halt", "btcusdt") == "BTCUSDT  HALT\n"
    status, _, why = run(server.home, "fills", "print", "BTCUSDT", "5100")
    assert (status, why) == (2, "papernet: BTCUSDT is in HALT: nothing trades there\n")
    assert server.run("fills", "resume", "btcusdt") == "BTCUSDT  TRADING\n"


def test_a_commission_is_paid_and_paid_back(server: Papernet) -> None:
    assert server.run("fills", "commission", "bob", "bnb", "0.5") == "bob paid 0.5 BNB\n"
    assert server.run("fills", "commission", "bob", "BNB", "-0.5") == "bob paid -0.5 BNB\n"
    status, _, why = run(server.home, "fills", "commission", "bob", "BNB", "500")
    assert (status, why) == (2, "papernet: the account has less than that free\n")


def test_what_is_no_level_is_one_line(server: Papernet) -> None:
    assert run(server.home, "fills", "quote", "BTCUSDT", "--bid", "5000") == (2, "", "papernet: '5000' is not PRICE:QUANTITY\n")


def test_a_fill_that_stops_half_way_says_so(server: Papernet) -> None:
    server.run("fills", "print", "BTCUSDT", "5000")
    order = place(server, "BUY", "2000", "low", "0.01")
    place(server, "BUY", "4000", "high", "0.01")
    status, out, why = run(server.home, "fills", "trade-through", "BTCUSDT", "1000")
    assert (status, out) == (2, "")
    assert "price range rule" in why
    status, _, why = run(server.home, "fills", "fill", "BTCUSDT", str(order))
    assert (status, why.startswith(f"papernet: order {order} has others ahead")) == (2, True)


def test_scenarios_are_listed_run_and_stopped(server: Papernet) -> None:
    server.run("fills", "print", "BTCUSDT", "5000")
    told = server.run("scenario", "list")
    assert "flash-crash          The price falls" in told
    assert "symbol=BTCUSDT depth=0.1 down=3s" in told
    told = server.run("scenario", "run", "halt", "symbol=ETHUSDT", "span=1h", "--seed", "3")
    found = re.fullmatch(r"run (\d+) of halt: running, 1 of 2 steps, until \S+Z\n", told)
    assert found is not None
    assert f"run {found[1]} of halt: stopped" in server.run("scenario", "stop", found[1])
    assert "ETHUSDT      HALT" in server.run("symbols", "list")


def test_a_scenario_may_be_a_file_of_ones_own(server: Papernet) -> None:
    steps = '[[steps]]\ncall = "POST /fills/print"\nbody = { symbol = "BTCUSDT", price = "{price}" }\n'
    (server.home / "mine.toml").write_text(f'name = "mine"\nparameters = {{ price = "1" }}\n{steps}')
    assert server.run("scenario", "run", "mine.toml", "price=5050") == "run 2 of mine: ended, 1 of 1 steps\n"
    _, out, why = run(server.home, "scenario", "run", "mine.toml", "price=5050.001")
    assert out == "run 3 of mine: ended, 1 of 1 steps, 1 failed\n"
    assert why.startswith("  step 1 POST /fills/print: 5050.00100000 is between two ticks")
    (server.home / "junk.toml").write_text("junk")
    assert run(server.home, "scenario", "run", "junk.toml")[2].startswith("papernet: junk.toml: ")
    assert run(server.home, "scenario", "run", "mine.toml", "price")[2] == "papernet: 'price' is not PARAMETER=VALUE\n"
