"""Commands as a journal keeps them: bytes written today are read for ever."""

from typing import get_args

import pytest
from msgspec import ValidationError, msgpack
from msgspec.structs import asdict

from papernet.core.commands import (
    AcceptBlockOrder,
    AdvanceTime,
    AmendOrder,
    CancelOpenOrders,
    CancelOption,
    CancelOptions,
    CancelOrder,
    CancelOrderList,
    ChangeBlockOrder,
    Command,
    ConfigureAccount,
    ConfigureOptions,
    ConfigureOptionsAccount,
    ConfigureVenue,
    CreateBlockOrder,
    Deposit,
    Entry,
    ListSymbol,
    LockBalance,
    MarkContracts,
    NewOrder,
    NewOrderList,
    OpenAccount,
    OptionTerms,
    PlaceOption,
    PrintBlockTrade,
    QuoteOptions,
    RefreshCountdowns,
    RegisterKey,
    ReplaceOrder,
    Reset,
    ResetProtection,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetCountdown,
    SetLimits,
    SetProtection,
    SetReferencePrice,
    SetSymbolStatus,
    Stage,
    TransferToOptions,
)
from papernet.core.enums import (
    AccountKind,
    CancelRestriction,
    KeyType,
    ListKind,
    OrderType,
    PegPrice,
    Permission,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)

ROW = (0, 1, 4, 1, 3, 7, 20, 2, 3, 9)
LEG = NewOrder(1, "S", Side.SELL, OrderType.STOP_LOSS_LIMIT, TimeInForce.FOK, 5, 6, 0, "s", None, None, None, 7, 8, 9)
LEG_FORM = ["O", 1, "S", 2, 5, 3, 5, 6, 0, "s", None, None, None, 7, 8, 9, 0, None, False]
OPTION = OptionTerms(
    1,
    "C",
    Side.SELL,
    5,
    6,
    TimeInForce.IOC,
    "id",
    reduce_only=True,
    post_only=True,
    is_gtx=True,
    is_protected=True,
    self_trade_mode=SelfTradeMode.EXPIRE_BOTH,
)
OPTION_FORM = [1, "C", 2, 5, 6, 2, "id", True, True, True, True, 3]
# each command beside the journal forms it had when its fields were first released: a tag, then the fields in order
JOURNALED: list[tuple[Command, list[object]]] = [
    (
        NewOrder(1, "S", Side.SELL, OrderType.LIMIT, TimeInForce.IOC, 5, 6, 7, "id", 8, 9, SelfTradeMode.DECREMENT),
        ["O", 1, "S", 2, 1, 2, 5, 6, 7, "id", 8, 9, 4],
    ),
    (
        NewOrder(1, "S", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 5),
        ["O", 1, "S", 1, 2, 1, 5, 0, 0, "", None, None, 0],
    ),
    # with what came later: stop price, trailing delta, visible quantity, peg and its offset, smart order routing
    (
        NewOrder(
            1,
            "S",
            Side.SELL,
            OrderType.TAKE_PROFIT_LIMIT,
            TimeInForce.GTC,
            5,
            self_trade_mode=SelfTradeMode.TRANSFER,
            stop_price=21,
            trailing_delta=22,
            iceberg_quantity=23,
            peg_price=PegPrice.MARKET,
            peg_offset=3,
            uses_sor=True,
        ),
        ["O", 1, "S", 2, 7, 1, 5, 0, 0, "", None, None, 5, 21, 22, 23, 2, 3, True],
    ),
    (LEG, LEG_FORM),
    (NewOrderList(1, "S", ListKind.OTOCO, (LEG, LEG), "list"), ["OL", 1, "S", 3, [LEG_FORM, LEG_FORM], "list"]),
    (CancelOrderList(1, "S", 2, "list", "new"), ["CL", 1, "S", 2, "list", "new"]),
    (
        ReplaceOrder(CancelOrder(1, "S", 2), LEG, stops_on_failure=True, cancels_when_exceeded=True),
        ["RO", ["C", 1, "S", 2, "", "", 0], LEG_FORM, True, True],
    ),
    (AmendOrder(1, "S", 2, 3, "orig", "new"), ["AM", 1, "S", 2, 3, "orig", "new"]),
    (CancelOrder(1, "S", 2, "orig", "new", CancelRestriction.ONLY_NEW), ["C", 1, "S", 2, "orig", "new", 1]),
    (CancelOpenOrders(1, "S", "new"), ["CA", 1, "S", "new"]),
    (ListSymbol({"name": "S", "filters": [{"type": "X"}]}), ["LS", {"name": "S", "filters": [{"type": "X"}]}]),
    (SetSymbolStatus("S", SymbolStatus.HALT), ["SS", "S", 3]),
    (OpenAccount("n", 7, AccountKind.CROWD, (("A", 1),)), ["OA", "n", 7, 2, [["A", 1]]]),
    (Deposit(1, "A", -5), ["D", 1, "A", -5]),
    (LockBalance(1, "A", -5), ["LB", 1, "A", -5]),
    (SetCommission(1, 2, 3, 4, 5), ["SC", 1, 2, 3, 4, 5]),
    (
        SetCommission(1, 2, 3, 4, 5, "S", (6, 7, 8, 9), (10, 11, 12, 13)),
        ["SC", 1, 2, 3, 4, 5, "S", [6, 7, 8, 9], [10, 11, 12, 13]],
    ),
    (
        ConfigureAccount(
            1,
            can_trade=False,
            pays_with_discount_asset=True,
            prevents_sor=True,
            trade_group=4,
            permissions=("SPOT", "X"),
            asset_limits=(("A", 5),),
        ),
        ["CO", 1, False, True, True, 4, ["SPOT", "X"], [["A", 5]]],
    ),
    (ConfigureVenue({"discount_asset": "A"}), ["CV", {"discount_asset": "A"}]),
    (SetReferencePrice("S", 5, 6), ["RP", "S", 5, 6]),
    (SetReferencePrice("S", None), ["RP", "S", None, -1]),
    (PrintBlockTrade("S", 1, 2, 3, 4, buyer_is_maker=True), ["BT", "S", 1, 2, 3, 4, True]),
    (
        RegisterKey(1, "k", KeyType.ED25519, "s", (Permission.TRADE, Permission.USER_DATA), ("::1",), "l"),
        ["RK", 1, "k", 3, "s", [2, 1], ["::1"], "l"],
    ),
    (RevokeKey("k"), ["XK", "k"]),
    (SetLimits(enabled=False), ["SL", False]),
    (SeedCandles("S", (ROW,)), ["SD", "S", [list(ROW)]]),
    (Reset((("A", 1),), (("B", 2),)), ["R", [["A", 1]], [["B", 2]]]),
    (PlaceOption(OPTION), ["PO", OPTION_FORM]),
    (CancelOption(1, "C", 2, "id"), ["XO", 1, "C", 2, "id"]),
    (CancelOptions(1, "C", "U"), ["XA", 1, "C", "U"]),
    (QuoteOptions(1, (("C", ((2, 3),), ((4, 5),)),)), ["QO", 1, [["C", [[2, 3]], [[4, 5]]]]]),
    (MarkContracts((("C", 1, 2, 3, 4, 5, 6, 7, 8),)), ["MC", [["C", 1, 2, 3, 4, 5, 6, 7, 8]]]),
    (TransferToOptions(1, "A", -5), ["TO", 1, "A", -5]),
    (ConfigureOptions(({"name": "U"},), 5), ["OV", [{"name": "U"}], 5]),
    (
        ConfigureOptionsAccount(
            1, can_trade=False, may_write=False, is_market_maker=True, trade_group=2, maker_rate=3, taker_rate=4
        ),
        ["OC", 1, False, False, True, 2, 3, 4],
    ),
    (SetProtection(1, "U", 2, 3, 4, 5), ["MP", 1, "U", 2, 3, 4, 5]),
    (ResetProtection(1, "U"), ["MR", 1, "U"]),
    (SetCountdown(1, "U", 2), ["CD", 1, "U", 2]),
    (RefreshCountdowns(1, ("U", "V")), ["CH", 1, ["U", "V"]]),
    (CreateBlockOrder(1, "C", Side.BUY, 2, 3, is_maker=True), ["BO", 1, "C", 1, 2, 3, True]),
    (ChangeBlockOrder(1, "key", extends=True), ["BC", 1, "key", True]),
    (AcceptBlockOrder(1, "key"), ["BA", 1, "key"]),
    (AdvanceTime(), ["T"]),
    (Stage("clock", b"held"), ["SG", "clock", b"held"]),
]
# what only a required part of the fields leaves to defaults
SHORTENED: list[tuple[Command, list[object]]] = [
    (NewOrder(1, "S", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 5), ["O", 1, "S", 1, 2, 1, 5]),
    (CancelOrder(1, "S", 2), ["C", 1, "S", 2]),
    (CancelOpenOrders(1, "S"), ["CA", 1, "S"]),
    (OpenAccount("n", 7, AccountKind.USER), ["OA", "n", 7, 1]),
    (SetCommission(1, 2, 3), ["SC", 1, 2, 3]),
    (NewOrderList(1, "S", ListKind.OCO, ()), ["OL", 1, "S", 1, []]),
    (CancelOrderList(1, "S", 2), ["CL", 1, "S", 2]),
    (ReplaceOrder(CancelOrder(1, "S", 2), LEG, stops_on_failure=False), ["RO", ["C", 1, "S", 2], LEG_FORM, False]),
    (AmendOrder(1, "S", 2, 3), ["AM", 1, "S", 2, 3]),
    (ConfigureAccount(1), ["CO", 1]),
    (SetReferencePrice("S", 5), ["RP", "S", 5]),
    (PrintBlockTrade("S", 1, 2, 3, 4), ["BT", "S", 1, 2, 3, 4]),
    (RegisterKey(1, "k", KeyType.HMAC, "s", ()), ["RK", 1, "k", 1, "s", []]),
    (Reset(()), ["R", []]),
    (PlaceOption(OptionTerms(1, "C", Side.BUY, 5, 6)), ["PO", [1, "C", 1, 5, 6]]),
    (CancelOption(1, "C", 2), ["XO", 1, "C", 2]),
    (CancelOptions(1), ["XA", 1]),
    (ConfigureOptions(()), ["OV", []]),
    (ConfigureOptionsAccount(1), ["OC", 1]),
]


@pytest.mark.parametrize(("command", "form"), JOURNALED + SHORTENED, ids=lambda value: type(value).__name__)
def test_journal_forms_are_read_for_ever(command: Command, form: list[object]) -> None:
    assert msgpack.decode(msgpack.encode([3, 4, form]), type=Entry) == Entry(3, 4, command)


@pytest.mark.parametrize(("command", "form"), JOURNALED, ids=lambda value: type(value).__name__)
def test_fields_are_only_ever_appended(command: Command, form: list[object]) -> None:
    written = msgpack.decode(msgpack.encode(Entry(3, 4, command)))
    assert written[:2] == [3, 4]
    assert written[2][: len(form)] == form


@pytest.mark.parametrize(("command", "form"), JOURNALED, ids=lambda value: type(value).__name__)
def test_what_is_written_is_read_again(command: Command, form: list[object]) -> None:
    entry = Entry(2**60, 2**62, command)
    assert msgpack.decode(msgpack.encode(entry), type=Entry) == entry
    assert asdict(entry)["command"] == command


def test_every_command_is_in_the_table_and_has_a_tag_of_its_own() -> None:
    assert {type(command) for command, _ in JOURNALED} == set(get_args(Command))
    tags = {(type(command), form[0]) for command, form in JOURNALED}
    assert len({tag for _, tag in tags}) == len(tags) == len(get_args(Command))


@pytest.mark.parametrize(
    "form",
    [
        ["?", 1],
        ["O"],
        ["OL", 1, "S", 1, [["C", 1, "S", 2]]],
        ["RO", LEG_FORM, LEG_FORM, True],
        ["O", 1, "S", 9, 1, 1, 5],
        ["O", "1", "S", 1, 1, 1, 5],
        ["D", 1, "A", 1.5],
        ["LB", 1, "A"],
        ["SL", 1],
        [],
        {},
        None,
    ],
)
def test_anything_else_is_no_command(form: object) -> None:
    with pytest.raises(ValidationError):
        msgpack.decode(msgpack.encode([1, 1, form]), type=Entry)


@pytest.mark.parametrize(("command", "form"), JOURNALED, ids=lambda value: type(value).__name__)
def test_commands_cannot_be_changed(command: Command, form: list[object]) -> None:
    with pytest.raises(AttributeError):
        setattr(command, next(iter(command.__struct_fields__), "at"), form)
