"""The Python in the documents, run as it stands against a server with a living market; only the port is another."""

import asyncio
import queue
import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from binance import BinanceSocketManager
from binance.base_client import BaseClient
from binance.ws.reconnecting_websocket import ReconnectingWebsocket

from tests.clients.conftest import Server, running
from tests.clients.crowd import PATIENCE, crowd_of

# A library may warn of another one; what matters here is that the snippet does what it says.
pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/clients.md", "docs/websocket.md", "docs/options.md")
# What the tests' environment does not hold, what would start another server, and what is a test itself (tests/howto).
ELSEWHERE = ("cryptofeed", "binance-connector", "In a test", "pytest")
LINES_MAX = 20

SYMBOL = "XRPUSDT"


class EnoughError(Exception):
    """A snippet that goes on for ever has printed enough."""


def snippets(page: str) -> dict[str, list[str]]:
    """Return the blocks of Python of each section of a page."""
    parts = re.split(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {
        heading: re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    return {heading: blocks for heading, blocks in found.items() if blocks and heading not in ELSEWHERE}


@pytest.fixture(scope="module")
def living() -> Iterator[Server]:
    """Start papernet with a market, as whoever follows the documents does."""
    with running("--port", "0", "--ephemeral", "--market", "sim", "--activity", "1") as started:
        yield started


@pytest.mark.parametrize(("page", "heading"), [(page, heading) for page in PAGES for heading in snippets(page)])
def test_a_section_runs_as_it_stands(page: str, heading: str, living: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a section, one after the other, print what they print and raise nothing."""
    for owner, name in ((BaseClient, "API_TESTNET_URL"), (BaseClient, "WS_API_TESTNET_URL")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setattr(BinanceSocketManager, "STREAM_TESTNET_URL", BinanceSocketManager.STREAM_TESTNET_URL)
    # The client listens for so long to a socket that is being closed.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)
    printed: list[tuple[Any, ...]] = []

    def show(*what: Any) -> None:
        printed.append(what)
        if len(printed) == LINES_MAX and threading.current_thread() is threading.main_thread():
            raise EnoughError

    alice, ed25519 = living.key("alice"), living.key("alice", "ED25519")
    names: dict[str, Any] = {"API_KEY": alice.api_key, "KEY": alice.api_key, "SECRET": alice.secret}
    names |= {"ED25519_KEY": ed25519.api_key, "PEM": ed25519.secret, "print": show, "__name__": "snippet"}
    address = living.rest.removeprefix("http://")
    blocks = [block.replace("127.0.0.1:8080", address) for block in snippets(page)[heading]]
    try:
        for block in blocks:
            exec(compile(block, f"{page}: {heading}", "exec"), names)
    except EnoughError:
        pass
    finally:
        # `asyncio.run` leaves none, and later tests of pytest-asyncio bring their own.
        asyncio.set_event_loop(None)
    manager = names.get("manager")
    for thread in (*manager.stream_threads.values(), manager) if manager else ():
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert printed


def test_the_recipe_keeps_the_exchanges_book(server: Server) -> None:
    """The local order book of docs/websocket.md, while orders come, trade and go: equal when the ids are."""
    (block,) = snippets("docs/websocket.md")["A local order book"]
    recipe, _, _ = block.partition("\n\n\nfor ")
    names: dict[str, Any] = {}
    exec(compile(recipe, "recipe", "exec"), names)
    books: queue.Queue[tuple[int, list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]] = queue.Queue()
    enough = threading.Event()

    def follow() -> None:
        for update_id, bids, asks in names["order_books"](SYMBOL, server.rest, server.streams):
            books.put((update_id, sorted(bids.items(), reverse=True), sorted(asks.items())))
            if enough.is_set():
                return

    with crowd_of(server) as crowd:
        follower = threading.Thread(target=follow)
        follower.start()
        while books.empty() and follower.is_alive():
            # The stream is silent until something happens.
            crowd.trade(SYMBOL, "10", "0.5")
        for step in range(40):
            crowd.alice.limit("BUY", SYMBOL, "25", f"0.4{9 - step % 7}")
            crowd.bob.limit("SELL", SYMBOL, "15", f"0.4{8 + step % 2}")
        there = crowd.get("depth", symbol=SYMBOL, limit=5000)
        while (book := books.get(timeout=PATIENCE))[0] < there["lastUpdateId"]:
            pass
        expected = [[(Decimal(price), Decimal(quantity)) for price, quantity in there[side]] for side in ("bids", "asks")]
        assert book == (there["lastUpdateId"], *expected)
        assert len(book[1]) > 2
        enough.set()
        crowd.alice.limit("BUY", SYMBOL, "25", "0.40")
        follower.join(PATIENCE)
        assert not follower.is_alive()
