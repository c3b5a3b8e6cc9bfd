"""The control plane and the commands that use it, against a running server."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.support.process import PATIENCE, Papernet, command, environment, run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papernet]:
    with Papernet(tmp_path_factory.mktemp("home"), "--ephemeral", "--market", "none") as running:
        yield running


def made(text: str) -> dict[str, str]:
    """Return what `papernet keys create` printed."""
    row = dict(line.split(maxsplit=1) for line in text.replace("api key", "api_key").splitlines())
    return {"api_key": row["api_key"], "secret_key": row.get("secret", "")}


def test_an_account_and_a_key_of_its_own(server: Papernet) -> None:
    assert server.run("accounts", "create", "dave").startswith("dave  uid ")
    key = made(server.run("keys", "create", "dave", "--label", "my bot", "--permission", "USER_DATA"))
    status, account = server.signed(key, "GET", "/api/v3/account")
    assert status == 200
    assert {row["asset"] for row in account["balances"] if row["free"] != "0.00000000"} >= {"USDT", "BTC", "SOL"}
    assert (
        server.signed(key, "POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity=1)[1]["code"] == -2015
    )
    listed = server.run("keys", "list", "dave")
    assert key["api_key"] in listed
    assert "my bot" in listed
    assert key["secret_key"] not in listed
    server.run("keys", "revoke", key["api_key"])
    assert server.signed(key, "GET", "/api/v3/account")[1]["code"] == -2015
    assert server.run("keys", "list", "dave") == ""


def test_a_public_key_is_registered_from_a_file(server: Papernet) -> None:
    pem = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (server.home / "key.pem").write_bytes(pem)
    assert made(server.run("keys", "create", "alice", "--public-key", "key.pem"))["secret_key"] == ""
    (server.home / "junk.pem").write_text("junk")
    status, out, err = run(server.home, "keys", "create", "alice", "--public-key", "junk.pem")
    assert (status, out) == (2, "")
    assert err.startswith("papernet: public_key: ")
    assert err.count("\n") == 1


def test_deposits(server: Papernet) -> None:
    server.run("accounts", "create", "erin")
    assert server.run("accounts", "deposit", "erin", "usdt", "2.5") == "USDT free 10002.50000000 locked 0.00000000\n"
    assert server.run("accounts", "deposit", "erin", "USDT", "-10002.5") == "USDT free 0.00000000 locked 0.00000000\n"
    assert run(server.home, "accounts", "deposit", "erin", "USDT", "-1")[0] == 2
    assert run(server.home, "accounts", "deposit", "nobody/../x", "USDT", "1")[0] == 2


def test_external_locks(server: Papernet) -> None:
    server.run("accounts", "create", "lena")
    key = made(server.run("keys", "create", "lena"))
    assert server.run("accounts", "lock", "lena", "usdt", "2.5") == "USDT free 9997.50000000 locked 2.50000000\n"
    assert shown(server.run("accounts", "show", "lena"))["external lock USDT"] == "2.50000000"
    _, account = server.signed(key, "GET", "/api/v3/account")
    (row,) = (row for row in account["balances"] if row["asset"] == "USDT")
    assert (row["free"], row["locked"]) == ("9997.50000000", "2.50000000")
    assert "out of range" in refused(server, "accounts", "lock", "lena", "USDT", "-2.50000001")
    assert server.run("accounts", "lock", "lena", "USDT", "-2.5") == "USDT free 10000.00000000 locked 0.00000000\n"
    assert "external lock USDT" not in shown(server.run("accounts", "show", "lena"))
    assert "no such account" in refused(server, "accounts", "lock", "nobody", "USDT", "1")


def refused(server: Papernet, *arguments: str) -> str:
    """Return the one line that a refused command says."""
    status, out, err = run(server.home, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("papernet: ")
    assert err.count("\n") == 1
    return err


def shown(text: str) -> dict[str, str]:
    """Return what `papernet accounts show` printed, by its first words."""
    return {line[:32].strip(): line[32:].strip() for line in text.splitlines()[1:]}


def test_settings_of_an_account(server: Papernet) -> None:
    server.run("accounts", "create", "frank")
    before = shown(server.run("accounts", "show", "frank"))
    assert (before["can_trade"], before["trade_group"], before["permissions"]) == ("yes", "none", "SPOT")
    changed = (
        "--trade-group",
        "1",
        "--pays-with-discount-asset",
        "yes",
        "--asset-limit",
        "usdt=5000",
        "--asset-limit",
        "BTC=1",
    )
    after = shown(server.run("accounts", "set", "frank", *changed))
    assert after == before | {
        "trade_group": "1",
        "pays_with_discount_asset": "yes",
        "limit USDT": "5000.00000000",
        "limit BTC": "1.00000000",
    }
    more = ("--trade-group", "none", "--can-trade", "no", "--permission", "SPOT", "--permission", "TRD_GRP_002")
    last = shown(server.run("accounts", "set", "frank", *more, "--asset-limit", "BTC=none", "--prevents-sor", "true"))
    expected = after | {"trade_group": "none", "can_trade": "no", "permissions": "SPOT TRD_GRP_002", "prevents_sor": "yes"}
    del expected["limit BTC"]
    assert last == expected == shown(server.run("accounts", "show", "frank"))


def test_settings_that_are_refused(server: Papernet) -> None:
    assert "nothing to change" in refused(server, "accounts", "set", "alice")
    assert "no such account" in refused(server, "accounts", "set", "nobody", "--can-trade", "no")
    assert "no such account" in refused(server, "accounts", "show", "nobody")
    assert "--trade-group: 'x'" in refused(server, "accounts", "set", "alice", "--trade-group", "x")
    assert "trade_group" in refused(server, "accounts", "set", "alice", "--trade-group", "-1")
    assert "not NAME=VALUE" in refused(server, "accounts", "set", "alice", "--asset-limit", "USDT")
    assert "no symbol trades" in refused(server, "accounts", "set", "alice", "--asset-limit", "XYZ=1")
    assert "maybe" in refused(server, "accounts", "set", "alice", "--can-trade", "maybe")


def test_commissions(server: Papernet) -> None:
    server.run("accounts", "create", "grace")
    server.run("accounts", "commission", "grace", "--maker", "0.001", "--taker", "0.002")
    told = shown(server.run("accounts", "commission", "grace", "--symbol", "btcusdt", "--part", "tax", "--seller", "0.0005"))
    assert told["commission standard"].startswith("maker 0.00100000  taker 0.00200000")
    assert told["commission standard BTCUSDT"] == told["commission standard"]
    assert told["commission tax"].endswith("seller 0.00000000")
    assert told["commission tax BTCUSDT"].endswith("seller 0.00050000")
    assert "nothing to change" in refused(server, "accounts", "commission", "grace")
    assert "no such symbol" in refused(server, "accounts", "commission", "grace", "--symbol", "XYZ", "--maker", "0")
    assert "tax.maker" in refused(server, "accounts", "commission", "grace", "--part", "tax", "--maker", "2")


def test_money_goes_to_the_options_wallet_and_back(server: Papernet) -> None:
    server.run("accounts", "create", "judy")
    before = shown(server.run("accounts", "show", "judy"))
    assert (before["options balance"], before["options available"]) == ("10000.00000000", "10000.00000000")
    told = server.run("accounts", "transfer", "judy", "usdt", "2.5", "to-options")
    assert told == "USDT free 9997.50000000 locked 0.00000000\noptions USDT 10002.50000000 available 10002.50000000\n"
    assert "  options  USDT       10002.50000000\n" in server.run("accounts", "list")
    key = made(server.run("keys", "create", "judy"))
    _, account = server.signed(key, "GET", "/eapi/v1/marginAccount")
    assert [row["marginBalance"] for row in account["asset"]] == ["10002.50000000"]
    told = server.run("accounts", "transfer", "judy", "USDT", "10002.5", "from-options")
    assert told == "USDT free 20000.00000000 locked 0.00000000\noptions USDT 0.00000000 available 0.00000000\n"
    assert "less than that is available" in refused(server, "accounts", "transfer", "judy", "USDT", "1", "from-options")
    assert "less than that free" in refused(server, "accounts", "transfer", "judy", "USDT", "20001", "to-options")
    assert "holds USDT alone" in refused(server, "accounts", "transfer", "judy", "BTC", "1", "to-options")
    assert "no such account" in refused(server, "accounts", "transfer", "nobody", "USDT", "1", "to-options")
    assert "sideways" in refused(server, "accounts", "transfer", "judy", "USDT", "1", "sideways")


def test_what_an_account_may_do_with_options(server: Papernet) -> None:
    server.run("accounts", "create", "mallory")
    before = shown(server.run("accounts", "show", "mallory"))
    assert (before["options may_write"], before["options maker_rate"], before["options trade_group"]) == ("yes", "none", "none")
    more = ("--market-maker", "yes", "--maker-rate", "-0.0001", "--taker-rate", "0.0002", "--trade-group", "3")
    after = shown(server.run("accounts", "options", "mallory", "--may-write", "no", *more))
    assert after["options may_write"] == "no"
    assert after["options is_market_maker"] == "yes"
    assert (after["options maker_rate"], after["options taker_rate"]) == ("-0.00010000", "0.00020000")
    assert after["options trade_group"] == "3"
    last = shown(server.run("accounts", "options", "mallory", "--maker-rate", "none", "--trade-group", "none"))
    assert last == after | {"options maker_rate": "none", "options trade_group": "none"}
    assert last.items() <= shown(server.run("accounts", "show", "mallory")).items()
    assert "nothing to change" in refused(server, "accounts", "options", "mallory")
    assert "--trade-group: 'x'" in refused(server, "accounts", "options", "mallory", "--trade-group", "x")
    assert "maker_rate" in refused(server, "accounts", "options", "mallory", "--maker-rate", "2")
    assert "no such account" in refused(server, "accounts", "options", "nobody", "--can-trade", "no")


def test_without_options_there_is_no_options_wallet(tmp_path: Path) -> None:
    with Papernet(tmp_path, "--ephemeral", "--market", "none", "--no-options") as server:
        assert "options" not in server.run("accounts", "list") + server.run("accounts", "show", "alice")
        assert "no options here" in refused(server, "accounts", "transfer", "alice", "USDT", "1", "to-options")


def test_a_status_reaches_the_exchange(server: Papernet) -> None:
    def status() -> str:
        found: str = server.get("/api/v3/exchangeInfo?symbol=SOLUSDT")["symbols"][0]["status"]
        return found

    assert server.run("symbols", "status", "solusdt", "halt").split()[:2] == ["SOLUSDT", "HALT"]
    assert status() == "HALT"
    server.run("symbols", "status", "SOLUSDT", "TRADING")
    assert status() == "TRADING"
    assert "is none of TRADING" in refused(server, "symbols", "status", "SOLUSDT", "OPEN")
    assert "no such symbol" in refused(server, "symbols", "status", "XYZ", "HALT")


def test_a_reference_price_reaches_the_exchange(server: Papernet) -> None:
    assert server.run("symbols", "reference-price", "XRPUSDT", "0.5", "--calculation-id", "3").split()[-1] == "0.50000000"
    assert server.get("/api/v3/referencePrice?symbol=XRPUSDT")["referencePrice"] == "0.50000000"
    assert server.get("/api/v3/referencePrice/calculation?symbol=XRPUSDT")["externalCalculationId"] == 3
    server.run("symbols", "reference-price", "XRPUSDT", "none")
    assert server.get("/api/v3/referencePrice?symbol=XRPUSDT")["referencePrice"] is None
    rows = [line.split() for line in server.run("symbols", "list").splitlines()]
    assert ["XRPUSDT", "TRADING", "last", "none", "reference", "none"] in rows
    assert "price" in refused(server, "symbols", "reference-price", "XRPUSDT", "zero")
    assert "--calculation-id" in refused(server, "symbols", "reference-price", "XRPUSDT", "1", "--calculation-id", "x")


def test_a_block_trade_reaches_the_exchange(server: Papernet) -> None:
    for name in ("heidi", "ivan"):
        server.run("accounts", "create", name)
    told = server.run("symbols", "block-trade", "LTCUSDT", "heidi", "ivan", "2", "60.5", "--buyer-is-maker")
    assert told == "LTCUSDT  block trade 0  2.00000000 at 60.50000000  121.00000000\n"
    (row,) = server.get("/api/v3/historicalBlockTrades?symbol=LTCUSDT&fromId=0")
    assert (row["id"], row["price"], row["quoteQty"], row["isBuyerMaker"]) == (0, "60.50000000", "121.00000000", True)
    assert "nobody trades with themselves" in refused(server, "symbols", "block-trade", "LTCUSDT", "ivan", "ivan", "1", "1")
    assert "less than that free" in refused(server, "symbols", "block-trade", "LTCUSDT", "ivan", "heidi", "1", "1000000")


def test_the_venue_reaches_the_exchange(server: Papernet) -> None:
    before = server.run("venue", "show")
    assert before.startswith("discount_asset  BNB\ndiscount_rate   0.75000000\n")
    server.run("venue", "set", "--exchange-filter", "exchange_max_num_orders=900", "--sor", "btc=btcusdc,btcusdt")
    told = server.run("venue", "set", "--sor", "ETH=ETHUSDT,ETHBTC", "--discount-rate", "0.5")
    assert "discount_rate   0.50000000\n" in told
    assert "exchange_filter EXCHANGE_MAX_NUM_ORDERS 900\n" in told
    assert "sor             BTC BTCUSDC BTCUSDT\nsor             ETH ETHUSDT ETHBTC\n" in told
    info = server.get("/api/v3/exchangeInfo")
    assert {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 900} in info["exchangeFilters"]
    assert {"baseAsset": "ETH", "symbols": ["ETHUSDT", "ETHBTC"]} in info["sors"]
    told = server.run("venue", "set", "--exchange-filter", "EXCHANGE_MAX_NUM_ORDERS=none", "--sor", "ETH=none")
    assert "EXCHANGE_MAX_NUM_ORDERS " not in told
    assert "ETHUSDT" not in told
    assert "nothing to change" in refused(server, "venue", "set")
    assert "two symbols at least" in refused(server, "venue", "set", "--sor", "BTC=BTCUSDT")
    assert "whole number" in refused(server, "venue", "set", "--exchange-filter", "EXCHANGE_MAX_NUM_ORDERS=many")
    assert "no symbol trades" in refused(server, "venue", "set", "--discount-asset", "XYZ")


def test_the_well_known_private_keys_can_be_written_to_files(tmp_path: Path) -> None:
    for account, kind in (("bob", "rsa"), ("alice", "ed25519")):
        status, out, _ = run(tmp_path, "keys", "show", account, "--type", kind)
        assert status == 0
        assert load_pem_private_key(out.encode(), None)
    assert run(tmp_path, "keys", "show", "carol", "--type", "RSA")[0] == 2


def test_without_the_token_nothing_is_done(server: Papernet) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        for method, path in (("GET", "keys"), ("POST", "reset"), ("POST", "accounts")):
            status, _, document = server.request(method, f"/papernet/v1/{path}", b"{}", headers)
            assert status == 401
            assert "token" in document["error"]
    assert server.get("/papernet/v1/health")["epoch"] == 1


def test_no_server_is_one_line(tmp_path: Path) -> None:
    for arguments in (["keys", "list"], ["accounts", "list"], ["reset"], ["reset", "--port", "1"]):
        status, out, err = run(tmp_path, *arguments)
        assert (status, out) == (2, "")
        assert err.startswith("papernet: no papernet is running")
        assert err.count("\n") == 1


def test_two_servers_are_told_apart_by_their_port(tmp_path: Path) -> None:
    with (
        Papernet(tmp_path, "--ephemeral", "--market", "none") as one,
        Papernet(tmp_path, "--ephemeral", "--market", "none") as two,
    ):
        assert run(tmp_path, "reset")[0] == 2
        one.run("reset", "--port", str(one.port))
        assert (one.get("/papernet/v1/health")["epoch"], two.get("/papernet/v1/health")["epoch"]) == (2, 1)


@pytest.mark.parametrize("market", ["sim", "none"])
def test_reset_starts_over_and_keeps_keys(tmp_path: Path, market: str) -> None:
    order = {"symbol": "LTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 1, "price": "55"}
    with Papernet(tmp_path, "--market", market) as server:
        alice = server.account("alice")
        assert server.signed(alice, "POST", "/api/v3/order", **order)[0] == 200
        server.run("accounts", "deposit", "alice", "USDT", "5")
        assert server.run("reset") == "epoch 2\n"
        assert server.signed(alice, "GET", "/api/v3/openOrders") == (200, [])
        balances = {row["asset"]: row["free"] for row in server.signed(alice, "GET", "/api/v3/account")[1]["balances"]}
        assert balances["USDT"] == "10000.00000000"
        assert bool(server.get("/api/v3/depth?symbol=BTCUSDT")["bids"]) == (market == "sim")
    with Papernet(tmp_path, "--market", market) as server:
        assert server.get("/papernet/v1/health")["epoch"] == 2
        assert bool(server.get("/api/v3/depth?symbol=BTCUSDT")["bids"]) == (market == "sim")


def test_a_token_of_ones_own(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("up", "--port", "0", "--json", "--ephemeral", "--market", "none"),
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path) | {"PAPERNET_TOKEN": "mine"},
    ) as process:
        assert process.stdout is not None
        control = json.loads(process.stdout.readline())["control"]
        asked = subprocess.run(
            command("accounts", "list"),
            capture_output=True,
            text=True,
            env=environment(tmp_path / "elsewhere") | {"PAPERNET_CONTROL": control, "PAPERNET_TOKEN": "mine"},
            check=True,
            timeout=PATIENCE,
        )
        assert "alice" in asked.stdout
        process.terminate()
