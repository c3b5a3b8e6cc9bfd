"""faqs/stp_faq: the scenarios, first as stories at every door, then the replies field by field."""

from typing import Any

import pytest
from msgspec.structs import replace

from papernet.core.commands import ConfigureAccount
from papernet.core.enums import SelfTradeMode
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, QUERIED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import PURSE
from tests.support.worlds import make_symbol

THREE_MAKERS = """
    alice buy 1.2 @ 1.2 stp NONE as M1    -> NEW
    alice buy 1.3 @ 1.1 stp NONE as M2    -> NEW
    alice buy 8.1 @ 1   stp NONE as M3    -> NEW
"""


def test_scenario_a_none_trades(story: Story) -> None:
    story("""
        alice buy  1 @ 1 stp NONE as M    -> NEW
        alice sell 1 @ 1 stp NONE as T    -> FILLED 1@1
        alice sees M FILLED 1/1 cummulativeQuoteQty=1
        book
    """)


def test_scenario_b_expire_maker(story: Story) -> None:
    story(
        THREE_MAKERS
        + """
        wait 1
        alice sell 3 @ 1 stp EXPIRE_MAKER as T    -> NEW
        alice sees M1 EXPIRED_IN_MATCH 0/1.2 preventedQuantity=1.2
        alice sees M2 EXPIRED_IN_MATCH 0/1.3 preventedQuantity=1.3
        alice sees M3 EXPIRED_IN_MATCH 0/8.1 preventedQuantity=8.1
        alice sees T NEW 0/3 preventedQuantity=-
        alice opens T
        alice has 997 + 3 BTC
        alice has 100000 + 0 USDT
        book
        | | 1 | T:3 |
    """
    )


def test_scenario_c_expire_taker(story: Story) -> None:
    story(
        THREE_MAKERS
        + """
        alice sell 3 @ 1 stp EXPIRE_TAKER as T    -> EXPIRED_IN_MATCH prevented=3
        alice sees T EXPIRED_IN_MATCH 0/3 preventedQuantity=3
        alice sees M1 NEW 0/1.2 preventedQuantity=-
        alice sees M2 NEW 0/1.3 preventedQuantity=-
        alice sees M3 NEW 0/8.1 preventedQuantity=-
        book
        | M1:1.2 | 1.2 | |
        | M2:1.3 | 1.1 | |
        | M3:8.1 | 1   | |
    """
    )


def test_scenario_d_expire_both(story: Story) -> None:
    story("""
        alice buy  1 @ 1 stp NONE as M           -> NEW
        alice sell 3 @ 1 stp EXPIRE_BOTH as T    -> EXPIRED_IN_MATCH prevented=3
        alice sees M EXPIRED_IN_MATCH 0/1 preventedQuantity=1
        alice sees T EXPIRED_IN_MATCH 0/3 preventedQuantity=3
        alice opens nothing
        alice has 1000 + 0 BTC
        alice has 100000 + 0 USDT
    """)


def test_scenario_e_the_takers_mode_decides(story: Story) -> None:
    story("""
        alice buy  1 @ 1 stp EXPIRE_MAKER as M    -> NEW
        alice sell 1 @ 1 stp EXPIRE_TAKER as T    -> EXPIRED_IN_MATCH prevented=1
        alice sees M NEW 0/1 preventedQuantity=-
    """)


def test_scenario_f_a_market_order_finds_nothing_left(story: Story) -> None:
    story("""
        alice buy  1 @ 1 stp NONE as M          -> NEW
        alice sell 1 stp EXPIRE_MAKER as T      -> EXPIRED INSUFFICIENT_LIQUIDITY
        alice sees M EXPIRED_IN_MATCH 0/1 preventedQuantity=1
        alice sees T EXPIRED 0/1 INSUFFICIENT_LIQUIDITY preventedQuantity=-
    """)


def test_scenario_g_decrement(story: Story) -> None:
    story("""
        alice buy  6 @ 2 stp NONE as M          -> NEW
        wait 1
        alice sell 2 @ 2 stp DECREMENT as T     -> EXPIRED_IN_MATCH prevented=2
        alice sees M NEW 0/6 preventedQuantity=2
        alice sees T EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice has 99992 + 8 USDT
        book
        | M:4 | 2 | |
    """)


def test_scenario_h_transfer(story: Story) -> None:
    story(
        """
        alice joins group 1
        bob   joins group 1
        alice has 20000 + 0 BTC
        bob   has 20000 + 0 USDT
        alice buy  0.6 @ 0.2 stp TRANSFER as M   -> NEW
        bob   sell 0.2 @ 0.2 stp TRANSFER as T   -> EXPIRED_IN_MATCH prevented=0.2
        alice sees M NEW 0/0.6 preventedQuantity=0.2
        bob   sees T EXPIRED_IN_MATCH 0/0.2 preventedQuantity=0.2
        alice has 20000.2 + 0 BTC
        alice has 19999.88 + 0.08 USDT
        bob   has 19999.8 + 0 BTC
        bob   has 20000.04 + 0 USDT
        """,
        purse="20000 BTC 20000 USDT",
    )


EVERY_MODE = ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER")


@pytest.mark.parametrize("maker", EVERY_MODE)
@pytest.mark.parametrize("taker", EVERY_MODE)
def test_the_table_of_effective_modes(story: Story, taker: str, maker: str) -> None:
    """Two accounts of a group, a maker of 6 and a taker of 2: what each mode leaves."""
    effective = taker if taker != "TRANSFER" or maker == "TRANSFER" else "DECREMENT"
    answers = {
        "NONE": ("FILLED 2@2", "PARTIALLY_FILLED 2/6"),
        "EXPIRE_MAKER": ("NEW", "EXPIRED_IN_MATCH 0/6 preventedQuantity=6"),
        "EXPIRE_TAKER": ("EXPIRED_IN_MATCH prevented=2", "NEW 0/6 preventedQuantity=-"),
        "EXPIRE_BOTH": ("EXPIRED_IN_MATCH prevented=2", "EXPIRED_IN_MATCH 0/6 preventedQuantity=6"),
        "DECREMENT": ("EXPIRED_IN_MATCH prevented=2", "NEW 0/6 preventedQuantity=2"),
        "TRANSFER": ("EXPIRED_IN_MATCH prevented=2", "NEW 0/6 preventedQuantity=2"),
    }
    told, left = answers[effective]
    moved = effective in ("NONE", "TRANSFER")
    story(f"""
        alice joins group 7
        bob   joins group 7
        alice buy  6 @ 2 stp {maker} as M    -> NEW
        bob   sell 2 @ 2 stp {taker} as T    -> {told}
        alice sees M {left}
        alice has {1002 if moved else 1000} + 0 BTC
    """)


@pytest.mark.parametrize("mode", EVERY_MODE[1:])
@pytest.mark.parametrize("groups", ["", "alice joins group 1\n bob joins group 2", "bob joins group 1"])
def test_strangers_trade_whatever_their_modes(story: Story, mode: str, groups: str) -> None:
    story(f"""
        {groups}
        alice buy  6 @ 2 stp {mode} as M     -> NEW
        bob   sell 2 @ 2 stp {mode} as T     -> FILLED 2@2
    """)


def test_transfer_to_oneself_is_decrement(story: Story) -> None:
    story("""
        alice buy  2 @ 2 stp TRANSFER as M     -> NEW
        alice sell 6 @ 2 stp TRANSFER as T     -> NEW prevented=2
        alice sees M EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice sees T NEW 0/6 preventedQuantity=2
        alice has 996 + 4 BTC
        alice has 100000 + 0 USDT
        book
        | | 2 | T:4 |
    """)


def test_equal_orders_decrement_each_other_away(story: Story) -> None:
    story("""
        alice buy  2 @ 2 as M                  -> NEW
        alice sell 2 @ 2 stp DECREMENT as T    -> EXPIRED_IN_MATCH prevented=2
        alice sees M EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice opens nothing
    """)


def test_a_taker_trades_with_others_until_it_meets_its_own_kind(story: Story) -> None:
    story("""
        bob   buy 1 @ 3 as B1
        alice buy 2 @ 2 as M
        bob   buy 3 @ 1 as B2
        alice sell 5 @ 1 stp EXPIRE_TAKER as T1   -> EXPIRED_IN_MATCH 1@3 prevented=4
        alice sell 5 @ 1 stp EXPIRE_MAKER as T2   -> PARTIALLY_FILLED 3@1
        alice sees M EXPIRED_IN_MATCH 0/2 preventedQuantity=2
        alice sees T1 EXPIRED_IN_MATCH 1/5 preventedQuantity=4
        book
        | | 1 | T2:2 |
    """)


def test_a_partly_filled_maker_loses_what_is_left_of_it(story: Story) -> None:
    story("""
        alice buy 5 @ 2 as M
        bob   sell 2 @ 2                            -> FILLED 2@2
        alice sell 1 @ 2 stp EXPIRE_BOTH as T       -> EXPIRED_IN_MATCH prevented=1
        alice sees M EXPIRED_IN_MATCH 2/5 preventedQuantity=3
        alice has 99996 + 0 USDT
    """)


def test_what_is_left_after_decrementing_goes_on_trading(story: Story) -> None:
    story("""
        alice buy 5 @ 2 as M
        alice sell 2 @ 2 stp DECREMENT              -> EXPIRED_IN_MATCH prevented=2
        bob   sell 1 @ 2                            -> FILLED 1@2
        alice sees M PARTIALLY_FILLED 1/5 preventedQuantity=2
        bob   sell 2 @ 2                            -> FILLED 2@2
        alice sees M FILLED 3/5 preventedQuantity=2
        book
    """)


def test_a_mode_that_the_symbol_does_not_allow(story: Story) -> None:
    modes = (SelfTradeMode.NONE, SelfTradeMode.EXPIRE_TAKER, SelfTradeMode.EXPIRE_BOTH)
    story(
        """
        alice sell 3 @ 1 stp EXPIRE_MAKER    -> 400 -1013 This symbol does not allow the specified self-trade prevention mode.
        alice sell 3 @ 1 stp NONE            -> NEW
        alice sell 3 @ 1 stp EXPIRE_TAKER    -> NEW
        alice sell 3 @ 1 stp EXPIRE_BOTH     -> NEW
        """,
        replace(make_symbol(), self_trade_modes=modes),
    )


def test_a_symbol_has_a_mode_for_those_who_name_none(story: Story) -> None:
    story(
        """
        alice buy  1 @ 1 as M            -> NEW
        alice sell 1 @ 1 as T            -> EXPIRED_IN_MATCH prevented=1
        alice sees T EXPIRED_IN_MATCH 0/1
        alice sell 1 @ 1 stp NONE        -> FILLED 1@1
        """,
        replace(make_symbol(), default_self_trade_mode=SelfTradeMode.EXPIRE_TAKER),
    )


# ---- the replies, field by field


class Scene:
    """A REST door at which orders are placed by texts like those of the document."""

    def __init__(self, *groups: int, purse: str = PURSE) -> None:
        self.door = RestStoryDoor((make_symbol(),), purse, None)
        for account, group in enumerate(groups, 1):
            self.door.control(ConfigureAccount(account, trade_group=group))

    def place(self, text: str, who: str = "alice") -> Any:
        """Place "side=BUY type=LIMIT ..." and return the reply, a second after whatever came before."""
        self.door.now += 1_000_000
        params = dict(pair.split("=") for pair in text.split())
        params |= {"timeInForce": "GTC"} if params["type"] == "LIMIT" else {}
        status, reply = self.door.send(who, "POST", "order", {"symbol": "BTCUSDT", "newOrderRespType": "FULL"} | params)
        assert status == 200, reply
        return reply

    def query(self, placed: Any, who: str = "alice") -> Any:
        """Return an order as it is now."""
        return self.door.send(who, "GET", "order", {"symbol": "BTCUSDT", "orderId": placed["orderId"]})[1]

    def prevented(self, placed: Any, who: str = "alice") -> Any:
        """Return an order's prevented matches."""
        return self.door.send(who, "GET", "myPreventedMatches", {"symbol": "BTCUSDT", "orderId": placed["orderId"]})[1]


def queried(**said: Any) -> dict[str, Any]:
    """Return a queried limit order."""
    return sample(QUERIED, **said)


def full(**said: Any) -> dict[str, Any]:
    """Return a placed limit order, in full."""
    return sample(PLACED, fills=[], **said)


def match(number: int, maker: Any, price: str, **lost: str) -> dict[str, Any]:
    """Return a prevented match as a reply shows it."""
    ids = {"preventedMatchId": number, "makerSymbol": "BTCUSDT", "makerOrderId": maker["orderId"]}
    return ids | {"price": price} | lost


def test_the_replies_of_scenario_a() -> None:
    scene = Scene()
    maker = scene.place("side=BUY type=LIMIT quantity=1 price=1 selfTradePreventionMode=NONE")
    taker = scene.place("side=SELL type=LIMIT quantity=1 price=1 selfTradePreventionMode=NONE")
    done = {"price": "1", "origQty": "1", "executedQty": "1", "cummulativeQuoteQty": "1", "status": "FILLED"}
    agree(scene.query(maker), queried(**done, side="BUY", time=maker["transactTime"], updateTime=taker["transactTime"]))
    fill = {"price": "1", "qty": "1", "commission": "0", "commissionAsset": "USDT", "tradeId": 0}
    agree(taker, full(**done, side="SELL", workingTime=taker["transactTime"]) | {"fills": [fill]})


def _three(scene: Scene) -> list[Any]:
    return [
        scene.place(f"side=BUY type=LIMIT quantity={quantity} price={price} selfTradePreventionMode=NONE")
        for quantity, price in (("1.2", "1.2"), ("1.3", "1.1"), ("8.1", "1"))
    ]


def test_the_replies_of_scenario_b() -> None:
    scene = Scene()
    makers = _three(scene)
    taker = scene.place("side=SELL type=LIMIT quantity=3 price=1 selfTradePreventionMode=EXPIRE_MAKER")
    rows = list(zip(makers, ("1.2", "1.1", "1"), ("1.2", "1.3", "8.1"), strict=True))
    for number, (maker, price, quantity) in enumerate(rows):
        lost = {"preventedMatchId": number, "preventedQuantity": quantity, "status": "EXPIRED_IN_MATCH"}
        times = {"time": maker["transactTime"], "workingTime": maker["transactTime"], "updateTime": taker["transactTime"]}
        agree(scene.query(maker), queried(price=price, origQty=quantity, side="BUY", **lost, **times))
    matches = [
        match(number, maker, price, makerPreventedQuantity=quantity) for number, (maker, price, quantity) in enumerate(rows)
    ]
    wanted = full(
        price="1", origQty="3", side="SELL", selfTradePreventionMode="EXPIRE_MAKER", workingTime=taker["transactTime"]
    )
    agree(taker, wanted | {"preventedMatches": matches})


def test_the_replies_of_scenario_c() -> None:
    scene = Scene()
    makers = _three(scene)
    taker = scene.place("side=SELL type=LIMIT quantity=3 price=1 selfTradePreventionMode=EXPIRE_TAKER")
    for maker, price, quantity in zip(makers, ("1.2", "1.1", "1"), ("1.2", "1.3", "8.1"), strict=True):
        at = maker["transactTime"]
        agree(scene.query(maker), queried(price=price, origQty=quantity, side="BUY", time=at, updateTime=at, workingTime=at))
    lost = {"preventedMatchId": 0, "preventedQuantity": "3", "status": "EXPIRED_IN_MATCH"}
    mode = {"selfTradePreventionMode": "EXPIRE_TAKER"}
    agree(scene.query(taker), queried(price="1", origQty="3", side="SELL", **lost, **mode))


def test_the_replies_of_scenario_d() -> None:
    scene = Scene(1)
    maker = scene.place("side=BUY type=LIMIT quantity=1 price=1 selfTradePreventionMode=NONE")
    taker = scene.place("side=SELL type=LIMIT quantity=3 price=1 selfTradePreventionMode=EXPIRE_BOTH")
    lost = {"preventedMatchId": 0, "preventedQuantity": "1", "status": "EXPIRED_IN_MATCH"}
    agree(scene.query(maker), queried(price="1", origQty="1", side="BUY", updateTime=taker["transactTime"], **lost))
    wanted = full(price="1", origQty="3", side="SELL", status="EXPIRED_IN_MATCH", selfTradePreventionMode="EXPIRE_BOTH")
    matches = [match(0, maker, "1", takerPreventedQuantity="3", makerPreventedQuantity="1")]
    agree(taker, wanted | {"preventedMatches": matches, "tradeGroupId": 1, "preventedQuantity": "3"})


def test_the_replies_of_scenario_e() -> None:
    scene = Scene()
    maker = scene.place("side=BUY type=LIMIT quantity=1 price=1 selfTradePreventionMode=EXPIRE_MAKER")
    taker = scene.place("side=SELL type=LIMIT quantity=1 price=1 selfTradePreventionMode=EXPIRE_TAKER")
    agree(scene.query(maker), queried(price="1", origQty="1", side="BUY", selfTradePreventionMode="EXPIRE_MAKER"))
    wanted = full(price="1", origQty="1", side="SELL", status="EXPIRED_IN_MATCH", selfTradePreventionMode="EXPIRE_TAKER")
    agree(taker, wanted | {"preventedMatches": [match(0, maker, "1", takerPreventedQuantity="1")], "preventedQuantity": "1"})


def test_the_replies_of_scenario_f() -> None:
    scene = Scene()
    maker = scene.place("side=BUY type=LIMIT quantity=1 price=1 selfTradePreventionMode=NONE")
    taker = scene.place("side=SELL type=MARKET quantity=1 selfTradePreventionMode=EXPIRE_MAKER")
    lost = {"preventedMatchId": 0, "preventedQuantity": "1", "status": "EXPIRED_IN_MATCH"}
    agree(scene.query(maker), queried(price="1", origQty="1", side="BUY", **lost))
    wanted = full(price="0", origQty="1", side="SELL", type="MARKET", status="EXPIRED", selfTradePreventionMode="EXPIRE_MAKER")
    matches = [match(0, maker, "1", makerPreventedQuantity="1")]
    agree(taker, wanted | {"preventedMatches": matches, "expiryReason": "INSUFFICIENT_LIQUIDITY"})


def test_the_replies_of_scenario_g() -> None:
    scene = Scene()
    maker = scene.place("side=BUY type=LIMIT quantity=6 price=2 selfTradePreventionMode=DECREMENT")
    taker = scene.place("side=SELL type=LIMIT quantity=2 price=2 selfTradePreventionMode=DECREMENT")
    lost = {"preventedMatchId": 0, "preventedQuantity": "2", "selfTradePreventionMode": "DECREMENT"}
    times = {"time": maker["transactTime"], "updateTime": taker["transactTime"], "workingTime": maker["transactTime"]}
    agree(scene.query(maker), queried(price="2", origQty="6", side="BUY", **lost, **times))
    agree(scene.query(taker), queried(price="2", origQty="2", side="SELL", status="EXPIRED_IN_MATCH", **lost))


def test_the_replies_of_scenario_h() -> None:
    scene = Scene(1, 1, purse="20000 BTC 20000 USDT")
    maker = scene.place("side=BUY type=LIMIT quantity=0.6 price=0.2 selfTradePreventionMode=TRANSFER")
    taker = scene.place("side=SELL type=LIMIT quantity=0.2 price=0.2 selfTradePreventionMode=TRANSFER", "bob")
    mode = {"selfTradePreventionMode": "TRANSFER"}
    lost = {"preventedMatchId": 0, "preventedQuantity": "0.2"}
    agree(scene.query(maker), queried(price="0.2", origQty="0.6", side="BUY", updateTime=taker["transactTime"], **lost, **mode))
    wanted = full(price="0.2", origQty="0.2", side="SELL", status="EXPIRED_IN_MATCH", **mode)
    matches = [match(0, maker, "0.2", takerPreventedQuantity="0.2", makerPreventedQuantity="0.2")]
    agree(taker, wanted | {"preventedMatches": matches, "tradeGroupId": 1, "preventedQuantity": "0.2"})
    recorded = {
        "symbol": "BTCUSDT",
        "preventedMatchId": 0,
        "takerOrderId": taker["orderId"],
        "makerSymbol": "BTCUSDT",
        "makerOrderId": maker["orderId"],
        "tradeGroupId": 1,
        "selfTradePreventionMode": "TRANSFER",
        "price": "0.2",
        "takerPreventedQuantity": "0.2",
        "makerPreventedQuantity": "0.2",
        "transactTime": taker["transactTime"],
    }
    agree(scene.prevented(maker), [recorded])
    agree(scene.prevented(taker, "bob"), [recorded])


@pytest.mark.parametrize(
    ("mode", "lost"),
    [
        ("EXPIRE_MAKER", {"makerPreventedQuantity": "10"}),
        ("EXPIRE_TAKER", {"takerPreventedQuantity": "1"}),
        ("EXPIRE_BOTH", {"takerPreventedQuantity": "1", "makerPreventedQuantity": "10"}),
        ("DECREMENT", {"takerPreventedQuantity": "1", "makerPreventedQuantity": "1"}),
    ],
)
def test_what_a_prevented_match_records(mode: str, lost: dict[str, str]) -> None:
    scene = Scene(1)
    maker = scene.place("side=BUY type=LIMIT quantity=10 price=50")
    taker = scene.place(f"side=SELL type=LIMIT quantity=1 price=50 selfTradePreventionMode={mode}")
    recorded = {
        "symbol": "BTCUSDT",
        "preventedMatchId": 0,
        "takerOrderId": taker["orderId"],
        "makerSymbol": "BTCUSDT",
        "makerOrderId": maker["orderId"],
        "tradeGroupId": 1,
        "selfTradePreventionMode": mode,
        "price": "50",
        "transactTime": taker["transactTime"],
    }
    agree(scene.prevented(taker), [recorded | lost])
    agree(scene.prevented(maker), [recorded | lost])


def test_the_trade_group_of_an_account() -> None:
    scene = Scene(5)
    shown = [scene.door.send(who, "GET", "account", {})[1].get("tradeGroupId") for who in ("alice", "bob")]
    assert shown in ([5, -1], [5, None])
