"""Commands as a journal keeps them: bytes written today are read for ever."""

from typing import get_args

import pytest
from msgspec import ValidationError, msgpack
from msgspec.structs import asdict

from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Deposit,
    Entry,
    ListSymbol,
    NewOrder,
    OpenAccount,
    RegisterKey,
    Reset,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetSymbolStatus,
)
from papernet.core.enums import (
    AccountKind,
    CancelRestriction,
    KeyType,
    OrderType,
    Permission,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)

ROW = (0, 1, 4, 1, 3, 7, 20, 2, 3, 9)
# each command beside the journal form it had when it was first released: a tag, then the fields in order
JOURNALED: list[tuple[Command, list[object]]] = [
    (
        NewOrder(1, "S", Side.SELL, OrderType.LIMIT, TimeInForce.IOC, 5, 6, 7, "id", 8, 9, SelfTradeMode.DECREMENT),
        ["O", 1, "S", 2, 1, 2, 5, 6, 7, "id", 8, 9, 4],
    ),
    (
        NewOrder(1, "S", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 5),
        ["O", 1, "S", 1, 2, 1, 5, 0, 0, "", None, None, 0],
    ),
    (CancelOrder(1, "S", 2, "orig", "new", CancelRestriction.ONLY_NEW), ["C", 1, "S", 2, "orig", "new", 1]),
    (CancelOpenOrders(1, "S", "new"), ["CA", 1, "S", "new"]),
    (ListSymbol({"name": "S", "filters": [{"type": "X"}]}), ["LS", {"name": "S", "filters": [{"type": "X"}]}]),
    (SetSymbolStatus("S", SymbolStatus.HALT), ["SS", "S", 3]),
    (OpenAccount("n", 7, AccountKind.CROWD, (("A", 1),)), ["OA", "n", 7, 2, [["A", 1]]]),
    (Deposit(1, "A", -5), ["D", 1, "A", -5]),
    (SetCommission(1, 2, 3, 4, 5), ["SC", 1, 2, 3, 4, 5]),
    (
        RegisterKey(1, "k", KeyType.ED25519, "s", (Permission.TRADE, Permission.USER_DATA), ("::1",), "l"),
        ["RK", 1, "k", 3, "s", [2, 1], ["::1"], "l"],
    ),
    (RevokeKey("k"), ["XK", "k"]),
    (SetLimits(enabled=False), ["SL", False]),
    (SeedCandles("S", (ROW,)), ["SD", "S", [list(ROW)]]),
    (Reset((("A", 1),), (("B", 2),)), ["R", [["A", 1]], [["B", 2]]]),
]
# what only a required part of the fields leaves to defaults
SHORTENED: list[tuple[Command, list[object]]] = [
    (NewOrder(1, "S", Side.BUY, OrderType.MARKET, TimeInForce.GTC, 5), ["O", 1, "S", 1, 2, 1, 5]),
    (CancelOrder(1, "S", 2), ["C", 1, "S", 2]),
    (CancelOpenOrders(1, "S"), ["CA", 1, "S"]),
    (OpenAccount("n", 7, AccountKind.USER), ["OA", "n", 7, 1]),
    (SetCommission(1, 2, 3), ["SC", 1, 2, 3]),
    (RegisterKey(1, "k", KeyType.HMAC, "s", ()), ["RK", 1, "k", 1, "s", []]),
    (Reset(()), ["R", []]),
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
    tags = [form[0] for command, form in JOURNALED if command != JOURNALED[0][0]]
    assert len(tags) == len(set(tags))


@pytest.mark.parametrize(
    "form",
    [["?", 1], ["O"], ["O", 1, "S", 9, 1, 1, 5], ["O", "1", "S", 1, 1, 1, 5], ["D", 1, "A", 1.5], ["SL", 1], [], {}, None],
)
def test_anything_else_is_no_command(form: object) -> None:
    with pytest.raises(ValidationError):
        msgpack.decode(msgpack.encode([1, 1, form]), type=Entry)


@pytest.mark.parametrize(("command", "form"), JOURNALED, ids=lambda value: type(value).__name__)
def test_commands_cannot_be_changed(command: Command, form: list[object]) -> None:
    with pytest.raises(AttributeError):
        setattr(command, command.__struct_fields__[0], form)
