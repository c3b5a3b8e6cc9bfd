"""The user streams of a busy market: whatever happens, what each account is told is true, complete and in order.

Every command's events are given to a client that keeps orders and balances by nothing else, for each of the accounts, and then
compared with what the account would be answered at this moment over REST, and with the reply to the command.
"""

import json
from random import Random
from typing import Any

import pytest

from papernet.app.operations import OPERATIONS, ResponseType, TimeUnit
from papernet.app.outbox import Outbox
from papernet.app.queries import QUERIES, Context
from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
)
from papernet.core.events import Applied, Trade
from papernet.exchange.views import Views
from papernet.protocols.json import replies
from papernet.protocols.json.replies_orders import order_status
from papernet.protocols.websocket.user_feed import UserFeed
from tests.support import busy
from tests.support.asking import ListPast
from tests.support.duel import CAROL, USERS, Duel
from tests.support.stream_client import StreamClient
from tests.support.told_twice import Json, agree, agree_on_command
from tests.support.worlds import ALICE, BOB, CROWD, refusal

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
REQUESTS = (NewOrder, NewOrderList, CancelOrder, CancelOpenOrders, CancelOrderList, ReplaceOrder, AmendOrder)
EVERYBODY = (ALICE, BOB, CROWD, CAROL)


class Watched(Duel):
    """A duel whose accounts all listen to their streams."""

    clients: dict[int, StreamClient] | None = None

    def watch(self) -> None:
        """Let everybody subscribe."""
        self.context = Context(self.exchange, Views(), ListPast())
        self.feed, self.outbox = UserFeed(), Outbox(len(self.entries))
        self.outbox.add(self.feed)
        self.passed: list[Applied] = []
        self.met: set[str] = set()
        self.clients = {}
        for account in EVERYBODY:
            rows = self.account(account)["balances"]
            client = StreamClient({row["asset"]: (row["free"], row["locked"]) for row in rows})
            self.clients[account] = client
            self.feed.subscribe(account, MS, client.receive)

    def account(self, account: int) -> Any:
        """Return the answer to GET /account."""
        params = {param.name: param.default for param in OPERATIONS["account.status"].parameters}
        value = QUERIES["account.status"](self.context, params, account, self.now)
        return json.loads(replies.RENDERERS["account.status"](value, MS))

    def apply(self, command: Command) -> Applied:
        """Apply, tell everybody, and look whether all of it is true."""
        applied = super().apply(command)
        if self.clients is not None:
            self.passed.append(applied)
            self.outbox.take(applied)
            self.outbox.release(applied.seq)
            news = {account: client.take_news() for account, client in self.clients.items()}
            self.look_at_trades(applied, news)
            for account, client in self.clients.items():
                self.look_at_orders(account, client)
                if USERS[account]:
                    self.look_at_balances(account, client, news[account])
            self.look_at_reply(command, applied, news)
            self.remember(news)
        return applied

    def look_at_trades(self, applied: Applied, news: dict[int, list[Json]]) -> None:
        """One trade is told exactly twice, to the two sides, with the same id, quantity and price."""
        told = [event for events in news.values() for event in events if event.get("x") == "TRADE"]
        allocated = [event for event in told if "a" in event]
        trades = [event for event in applied.events if isinstance(event, Trade)]
        assert len(told) == 2 * len(trades)
        for trade in trades:
            pair = [event for event in told if (event["s"], event["t"]) == (trade.symbol, trade.trade_id)]
            if len(pair) == 1:
                # faqs/sor_faq: the taker of a routed fill has an allocation instead of the trade.
                pair += [event for event in allocated if (event["l"], event["L"]) == (pair[0]["l"], pair[0]["L"])][:1]
                allocated.remove(pair[1])
            one, other = pair
            assert [one[field] for field in "lLYT"] == [other[field] for field in "lLYT"]
            assert [(event["m"], event["S"]) for event in sorted(pair, key=lambda event: event["m"])] == [
                (False, "SELL" if trade.buyer_is_maker else "BUY"),
                (True, "BUY" if trade.buyer_is_maker else "SELL"),
            ]
        assert allocated == []

    def look_at_orders(self, account: int, client: StreamClient) -> None:
        """What was last told of each open order is how it stands."""
        real = self.exchange.accounts.by_id[account].open_orders
        known = client.open_orders()
        assert sorted(known) == sorted(real)
        for key, order in real.items():
            event, queried = known[key], json.loads(order_status(order.record(), MS))
            assert event["w"] == (order.level is not None), "what is on the book is told to be on the book"
            assert queried["isWorking"] == ("W" in event)
            if "D" not in event:
                # docs/fidelity.md: that an order begins to track the price is not reported.
                queried.pop("trailingTime", None)
            agree(queried, event | {"c": client.names[key]}, in_full="u" not in event)

    def look_at_balances(self, account: int, client: StreamClient, news: list[Json]) -> None:
        """Every balance told is that of GET /account at this moment, and no change goes untold."""
        answer = self.account(account)
        answered = {row["asset"]: (row["free"], row["locked"]) for row in answer["balances"]}
        positions = [event for event in news if event["e"] == "outboundAccountPosition"]
        assert len(positions) <= 1
        for event in positions:
            assert event["u"] == answer["updateTime"]
            assert event is news[-1], "balances come last"
            for row in event["B"]:
                assert (row["f"], row["l"]) == answered[row["a"]]
        known = {asset: (f"{free:.8f}", f"{locked:.8f}") for asset, (free, locked) in client.balances.items()}
        assert known == answered

    def look_at_reply(self, command: Command, applied: Applied, news: dict[int, list[Json]]) -> None:
        """The reply to a command, of whatever type, says what its sender's events say."""
        if not isinstance(command, REQUESTS) or refusal(applied) is not None:
            return
        account = command.order.account if isinstance(command, ReplaceOrder) else command.account
        if not USERS[account]:
            return
        for response_type in ResponseType:
            params = {"newOrderRespType": response_type}
            _, body = replies.command_reply(command, applied, params, MS, self.exchange.venue.order_lists)
            agree_on_command(command, response_type, json.loads(body), news[account])

    def remember(self, news: dict[int, list[Json]]) -> None:
        """Note what was met on the way."""
        for events in news.values():
            for event in events:
                self.met |= {event["e"], *(f"{field}" for field in event), f"{event.get('x')} {event.get('X')}"}
                self.met |= {str(event.get("r")), str(event.get("eR"))}


# Whatever is there to be met, but for strategies, which no random order has.
CONDITIONAL = ["d", "D", "v", "A", "B", "u", "U", "Cs", "pl", "pL", "pY", "W", "b", "a", "k", "uS"]
CONDITIONAL += ["gP", "gOT", "gOV", "gp", "eR"]
KINDS = ["executionReport", "outboundAccountPosition", "balanceUpdate", "listStatus", "externalLockUpdate"]
ENDS = [
    "NEW PENDING_NEW",
    "TRADE FILLED",
    "CANCELED CANCELED",
    "REPLACED PARTIALLY_FILLED",
    "TRADE_PREVENTION EXPIRED_IN_MATCH",
]
REJECTS = ["STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY", "WOULD_MATCH_IMMEDIATELY", "OCO_BAD_PRICES"]


def run(seed: int, commands: int) -> Watched:
    """Return a duel that was watched for about so many commands."""
    duel, draw = Watched(), Random(seed)
    duel.watch()
    for _ in range(commands):
        busy.step(duel, draw)
    return duel


def test_every_stream_of_a_busy_market_is_true_and_complete() -> None:
    met: set[str] = set()
    for seed in range(12):
        duel = run(seed, 300)
        met |= duel.met
        assert duel.clients is not None
        for symbol, market in duel.exchange.markets.items():
            told = sorted(number for client in duel.clients.values() for number in client.executions.get(symbol, []))
            assert told == list(range(1, market.next_exec_id)), "each execution id is told once, to one account"
    wanted = {*CONDITIONAL, *KINDS, *ENDS, *REJECTS}
    assert wanted <= met, wanted - met


@pytest.mark.parametrize("seed", range(3))
def test_every_connection_is_told_in_the_order_of_the_journal_whenever_it_becomes_durable(seed: int) -> None:
    entries, draw = run(100 + seed, 150).passed, Random(seed)
    feed, outbox = UserFeed(), Outbox(entries[0].seq - 1)
    outbox.add(feed)
    heard: dict[tuple[int, TimeUnit, int], list[bytes]] = {}
    for account in EVERYBODY:
        for unit in TimeUnit:
            for number in range(2):
                feed.subscribe(account, unit, heard.setdefault((account, unit, number), []).append)
    lone = UserFeed()
    expected: dict[tuple[int, TimeUnit], list[bytes]] = {}
    for account in EVERYBODY:
        for unit in TimeUnit:
            lone.subscribe(account, unit, expected.setdefault((account, unit), []).append)
    for entry in entries:
        outbox.take(entry)
        lone.deliver(lone.encode(entry) or [])
        if draw.randrange(4) == 0:
            outbox.release(entry.seq - draw.randrange(4))
    outbox.release(entries[-1].seq)
    assert all(expected.values())
    for (account, unit, _), texts in heard.items():
        assert texts == expected[account, unit]


@pytest.mark.simulate
@pytest.mark.parametrize("part", range(20))
def test_long_streams_are_true_and_complete(part: int) -> None:
    for seed in range(20):
        assert run(2_000_000 + 1_000 * part + seed, 500).passed
