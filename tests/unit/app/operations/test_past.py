"""The operations of earlier eras."""

from msgspec.structs import replace

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, Kind, Proof
from papernet.app.operations.past import operations_of
from papernet.core.enums import SelfTradeMode
from papernet.protocols.json.params import read_params

EVERYTHING = dict.fromkeys(Era.__struct_fields__, False)
BEFORE_ALL = Era(**EVERYTHING)


def before(change: str) -> Era:
    """Return the era in which nothing but one change has not happened."""
    return replace(TODAY, **{change: False})


def test_todays_table_is_the_table() -> None:
    assert operations_of(TODAY) is OPERATIONS
    assert operations_of(before("frequent_pings")) == OPERATIONS


def test_doors_of_one_era_have_the_same_rows() -> None:
    assert operations_of(BEFORE_ALL) is operations_of(Era(**EVERYTHING))


def test_a_change_touches_the_rows_that_it_is_about_and_no_others() -> None:
    rows = operations_of(before("aggregates_weigh_4"))
    assert {name for name, row in rows.items() if row is not OPERATIONS[name]} == {"trades.aggregate"}
    assert rows["trades.aggregate"].weight_of({}) == rows["trades.aggregate"].least_weight == 2


def test_before_all_of_it_rows_are_fewer_and_have_what_builders_look_for() -> None:
    rows = operations_of(BEFORE_ALL)
    assert rows.keys() < OPERATIONS.keys()
    for name, row in rows.items():
        assert [param.name for param in row.parameters] == [param.name for param in OPERATIONS[name].parameters]


def test_a_hidden_parameter_has_its_default_and_cannot_be_sent() -> None:
    row = operations_of(before("omit_zero_balances"))["account.status"]
    values = read_params(row, {"timestamp": "1700000000000", "signature": "x"})
    assert isinstance(values, dict)
    assert values["omitZeroBalances"] is False
    sent = {"timestamp": "1700000000000", "omitZeroBalances": "true", "signature": "x"}
    assert read_params(row, sent) == Fault(RequestFault.UNREAD_PARAMETERS, ("2", "3"))


def test_times_and_windows_were_whole_milliseconds() -> None:
    row = operations_of(BEFORE_ALL)["account.status"]
    kinds = {param.name: param.kind for param in row.parameters}
    assert (kinds["timestamp"], kinds["recvWindow"]) == (Kind.MILLISECONDS, Kind.SPAN)
    values = read_params(row, {"timestamp": "1700000000000", "recvWindow": "60000"})
    assert isinstance(values, dict)
    assert (values["timestamp"], values["recvWindow"]) == (1_700_000_000_000_000, 60_000_000)
    assert read_params(row, {"timestamp": "1", "recvWindow": "60001"}) == Fault(RequestFault.TOO_GREAT, ("recvWindow", "60000"))


def test_symbols_were_ascii_names_of_twenty_letters() -> None:
    row = operations_of(before("unicode_symbols"))["ticker.price"]
    for name, text, fault in (
        ("symbol", "A" * 20, None),
        ("symbol", "A" * 21, RequestFault.ILLEGAL_CHARACTERS),
        ("symbol", "币安", RequestFault.ILLEGAL_CHARACTERS),
        ("symbols", '["BTCUSDT","ETHUSDT"]', None),
        ("symbols", '["币安"]', RequestFault.ILLEGAL_CHARACTERS),
        ("symbols", "[]", RequestFault.EMPTY_PARAMETER),
        ("symbols", '["A","A"]', RequestFault.DUPLICATE_SYMBOLS),
    ):
        told = read_params(row, {name: text})
        assert (told.fault if isinstance(told, Fault) else None) is fault, text


def test_modes_of_self_trade_prevention_came_one_after_the_other() -> None:
    def modes(era: Era) -> list[SelfTradeMode]:
        params = operations_of(era)["order.place"].parameters
        return next(list(param.values.values()) for param in params if param.name == "selfTradePreventionMode")

    assert SelfTradeMode.TRANSFER not in modes(before("transfer"))
    assert SelfTradeMode.DECREMENT in modes(before("transfer"))
    assert set(modes(TODAY)) - set(modes(BEFORE_ALL)) == {SelfTradeMode.DECREMENT, SelfTradeMode.TRANSFER}


def test_a_command_that_succeeded_weighed_the_same() -> None:
    assert OPERATIONS["order.place"].free_when_done
    assert not any(row.free_when_done for row in operations_of(before("successes_weigh_nothing")).values())


def test_a_subscription_was_ended_by_whoever_had_logged_on() -> None:
    row = operations_of(before("subscription_ids"))["userDataStream.unsubscribe"]
    assert row.proof is Proof.SESSION
    assert read_params(row, {"subscriptionId": "0"}) == Fault(RequestFault.TOO_MANY_PARAMETERS, ("0", "1"))
