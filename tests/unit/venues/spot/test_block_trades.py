"""What accounts trade outside the book."""

from papernet.core.commands import OpenAccount, PrintBlockTrade, SetCommission
from papernet.core.enums import AccountKind
from papernet.core.events import AccountUpdate, BlockTrade
from papernet.core.rejects import Reason
from papernet.core.units import SCALE
from papernet.exchange.checkpoint import state_hash
from tests.support.worlds import ALICE, BOB, CROWD, World, reason, units


def test_a_block_trade_moves_money_and_nothing_else() -> None:
    world = World()
    world.apply(SetCommission(ALICE, SCALE // 2, SCALE // 2))
    market = world.exchange.markets["BTCUSDT"]
    world.sell(BOB, "1", "11")
    update_id = market.book.update_id
    applied = world.apply(PrintBlockTrade("BTCUSDT", ALICE, BOB, units("11.5"), units("2"), buyer_is_maker=True))
    assert applied.events == (
        BlockTrade("BTCUSDT", 0, world.now, units("11.5"), units("2"), units("23"), True, ALICE, BOB),
        AccountUpdate(ALICE, world.now, (("BTC", units("1002"), 0), ("USDT", units("99977"), 0))),
        AccountUpdate(BOB, world.now, (("BTC", units("997"), units("1")), ("USDT", units("100023"), 0))),
    )
    # rest-api.md, Historical Block Trades: they are no trades of the book
    assert (market.last_price, market.next_trade_id, market.book.update_id) == (0, 0, update_id)
    applied = world.apply(PrintBlockTrade("BTCUSDT", BOB, CROWD, units("1"), units("1")))
    assert [type(event).__name__ for event in applied.events] == ["BlockTrade", "AccountUpdate"]
    assert market.next_block_trade_id == 2
    world.exchange.check_invariants()


def test_a_refused_block_trade_changes_nothing() -> None:
    world = World()
    world.apply(OpenAccount("poor", 77, AccountKind.USER))
    before = state_hash(world.exchange)
    poor = len(world.exchange.accounts.by_id)
    refused = world.apply(PrintBlockTrade("BTCUSDT", poor, ALICE, units("10"), units("1")))
    assert reason(refused) is Reason.INSUFFICIENT_BALANCE
    assert state_hash(world.exchange) == before
