"""Why a request was refused before the exchange was asked: limits, times, keys, parameters, and what was not found.

Invariant.      What is said was true when the request came: whoever asks does so before anything else happens.
Does not.       Know wire codes or words: `guard` is the name of the fault. Take long: what a closer look finds out, here
                `near_keys` and `near_symbols`, it finds when somebody asks.
Source.         rest-api.md, LIMITS, Timing security; errors.md.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from papernet.app.explaining.explanation import Explanation, decimal
from papernet.app.explaining.sent import sent_parameters
from papernet.app.faults import AnyFault, Fault, OptionFault, RequestFault
from papernet.app.operations import Kind, Operation, Param
from papernet.app.rate_limits import CONNECTION_LIMIT, REFUSALS_FORGIVEN, RateLimits
from papernet.app.request_log import Record
from papernet.core.dates import MILLISECOND, SECOND, iso
from papernet.exchange.machine import Exchange

_MICROSECONDS: Final = (Kind.DURATION, Kind.SPAN)
_KEY_LENGTH: Final = 64
# how alike two keys are that somebody may have taken for one
_NEARLY: Final = 0.9
# A timestamp so many times too small, or too great, is in another unit.
_UNITS_APART: Final = 100


def explain_fault(exchange: Exchange, record: Record, fault: Fault, limits: RateLimits, now: int) -> Explanation:
    """Return why a request was refused."""
    explain = _BY_FAULT.get(fault.fault)
    if explain is not None:
        return explain(exchange, record, fault, limits, now)
    return _of_parameter(record, fault) or Explanation(fault.fault.name, _plain(fault), _numbered(fault))


def _limited(_exchange: Exchange, record: Record, fault: Fault, limits: RateLimits, now: int) -> Explanation:
    """Tell the windows of the address (-1003, -1034)."""
    standing = limits.standing(record.ip, now)
    numbers: dict[str, Any] = {
        "ip": record.ip,
        "weight": standing.weight,
        "weight_limit": standing.weight_limit,
        "weight_window_ends": iso(standing.weight_window_ends),
        "requests": standing.requests,
        "request_limit": limits.request_limit,
        "connections": standing.connections,
        "connection_limit": CONNECTION_LIMIT,
        "request_window_ends": iso(standing.request_window_ends),
        "refusals_in_window": standing.refusals,
        "refusals_forgiven": REFUSALS_FORGIVEN,
        "bans_so_far": standing.bans,
        "retry_after_seconds": fault.retry_after,
    }
    if fault.fault is RequestFault.BANNED:
        numbers["banned_until"] = iso(standing.banned_until)
        because = (
            f"The address was refused more than {REFUSALS_FORGIVEN} times in one window and went on: it is banned until then."
        )
        return Explanation(
            "BANNED", because, numbers, hints=("Back off when a 429 comes: wait for as long as Retry-After says.",)
        )
    if fault.fault is RequestFault.TOO_MUCH_WEIGHT:
        because = f"The weight {standing.weight} of this minute is over the limit of {standing.weight_limit}."
    elif fault.fault is RequestFault.TOO_MANY_REQUESTS:
        because = f"These are {standing.requests} requests in five minutes, over the limit of {limits.request_limit}."
    else:
        because = f"These are {standing.connections} connections in five minutes, over the limit of {CONNECTION_LIMIT}."
    left = REFUSALS_FORGIVEN - standing.refusals
    return Explanation(
        fault.fault.name, because, numbers, hints=(f"{max(left, 0)} more refusals in this window lead to a ban.",)
    )


def _timing(_exchange: Exchange, record: Record, fault: Fault, _limits: RateLimits, now: int) -> Explanation:
    """Tell both times and the window (-1021)."""
    call = record.call
    assert call is not None
    timestamp, window = call.params["timestamp"], call.params["recvWindow"]
    behind = call.received_at - timestamp
    numbers = {
        "timestamp": iso(timestamp),
        "timestamp_ms": timestamp // MILLISECOND,
        "server_time": iso(call.received_at),
        "server_time_ms": call.received_at // MILLISECOND,
        "looked_at_again_ms": now // MILLISECOND,
        "behind_ms": behind // MILLISECOND,
        "recv_window_ms": window // MILLISECOND,
    }
    if fault.fault is RequestFault.AHEAD_OF_TIME:
        allowed = SECOND // MILLISECOND
        because = f"The timestamp is {-behind // MILLISECOND} ms ahead of the server's time; less than {allowed} ms is allowed."
    elif behind > window:
        because = (
            f"The request arrived {behind // MILLISECOND} ms after its timestamp; its recvWindow is {window // MILLISECOND} ms."
        )
    else:
        because = (
            f"The request arrived in time, but reached the exchange {(now - timestamp) // MILLISECOND} ms after its timestamp; "
            f"its recvWindow is {window // MILLISECOND} ms."
        )
    hints = [
        "The server's time is papernet's clock, which may be held, run at a rate or have been moved: `papernet clock show`."
    ]
    if timestamp * _UNITS_APART < call.received_at or call.received_at * _UNITS_APART < timestamp:
        hints.append("The timestamp looks as if it were in another unit than milliseconds or microseconds.")
    return Explanation(fault.fault.name, because, numbers, hints=tuple(hints))


def _rejected_key(exchange: Exchange, record: Record, _fault: Fault, _limits: RateLimits, _now: int) -> Explanation:
    """Tell which of the three it was (-2015)."""
    call = record.call
    assert call is not None
    key, operation = exchange.accounts.keys.get(call.api_key), call.operation
    if key is None:
        because = "There is no such API key: it was never made here, or has been revoked."
        return Explanation("REJECTED_KEY", because, {"api_key": call.api_key})
    if operation is None:
        because = "The key that the session logged on with is another one now: it was revoked, or given other rights."
        return Explanation("REJECTED_KEY", because, {"api_key": call.api_key})
    if key.ip_list and record.ip not in key.ip_list:
        because = f"The key may not be used from {record.ip}."
        return Explanation("REJECTED_KEY", because, {"ip": record.ip, "ip_list": list(key.ip_list)})
    asked = operation.security
    numbers = {"needs": asked.name, "has": [permission.name for permission in key.permissions]}
    return Explanation("REJECTED_KEY", f"The key lacks the permission {asked.name}, which {record.operation} needs.", numbers)


def _key_format(_exchange: Exchange, record: Record, _fault: Fault, _limits: RateLimits, _now: int) -> Explanation:
    """Tell what a key looks like (-2014)."""
    given = "" if record.call is None else record.call.api_key
    numbers = {"length": len(given), "needed_length": _KEY_LENGTH}
    if not given:
        because = "No API key came with the request: REST takes it from the header X-MBX-APIKEY."
    elif len(given) != _KEY_LENGTH:
        because = f"An API key has {_KEY_LENGTH} letters and digits; this one has {len(given)} characters."
    else:
        because = (
            "An API key consists of letters and digits; this one has other characters, maybe a space or the end of a line."
        )
    return Explanation("BAD_API_KEY_FORMAT", because, numbers)


def _signature(_exchange: Exchange, record: Record, _fault: Fault, _limits: RateLimits, _now: int) -> Explanation:
    """Tell what was expected to be signed (-1022)."""
    call = record.call
    assert call is not None
    numbers = {
        "signed_bytes": call.payload.decode("utf-8", "backslashreplace"),
        "signed_bytes_length": len(call.payload),
        "signature": call.signature,
    }
    return Explanation("BAD_SIGNATURE", "The signature is not that of the key's secret for these bytes.", numbers)


def near_keys(exchange: Exchange, _record: Record, told: Explanation) -> tuple[str, ...]:
    """Return what a closer look at an API key finds out."""
    if "api_key" not in told.numbers:
        return told.hints
    close = get_close_matches(told.numbers["api_key"], exchange.accounts.keys, 1, _NEARLY)
    return (f"A known key that differs little: {close[0]}.",) if close else ("`papernet keys list` shows the known keys.",)


def _unknown_symbol(exchange: Exchange, record: Record, fault: Fault, _limits: RateLimits, _now: int) -> Explanation:
    known = _symbols(exchange, record)
    asked = [record.symbol] if record.symbol else []
    if record.call is not None:
        asked += record.call.params.get("symbols") or ()
    wrong = [name for name in asked if name not in known]
    numbers = {"symbols": wrong, "known": len(known)}
    return Explanation(fault.fault.name, f"There is no symbol {', '.join(wrong) or 'of that name'} here.", numbers)


def near_symbols(exchange: Exchange, record: Record, told: Explanation) -> tuple[str, ...]:
    """Return what a closer look at a symbol finds out."""
    wrong = told.numbers["symbols"]
    close = get_close_matches(wrong[0].upper(), _symbols(exchange, record), 3) if wrong else []
    return (f"There are {', '.join(close)}.",) if close else ("`papernet symbols list` shows what there is.",)


def _symbols(exchange: Exchange, record: Record) -> Mapping[str, object]:
    return exchange.options.markets if record.door.startswith("options") else exchange.markets


def _no_such_order(exchange: Exchange, record: Record, fault: Fault, _limits: RateLimits, _now: int) -> Explanation:
    call = record.call
    assert call is not None
    order_id, client_id = call.params.get("orderId"), call.params.get("origClientOrderId") or call.params.get("clientOrderId")
    numbers = {"symbol": record.symbol, "order_id": order_id, "client_order_id": client_id}
    hints = []
    account = exchange.accounts.by_id.get(record.account)
    if account is not None:
        for name in account.open_counts:
            opened = account.open_orders.get((name, order_id or -1)) or account.client_order_ids.get((name, client_id or ""))
            if name != record.symbol and opened is not None:
                words = f"{opened.order_id} ({opened.terms.client_order_id})"
                hints.append(f"The account has an order {words} open on {name}: ids count by symbol.")
    market = exchange.markets.get(record.symbol)
    other = None if market is None or order_id is None else market.orders.get(order_id)
    if other is not None and other.terms.account != record.account:
        hints.append(f"The order {order_id} on {record.symbol} is open, but is another account's.")
    return Explanation(fault.fault.name, "The account has no such order on that symbol.", numbers, hints=tuple(hints))


def _of_parameter(record: Record, fault: Fault) -> Explanation | None:
    """Explain what is wrong with one parameter; None when the fault is about none."""
    call, name = record.call, fault.args[0] if fault.args else ""
    if call is None or call.operation is None or not _is_about_parameter(fault):
        return None
    sent = sent_parameters(record)
    row = next((param for param in call.operation.parameters if param.name == name), None)
    if row is None:
        row = _by_fault(call.operation, fault)
    if row is None:
        return None
    numbers: dict[str, Any] = {"parameter": row.name, "sent": sent.get(row.name), **_expected(row)}
    hints: tuple[str, ...] = ()
    if row.name not in sent:
        close = get_close_matches(row.name, sent, 1)
        hints = (f"There is a parameter {close[0]!r} among those sent: names are case-sensitive.",) if close else ()
    if fault.fault is RequestFault.MISSING_PARAMETER:
        # It may be so for this type of order alone.
        numbers["mandatory"] = True
    return Explanation(fault.fault.name, _plain(fault), numbers, hints=hints)


def _is_about_parameter(fault: Fault) -> bool:
    """Whether a fault is about one parameter by itself."""
    if isinstance(fault.fault, OptionFault):
        return fault.fault < OptionFault.START_AFTER_END
    return RequestFault.MISSING_PARAMETER <= fault.fault < RequestFault.OPO_WORKING_NOT_BUY


def _by_fault(operation: Operation, fault: Fault) -> Param | None:
    """Return the parameter that has a fault of its own."""
    return next((param for param in operation.parameters if param.fault is fault.fault), None)


def _expected(row: Param) -> dict[str, Any]:
    """Return what a parameter has to be."""
    found: dict[str, Any] = {"kind": row.kind.name, "mandatory": row.mandatory}
    if row.values:
        found["values"] = list(row.values)
    if row.minimum:
        found["minimum"] = row.minimum
    if row.maximum is not None:
        found["maximum"] = row.maximum
    if row.default is not None and not isinstance(row.default, tuple):
        default = row.default
        if row.kind is Kind.DECIMAL:
            found["default"] = decimal(default)
        elif row.kind in _MICROSECONDS:
            found["default"] = default // MILLISECOND
        else:
            found["default"] = str(default)
    return found


def _plain(fault: Fault) -> str:
    """Return a fault's name and what it is about, as a sentence."""
    words = fault.fault.name.replace("_", " ").lower()
    about = f": {', '.join(fault.args)}" if fault.args else ""
    return f"{words.capitalize()}{about}."


def _numbered(fault: Fault) -> dict[str, Any]:
    return {"about": list(fault.args)} if fault.args else {}


_BY_FAULT: Final[Mapping[AnyFault, Callable[[Exchange, Record, Fault, RateLimits, int], Explanation]]] = {
    RequestFault.BANNED: _limited,
    RequestFault.TOO_MUCH_WEIGHT: _limited,
    RequestFault.TOO_MANY_REQUESTS: _limited,
    RequestFault.TOO_MANY_CONNECTIONS: _limited,
    RequestFault.AHEAD_OF_TIME: _timing,
    RequestFault.OUTSIDE_RECV_WINDOW: _timing,
    RequestFault.REJECTED_KEY: _rejected_key,
    RequestFault.BAD_API_KEY_FORMAT: _key_format,
    RequestFault.BAD_SIGNATURE: _signature,
    RequestFault.UNKNOWN_SYMBOL: _unknown_symbol,
    RequestFault.NO_SUCH_ORDER: _no_such_order,
}
