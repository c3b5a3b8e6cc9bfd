"""faqs/commission_faq to the digit, and the market order of faqs/market_orders_faq."""

from typing import Any

import pytest

from papernet.core.commands import Command, ConfigureAccount, SetCommission
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story
from tests.support.story_doors import story as tell
from tests.support.worlds import make_symbol, units

BTC = make_symbol()
BNB = make_symbol(name="BNBUSDT", base="BNB")
QUARTER: dict[str, object] = {"discount_rate": units("0.25")}
IN_BNB = ConfigureAccount(1, pays_with_discount_asset=True)


def rates(standard: str, special: str, tax: str, account: int = 1) -> SetCommission:
    """Return the rates of an account, each "maker taker buyer seller"."""
    rows = [tuple(units(rate) for rate in row.split()) for row in (standard, special, tax)]
    maker, taker, buyer, seller = rows[0]
    return SetCommission(account, maker, taker, buyer, seller, "", rows[1], rows[2])  # type: ignore[arg-type]


EXAMPLE = rates(
    "0.00000010 0.00000020 0.00000030 0.00000040",
    "0.01 0.02 0.03 0.04",
    "0.00000112 0.00000114 0.00000118 0.00000116",
)
# 0.01049475 standard + 1049.475 special + 0.04022988 tax (rounded half up) of 17491.25 USDT
SOLD = """
    bob   buy 1 @ 35000 as B1
    alice sell 0.49975 as A1             -> FILLED 0.49975@35000
    alice has 999.50025 + 0 BTC
"""


def test_the_example_paid_out_of_what_is_received(story: Story) -> None:
    story(
        f"""
        {SOLD}
        alice has 116441.72427537 + 0 USDT
        """,
        BTC,
        rules=QUARTER,
        setup=[EXAMPLE],
    )


def test_the_example_paid_with_bnb(story: Story) -> None:
    """0.00001009 standard with its discount + 4.03644231 special + 0.00015473 tax, at 260 USDT each."""
    story(
        f"""
        market trades at 260 on BNBUSDT
        {SOLD}
        alice has 117491.25 + 0 USDT
        alice has 95.96339287 + 0 BNB
        """,
        BTC,
        BNB,
        purse="1000 BTC 100000 USDT 100 BNB",
        rules=QUARTER,
        setup=[EXAMPLE, IN_BNB],
    )


@pytest.mark.parametrize(("bnb", "left"), [("4.03660713", "0 + 0 BNB"), ("4.03660712", "4.03660712 + 0 BNB")])
def test_there_has_to_be_enough_bnb(story: Story, bnb: str, left: str) -> None:
    enough = left.startswith("0 ")
    story(
        f"""
        crowd gets 1 BNB
        alice gets {bnb} BNB
        market trades at 260 on BNBUSDT
        {SOLD}
        alice has {left}
        alice has {"117491.25" if enough else "116441.72427537"} + 0 USDT
        """,
        BTC,
        BNB,
        rules=QUARTER,
        setup=[EXAMPLE, IN_BNB],
    )


# a buyer's 0.002 BTC: at 100 USDT each and 200 USDT a BNB, or at 5 BNB each, or at 0.25 BTC a BNB; a quarter of it
@pytest.mark.parametrize(
    ("prices", "paid"),
    [
        ("market trades at 200 on BNBUSDT", "0.00025"),
        ("market trades at 5 on BTCBNB", "0.0025"),
        ("market trades at 0.25 on BNBBTC", "0.002"),
    ],
)
def test_what_is_received_is_worth_so_much_bnb(story: Story, prices: str, paid: str) -> None:
    story(
        f"""
        market trades at 100
        {prices}
        bob   sell 2 @ 100 as B1
        alice buy 2 @ 100
        alice has 1002 + 0 BTC
        alice has {100 - float(paid):.8f} + 0 BNB
        """,
        BTC,
        BNB,
        make_symbol(name="BTCBNB", quote="BNB"),
        make_symbol(name="BNBBTC", base="BNB", quote="BTC"),
        purse="1000 BTC 100000 USDT 100 BNB",
        rules=QUARTER,
        setup=[SetCommission(1, 100_000, 100_000), IN_BNB],
    )


def test_without_a_price_of_bnb_commission_is_paid_out_of_what_is_received(story: Story) -> None:
    story(
        """
        bob   sell 2 @ 100 as B1
        alice buy 2 @ 100
        alice has 1001.998 + 0 BTC
        alice has 100 + 0 BNB
        """,
        BTC,
        BNB,
        purse="1000 BTC 100000 USDT 100 BNB",
        rules=QUARTER,
        setup=[SetCommission(1, 100_000, 100_000), IN_BNB],
    )


def test_bnb_that_is_received_pays_for_itself(story: Story) -> None:
    """A buy of 2 BNB: a quarter of 0.002, out of the two."""
    story(
        """
        bob   sell 2 @ 100 as B1
        alice buy 2 @ 100
        alice has 101.9995 + 0 BNB
        """,
        BNB,
        purse="100000 USDT 100 BNB",
        rules=QUARTER,
        setup=[SetCommission(1, 100_000, 100_000), IN_BNB],
    )


def test_bnb_that_is_held_by_orders_does_not_pay(story: Story) -> None:
    story(
        """
        market trades at 200 on BNBUSDT
        alice sell 100 @ 900 on BNBUSDT
        bob   sell 2 @ 100 as B1
        alice buy 2 @ 100
        alice has 1001.998 + 0 BTC
        alice has 0 + 100 BNB
        """,
        BTC,
        BNB,
        purse="1000 BTC 100000 USDT 100 BNB",
        rules=QUARTER,
        setup=[SetCommission(1, 100_000, 100_000), IN_BNB],
    )


def test_symbols_may_be_without_discount(story: Story) -> None:
    story(
        f"""
        market trades at 260 on BNBUSDT
        {SOLD}
        alice has 116441.72427537 + 0 USDT
        alice has 100 + 0 BNB
        """,
        make_symbol(discount_allowed=False),
        BNB,
        purse="1000 BTC 100000 USDT 100 BNB",
        rules=QUARTER,
        setup=[EXAMPLE, IN_BNB],
    )


def test_buyers_pay_with_what_they_receive_and_makers_their_own_rates(story: Story) -> None:
    """A buy of 2 BTC as maker: 2 x (0.0000001 + 0.0000003), 2 x 0.04 and 2 x (0.00000112 + 0.00000118)."""
    story(
        """
        alice buy 2 @ 100 as A1
        bob   sell 2 @ 100
        alice has 1001.9199946 + 0 BTC
        alice has 99800 + 0 USDT
        """,
        BTC,
        setup=[EXAMPLE],
    )


@pytest.mark.parametrize(
    ("amount", "commission"),
    # half a unit is rounded up, less than half away
    [("0.0005", "0.00000001"), ("0.0004", "0"), ("0.0015", "0.00000002"), ("0.0014", "0.00000001")],
)
def test_each_part_is_rounded_half_up(story: Story, amount: str, commission: str) -> None:
    received = units("1000") + units(amount) - units(commission)
    story(
        f"""
        bob   sell {amount} @ 100 as B1
        alice buy {amount} @ 100 as A1
        alice has {received // 10**8}.{received % 10**8:08d} + 0 BTC
        """,
        BTC,
        setup=[SetCommission(1, 1_000, 1_000)],
    )


def test_parts_are_rounded_before_they_are_added(story: Story) -> None:
    """Three parts of half a unit each make three units, not two."""
    story(
        """
        bob   sell 0.0005 @ 100 as B1
        alice buy 0.0005 @ 100 as A1
        alice has 1000.00049997 + 0 BTC
        """,
        BTC,
        setup=[rates("0.00001 0.00001 0 0", "0.00001 0.00001 0 0", "0.00001 0.00001 0 0")],
    )


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_the_rates_of_an_order_and_of_an_account(side: str) -> None:
    """The two samples of the FAQ are of the same rates."""
    door = RestStoryDoor((BTC,), "1000 BTC 100000 USDT", QUARTER)
    standard, special = "0.00000040 0.00000050 0.00000010 0.00000010", "0.04 0.05 0.01 0.01"
    door.control(rates(standard, special, "0.00000128 0.00000130 0.00000100 0.00000100"))
    door.control(IN_BNB)
    discount = {"enabledForAccount": True, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.25000000"}
    params: dict[str, Any] = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC"}
    params |= {"quantity": "1", "price": "10", "computeCommissionRates": "true"}
    of_order = {
        "standardCommissionForOrder": {"maker": "0.00000050", "taker": "0.00000060"},
        "specialCommissionForOrder": {"maker": "0.05000000", "taker": "0.06000000"},
        "taxCommissionForOrder": {"maker": "0.00000228", "taker": "0.00000230"},
        "discount": discount,
    }
    assert door.send("alice", "POST", "order/test", params) == (200, of_order)
    of_account = {
        "symbol": "BTCUSDT",
        "standardCommission": {"maker": "0.00000040", "taker": "0.00000050", "buyer": "0.00000010", "seller": "0.00000010"},
        "specialCommission": {"maker": "0.04000000", "taker": "0.05000000", "buyer": "0.01000000", "seller": "0.01000000"},
        "taxCommission": {"maker": "0.00000128", "taker": "0.00000130", "buyer": "0.00000100", "seller": "0.00000100"},
        "discount": discount,
    }
    assert door.send("alice", "GET", "account/commission", {"symbol": "BTCUSDT"}) == (200, of_account)


# ---- faqs/market_orders_faq

LTC = make_symbol(name="LTCBNB", base="LTC", quote="BNB")
THIN = """
    market trades at 1
    bob   sell 2 @ 1 as B1
    bob   sell 2 @ 1 as B2
"""


def test_a_market_order_that_exhausts_the_book(story: Story) -> None:
    story(
        THIN
        + """
        alice buy 6 as A1                -> EXPIRED INSUFFICIENT_LIQUIDITY 2@1 2@1
        alice sees A1 EXPIRED 4/6 INSUFFICIENT_LIQUIDITY price=0 timeInForce=GTC cummulativeQuoteQty=4
        alice has 1004 + 0 LTC
        alice has 996 + 0 BNB
        """,
        LTC,
        purse="1000 LTC 1000 BNB",
    )


def test_a_market_order_without_the_money(story: Story) -> None:
    story(
        THIN
        + """
        alice sell 1000.1                -> 400 -2010 Account has insufficient balance for requested action.
        bob   sell 5 @ 300 as B3
        alice buy 9                      -> 400 -2010 Account has insufficient balance for requested action.
        """,
        LTC,
        purse="1000 LTC 1000 BNB",
    )


def test_the_reply_of_the_market_order() -> None:
    """Half the standard commission of 0.1 % of 2 LTC at 1 BNB each: 0.001 BNB a fill."""
    setup: list[Command] = [SetCommission(1, 0, 100_000), IN_BNB]
    rules: dict[str, object] = {"discount_rate": units("0.5")}
    door = tell(THIN, LTC, door="rest", purse="1000 LTC 1000 BNB", rules=rules, setup=setup)
    assert isinstance(door, RestStoryDoor)
    params = {"symbol": "LTCBNB", "side": "BUY", "type": "MARKET", "quantity": "6"}
    status, reply = door.send("alice", "POST", "order", params)
    assert status == 200, reply
    fills = [
        {"price": "1", "qty": "2", "commission": "0.001", "commissionAsset": "BNB", "tradeId": number} for number in (1, 2)
    ]
    done = {"origQty": "6", "executedQty": "4", "cummulativeQuoteQty": "4", "expiryReason": "INSUFFICIENT_LIQUIDITY"}
    agree(reply, sample(PLACED, symbol="LTCBNB", price="0", status="EXPIRED", type="MARKET", side="BUY", fills=fills, **done))
    balances = {row["asset"]: row["free"] for row in door.send("alice", "GET", "account", {})[1]["balances"]}
    assert (balances["LTC"], balances["BNB"]) == ("1004.00000000", "995.99800000")
