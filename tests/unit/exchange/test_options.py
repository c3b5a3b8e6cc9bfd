"""The options venue's commands as the machine carries them out, and where both venues meet."""

from typing import get_args

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from papernet.core.commands import (
    AcceptBlockOrder,
    AdvanceTime,
    CancelOption,
    CancelOptions,
    ChangeBlockOrder,
    Command,
    ConfigureOptions,
    ConfigureOptionsAccount,
    CreateBlockOrder,
    Deposit,
    MarkContracts,
    NewOrder,
    OpenAccount,
    OptionTerms,
    PlaceOption,
    QuoteOptions,
    RefreshCountdowns,
    Reset,
    ResetProtection,
    SetCountdown,
    SetLimits,
    SetProtection,
    TransferToOptions,
)
from papernet.core.dates import MINUTE, SECOND
from papernet.core.enums import AccountKind, BillKind, BlockOrderStatus, OrderStatus, OrderType, RiskLevel, Side, TimeInForce
from papernet.core.events import (
    AccountOpened,
    Bill,
    BlockOrderChanged,
    ContractsListed,
    ContractsMarked,
    IndexesSampled,
    Liquidated,
    OptionReport,
    PortfolioUpdate,
    RiskLevelChanged,
    SettingChanged,
    Trade,
    WorldReset,
)
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.exchange.checkpoint import decode, encode, state_hash
from papernet.exchange.machine import _HANDLERS
from papernet.exchange.options import OPTIONS
from papernet.venues.options.block_orders import block_key
from papernet.venues.options.venue import HOUSE
from tests.support.option_market import ALICE, BOB, BTCUSDT, CAROL, CROWD, ETHUSDT, MAKER, NAMES, USERS, make_underlying, units
from tests.support.option_worlds import CALL, OPENING, PURSE, PUT, OptionWorld, busy_options
from tests.support.worlds import NOBODY, reason, refusal

BUY, SELL = Side.BUY, Side.SELL
FAR = "BTC-260123-99999-C"
TERMS = OptionTerms(ALICE, CALL, BUY, SCALE, units(100))
KEY = block_key(1)

# one command of each kind that asks for what is not there
SINGLE: list[tuple[Command, Reject]] = [
    (PlaceOption(replace(TERMS, symbol=FAR)), Reject(Reason.UNKNOWN_CONTRACT)),
    (PlaceOption(replace(TERMS, account=NOBODY)), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (PlaceOption(replace(TERMS, price=1)), Reject(Reason.OPTION_PRICE_TOO_LOW)),
    (CancelOption(NOBODY, CALL, 1), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (CancelOption(ALICE, CALL, 1), Reject(Reason.UNKNOWN_OPTION_ORDER)),
    (CancelOptions(ALICE, FAR), Reject(Reason.UNKNOWN_CONTRACT)),
    (CancelOptions(ALICE, "", "LTCUSDT"), Reject(Reason.UNKNOWN_UNDERLYING)),
    (CancelOptions(NOBODY, CALL), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (QuoteOptions(NOBODY, ()), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (QuoteOptions(ALICE, ()), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (MarkContracts(((CALL, -1, 0, 0, 0, 0, 0, 0, 0),)), Reject(Reason.BAD_AMOUNT)),
    (TransferToOptions(NOBODY, "USDT", 1), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (TransferToOptions(HOUSE, "USDT", 1), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (TransferToOptions(ALICE, "BTC", 1), Reject(Reason.UNKNOWN_ASSET, ("BTC",))),
    (ConfigureOptions(()), Reject(Reason.BAD_VENUE_RULES, ("no underlying",))),
    (
        ConfigureOptions((to_builtins(make_underlying("XUSD", base_asset="X", settle_asset="USD")),)),
        Reject(Reason.UNKNOWN_ASSET, ("USD",)),
    ),
    (ConfigureOptionsAccount(NOBODY), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (ConfigureOptionsAccount(ALICE, trade_group=-2), Reject(Reason.BAD_AMOUNT)),
    (ConfigureOptionsAccount(ALICE, maker_rate=SCALE + 1), Reject(Reason.BAD_AMOUNT)),
    (ConfigureOptionsAccount(ALICE, taker_rate=-SCALE - 1), Reject(Reason.BAD_AMOUNT)),
    (SetProtection(NOBODY, BTCUSDT, 1, 1, 1, 1), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (SetProtection(ALICE, BTCUSDT, 1, 1, 1, 1), Reject(Reason.NOT_A_MARKET_MAKER)),
    (ResetProtection(ALICE, BTCUSDT), Reject(Reason.NOT_A_MARKET_MAKER)),
    (SetCountdown(ALICE, "LTCUSDT", 1), Reject(Reason.UNKNOWN_UNDERLYING)),
    (RefreshCountdowns(ALICE, ("LTCUSDT",)), Reject(Reason.UNKNOWN_UNDERLYING)),
    (CreateBlockOrder(NOBODY, CALL, BUY, 1, 1, is_maker=True), Reject(Reason.NO_OPTIONS_ACCOUNT)),
    (CreateBlockOrder(ALICE, FAR, BUY, 1, 1, is_maker=True), Reject(Reason.UNKNOWN_CONTRACT)),
    (ChangeBlockOrder(ALICE, KEY, extends=True), Reject(Reason.UNKNOWN_BLOCK_ORDER)),
    (AcceptBlockOrder(ALICE, KEY), Reject(Reason.UNKNOWN_BLOCK_ORDER)),
]


@pytest.mark.parametrize(("command", "expected"), SINGLE, ids=lambda value: type(value).__name__)
def test_refusals_leave_no_trace(command: Command, expected: Reject) -> None:
    world = OptionWorld()
    before = state_hash(world.exchange)
    assert refusal(world.apply(command)) == expected
    assert state_hash(world.exchange) == before


def test_every_command_has_one_handler() -> None:
    assert set(_HANDLERS) == set(get_args(Command))
    assert {type(command) for command, _ in SINGLE} | {AdvanceTime} == set(OPTIONS)


def test_a_closed_venue_has_no_portfolios_and_time_passes_it_by() -> None:
    world = OptionWorld(opens=False)
    assert not world.exchange.options.portfolios
    assert world.apply(AdvanceTime()).events == (IndexesSampled(world.now, ()),)
    assert reason(world.apply(PlaceOption(TERMS))) is Reason.UNKNOWN_CONTRACT
    assert reason(world.apply(TransferToOptions(ALICE, "USDT", 1))) is Reason.NO_OPTIONS_ACCOUNT
    world.exchange.check_invariants()


def test_opening_gives_every_account_a_portfolio_and_users_what_it_begins_with() -> None:
    world = OptionWorld(opens=False)
    issued = world.exchange.ledger.issued["USDT"]
    events = world.open().events
    assert events[0] == SettingChanged(0)
    assert [event.account for event in events if isinstance(event, Bill)] == list(USERS)
    assert {event.kind for event in events if isinstance(event, Bill)} == {BillKind.TRANSFER}
    assert list(world.exchange.options.portfolios) == [HOUSE, *NAMES]
    assert [world.balance(number) for number in (ALICE, CROWD, HOUSE)] == [units(OPENING), 0, 0]
    assert world.exchange.ledger.issued["USDT"] == issued + len(USERS) * units(OPENING)
    # and not again
    assert [type(event) for event in world.open().events] == [SettingChanged]
    world.exchange.check_invariants()


def test_who_comes_later_gets_it_at_once() -> None:
    world = OptionWorld()
    opened = world.apply(OpenAccount("dave", 77, AccountKind.USER)).events
    assert [type(event) for event in opened] == [AccountOpened, Bill, PortfolioUpdate]
    (bill,) = [event for event in opened if isinstance(event, Bill)]
    assert (bill.account, bill.amount) == (7, units(OPENING))
    assert len(world.apply(OpenAccount("crowd 2", 78, AccountKind.CROWD)).events) == 1
    assert (world.balance(7), world.balance(8)) == (units(OPENING), 0)
    world.exchange.check_invariants()


def test_no_more_is_given_out_than_can_be_counted() -> None:
    world = OptionWorld(opens=False)
    underlying = to_builtins(make_underlying(BTCUSDT))
    assert reason(world.apply(ConfigureOptions((underlying,), AMOUNT_MAX // 2))) is Reason.BAD_AMOUNT
    assert reason(world.apply(ConfigureOptions((underlying,), -1))) is Reason.BAD_AMOUNT
    assert not world.exchange.options.asset
    assert reason(world.apply(ConfigureOptions(({"name": "X"},)))) is Reason.BAD_VENUE_RULES
    assert reason(world.apply(ConfigureOptions((underlying,), AMOUNT_MAX // 8))) is None
    for number in range(4):
        assert reason(world.apply(OpenAccount(f"user {number}", number, AccountKind.USER))) in (None, Reason.BAD_AMOUNT)
    assert reason(world.apply(OpenAccount("one more", 50, AccountKind.USER))) is Reason.BAD_AMOUNT
    assert reason(world.apply(Reset((("USDT", AMOUNT_MAX // 8),)))) is Reason.BAD_AMOUNT
    world.exchange.check_invariants()


def test_indexes_are_the_middle_of_the_spot_market_or_its_last_price_or_what_they_were() -> None:
    world = OptionWorld()
    indexes = world.exchange.options.indexes

    def spot(side: Side, price: int, quantity: int = 1) -> None:
        order = NewOrder(CROWD, BTCUSDT, side, OrderType.LIMIT, TimeInForce.GTC, units(quantity), units(price))
        assert reason(world.apply(order)) is None

    def sample() -> dict[str, int]:
        world.now += SECOND
        (event,) = [event for event in world.apply(AdvanceTime()).events if isinstance(event, IndexesSampled)]
        return dict(event.prices)

    assert sample() == {BTCUSDT: units(50_000), ETHUSDT: units(3_000)}
    spot(BUY, 51_000)
    # one side is no market
    assert sample()[BTCUSDT] == units(50_000)
    spot(SELL, 51_001)
    assert sample()[BTCUSDT] == units("51000.5")
    spot(SELL, 51_000)
    assert sample()[BTCUSDT] == indexes[BTCUSDT].price == units(51_000)
    assert indexes[ETHUSDT].price == units(3_000)


def test_an_underlying_without_a_spot_market_stands_still() -> None:
    world = OptionWorld()
    spec = to_builtins(make_underlying("LTCUSDT", initial_index=units(60), tick_size=units("0.1")))
    assert reason(world.apply(ConfigureOptions((spec,)))) is None
    listed = [event for event in world.apply(AdvanceTime()).events if isinstance(event, ContractsListed)]
    assert {symbol.partition("-")[0] for event in listed for symbol in event.symbols} == {"LTC"}
    assert world.exchange.options.indexes["LTCUSDT"].price == units(60)
    assert world.exchange.options.opening_balance == 0


def test_orders_are_counted_when_they_are_accepted() -> None:
    world = OptionWorld()
    world.mark(2_000)
    assert world.exchange.option_order_counts(ALICE, world.now) == (0, 0)
    world.place(ALICE, BUY, 1, 100)
    world.place(ALICE, BUY, 1, "100.01")
    world.place(CROWD, BUY, 1, 100)
    assert world.exchange.option_order_counts(ALICE, world.now) == (1, 1)
    assert list(world.exchange.option_counts) == [ALICE]
    world.now += 10 * SECOND
    assert world.exchange.option_order_counts(ALICE, world.now) == (0, 1)
    world.now += MINUTE
    assert world.exchange.option_order_counts(ALICE, world.now) == (0, 0)


def test_beyond_the_limit_of_orders_there_is_none_unless_limits_are_off() -> None:
    world = OptionWorld()
    world.mark(2_000)
    for _ in range(300):
        assert reason(world.place(ALICE, BUY, 1, 100, tif=TimeInForce.IOC)) is None
    too_many = Reject(Reason.TOO_MANY_OPTION_ORDERS, ("300", "10 SECOND"))
    assert refusal(world.place(ALICE, BUY, 1, 100)) == too_many
    assert reason(world.place(BOB, BUY, 1, 100)) is None
    world.apply(ConfigureOptionsAccount(ALICE, can_trade=False))
    assert reason(world.place(ALICE, BUY, 1, 100)) is Reason.OPTIONS_TRADING_DISABLED
    world.apply(ConfigureOptionsAccount(ALICE))
    world.apply(SetLimits(enabled=False))
    assert reason(world.place(ALICE, BUY, 1, 100)) is None
    assert world.exchange.option_order_counts(ALICE, world.now) == (301, 301)


def test_orders_trade_and_are_cancelled() -> None:
    world = OptionWorld()
    world.mark(2_000)
    world.place(CROWD, SELL, 2, 2_000)
    applied = world.place(ALICE, BUY, 3, 2_000, client_order_id="a")
    assert [event.quantity for event in applied.events if isinstance(event, Trade)] == [units(2)]
    assert world.quantity(ALICE) == units(2)
    canceled = world.apply(CancelOption(ALICE, CALL, -1, "a"))
    (report,) = [event for event in canceled.events if isinstance(event, OptionReport)]
    assert report.record.status is OrderStatus.CANCELED
    for symbol in (CALL, PUT):
        world.place(ALICE, BUY, 1, 100, symbol=symbol)
    assert len(world.apply(CancelOptions(ALICE, CALL)).events) == 2
    assert len(world.apply(CancelOptions(ALICE, "", BTCUSDT)).events) == 2
    assert world.apply(CancelOptions(ALICE, CALL)).events == ()
    world.exchange.check_invariants()


def test_the_crowd_quotes() -> None:
    world = OptionWorld()
    world.mark(2_000)
    world.place(ALICE, BUY, 1, 2_000)
    level = ((units(2_000), units(2)),)
    applied = world.apply(QuoteOptions(CROWD, ((CALL, ((units(1_900), units(1)),), level), (FAR, level, ()))))
    assert reason(applied) is None
    assert world.quantity(ALICE) == units(1)
    book = world.exchange.options.markets[CALL].book
    asks, bids = book.asks.best(), book.bids.best()
    assert asks is not None
    assert bids is not None
    assert (bids.price, asks.price, asks.quantity) == (units(1_900), units(2_000), units(1))
    world.exchange.check_invariants()


def test_marks_are_entered_and_what_expired_meanwhile_is_not() -> None:
    world = OptionWorld()
    applied = world.mark(2_000, CALL, FAR)
    assert applied.events == (ContractsMarked(world.now, (CALL,)),)
    mark = world.exchange.options.markets[CALL].mark
    assert mark is not None
    assert (mark.at, mark.price, mark.delta) == (world.now, units(2_000), units("0.5"))


def test_a_mark_may_be_what_a_writer_no_longer_answers_for() -> None:
    world = OptionWorld()
    world.mark(2_000)
    world.place(CROWD, BUY, 4, 2_000)
    world.place(ALICE, SELL, 4, 2_000)
    assert world.exchange.options.portfolios[ALICE].level is RiskLevel.NORMAL
    # who has none of what is marked is not looked at
    world.mark(11_000, PUT)
    assert world.exchange.options.portfolios[ALICE].level is RiskLevel.NORMAL
    events = world.mark(8_000).events
    assert [event.level for event in events if isinstance(event, RiskLevelChanged)] == [RiskLevel.REDUCE_ONLY]
    events = world.mark(12_000).events
    assert [event.symbol for event in events if isinstance(event, Liquidated)]
    assert world.exchange.options.portfolios[HOUSE].positions
    world.exchange.check_invariants()
    assert encode(decode(encode(world.exchange))) == encode(world.exchange)


def test_a_transfer_may_bring_a_portfolio_back() -> None:
    world = OptionWorld()
    world.mark(2_000)
    world.place(CROWD, BUY, 4, 2_000)
    world.place(ALICE, SELL, 4, 2_000)
    world.mark(8_000)
    applied = world.apply(TransferToOptions(ALICE, "USDT", units(20_000)))
    assert [event.level for event in applied.events if isinstance(event, RiskLevelChanged)] == [RiskLevel.NORMAL]
    world.exchange.check_invariants()


def test_settings_are_told_and_kept() -> None:
    world = OptionWorld()
    settings = ConfigureOptionsAccount(
        CAROL, can_trade=False, may_write=False, is_market_maker=True, trade_group=5, maker_rate=-7, taker_rate=9
    )
    assert world.apply(settings).events == (SettingChanged(CAROL),)
    carol = world.exchange.options.portfolios[CAROL]
    assert (carol.can_trade, carol.may_write, carol.is_market_maker) == (False, False, True)
    assert (carol.trade_group, carol.maker_rate, carol.taker_rate) == (5, -7, 9)
    for command in (
        SetProtection(CAROL, BTCUSDT, 1, 2, 3, 4),
        ResetProtection(CAROL, BTCUSDT),
        SetCountdown(CAROL, BTCUSDT, 9),
        RefreshCountdowns(CAROL, (BTCUSDT,)),
    ):
        assert world.apply(command).events == (SettingChanged(CAROL),)
    assert list(carol.protections) == list(carol.countdowns) == [BTCUSDT]


def test_block_orders_are_named_by_their_entry_and_trade() -> None:
    world = OptionWorld()
    world.mark(2_000)
    (made,) = world.apply(CreateBlockOrder(ALICE, CALL, BUY, units(1_500), units(1), is_maker=True)).events
    assert isinstance(made, BlockOrderChanged)
    key = made.record.key
    assert key == block_key(len(world.entries))
    (again,) = world.apply(ChangeBlockOrder(ALICE, key, extends=True)).events
    assert isinstance(again, BlockOrderChanged)
    assert reason(world.apply(AcceptBlockOrder(BOB, key))) is None
    assert (world.quantity(ALICE), world.quantity(BOB)) == (units(1), -units(1))
    (gone,) = [
        event
        for event in (
            *world.apply(CreateBlockOrder(ALICE, CALL, BUY, units(1_500), units(1), is_maker=True)).events,
            *world.apply(ChangeBlockOrder(ALICE, block_key(len(world.entries)), extends=False)).events,
        )
        if isinstance(event, BlockOrderChanged) and event.record.status is BlockOrderStatus.CANCELED
    ]
    assert gone.record.account == ALICE
    world.exchange.check_invariants()


def test_a_reset_clears_the_venue_and_time_lists_again() -> None:
    world = busy_options()
    listed = len(world.exchange.options.markets)
    assert world.exchange.option_counts
    events = world.apply(Reset(PURSE, PURSE)).events
    options = world.exchange.options
    assert events[0] == WorldReset(2, world.now)
    assert [event.account for event in events if isinstance(event, Bill)] == list(USERS)
    assert {world.balance(number) for number in USERS} == {units(OPENING)}
    assert options.ledger is world.exchange.ledger
    assert options.portfolios[MAKER].trade_group == 3
    assert not options.markets
    assert not world.exchange.option_counts
    world.exchange.check_invariants()
    world.apply(AdvanceTime())
    assert len(options.markets) == listed
    assert reason(world.place(ALICE, BUY, 1, 100)) is None
    world.exchange.check_invariants()


def test_money_is_neither_made_nor_lost_between_the_wallets() -> None:
    world = busy_options()
    for account, amount in ((ALICE, 7), (BOB, -3), (CROWD, 1_000)):
        assert reason(world.apply(TransferToOptions(account, "USDT", units(amount)))) is None
        world.exchange.check_invariants()
    assert reason(world.apply(Deposit(ALICE, "USDT", 5))) is None
    world.exchange.check_invariants()
    world.exchange.options.portfolios[BOB].balance += 1
    with pytest.raises(AssertionError):
        world.exchange.check_invariants()
