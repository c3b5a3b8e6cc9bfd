"""The control plane's door: a request in, commands to the sequencer, a JSON answer out.

Order of work.  Peer, token, path, method, body, command; the first that is not right answers.
Invariant.      Nothing but `health` is told or done without the token; the token is compared in constant time; an answer about
                a change carries the sequence number that must be durable before the answer leaves.
Does not.       Draw keys or read clocks: `draw_key` and `now` are arguments. Does not speak Binance's protocol.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from msgspec import Struct, json

from papernet import __version__
from papernet.control import bodies
from papernet.core.commands import Command, Deposit, OpenAccount, RegisterKey, RevokeKey, SetCommission
from papernet.core.enums import AccountKind, KeyType
from papernet.core.events import Applied, Refused
from papernet.core.ledger import Account
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange

PREFIX: Final = "/papernet/v1"
_JSON: Final = [(b"content-type", b"application/json;charset=UTF-8")]
_ACCOUNT_PATH: Final = re.compile(r"/accounts/([^/]{1,64})/(balances|commission)")
_FIRST_UID: Final = 1_000_000
_QUERY_FIELDS_MAX: Final = 20

_REFUSALS: Final[Mapping[Reason, tuple[int, str]]] = {
    Reason.UNKNOWN_ACCOUNT: (404, "there is no such account"),
    Reason.DUPLICATE_ACCOUNT: (409, "an account of that name exists"),
    Reason.UNKNOWN_KEY: (404, "there is no such API key"),
    Reason.DUPLICATE_KEY: (409, "that API key exists"),
    Reason.UNKNOWN_ASSET: (400, "no symbol trades that asset"),
    Reason.BAD_AMOUNT: (400, "the amount is out of range"),
    Reason.MARKET_HAS_TRADED: (409, "the symbol has traded already"),
    Reason.INSUFFICIENT_BALANCE: (400, "the account has less than that free"),
}


class ControlRequest(Struct, frozen=True):
    """A request: `path` is decoded, header names are lower-case, `local` says that the peer is this machine."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    local: bool


class ControlResponse(Struct, frozen=True):
    """An answer, to be sent once the journal is durable up to `durable_seq`."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    durable_seq: int = 0


class ControlDoor:
    """Answers the requests under `/papernet/v1`."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        token: str,
        balances: tuple[tuple[str, int], ...],
        submit: Callable[[Command, int], Applied],
        reset: Callable[[int], Applied],
        draw_key: Callable[[], str],
    ) -> None:
        """Make a door; `balances` is what a new account starts with, `reset` starts the whole exchange over."""
        self._exchange: Final = exchange
        self._token: Final = token.encode("utf-8")
        self._balances: Final = balances
        self._submit: Final = submit
        self._reset: Final = reset
        self._draw_key: Final = draw_key
        self._handlers: Final[dict[tuple[str, str], Callable[[ControlRequest, str, int], ControlResponse]]] = {
            ("GET", "/accounts"): self._list_accounts,
            ("POST", "/accounts"): self._open_account,
            ("POST", "/accounts/{name}/balances"): self._deposit,
            ("POST", "/accounts/{name}/commission"): self._set_commission,
            ("GET", "/keys"): self._list_keys,
            ("POST", "/keys"): self._create_key,
            ("DELETE", "/keys"): self._revoke_key,
            ("POST", "/reset"): self._start_over,
        }

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        """Answer one request."""
        if not request.local:
            return _error(403, "the control plane answers this machine only")
        path = request.path.removeprefix(PREFIX).rstrip("/")
        if path == "/health":
            return self._health() if request.method == "GET" else _error(405, "use GET", allow="GET")
        if not self._authorised(request):
            return _error(401, "send the token of the state directory as 'Authorization: Bearer TOKEN'")
        match = _ACCOUNT_PATH.fullmatch(path)
        pattern, name = (f"/accounts/{{name}}/{match[2]}", match[1]) if match else (path, "")
        handler = self._handlers.get((request.method, pattern))
        if handler is None:
            allowed = ", ".join(method for method, known in self._handlers if known == pattern)
            return _error(405, f"use {allowed}", allow=allowed) if allowed else _error(404, "there is nothing at that path")
        try:
            return handler(request, name, now)
        except bodies.BadBodyError as error:
            return _error(400, str(error))

    def _authorised(self, request: ControlRequest) -> bool:
        scheme, _, given = request.headers.get(b"authorization", b"").partition(b" ")
        return hmac.compare_digest(given.strip(), self._token) and scheme.lower() == b"bearer"

    def _health(self) -> ControlResponse:
        return _ok({"status": "ok", "version": __version__, "epoch": self._exchange.epoch})

    def _list_accounts(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        users = (account for account in self._exchange.accounts.by_id.values() if account.is_user)
        return _ok([bodies.account_json(account) for account in users])

    def _open_account(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        body = bodies.decode(request.body, bodies.OpenAccountBody)
        name = bodies.account_name(body.name)
        balances = self._balances
        if body.balances is not None:
            balances = tuple((asset, bodies.amount(text, asset)) for asset, text in body.balances.items())
            for asset, _ in balances:
                if asset not in self._exchange.assets:
                    return _refusal(Reject(Reason.UNKNOWN_ASSET))
        uid = max(_FIRST_UID, *self._exchange.accounts.by_uid, 0) + 1
        applied = self._submit(OpenAccount(name, uid, AccountKind.USER, balances), now)
        return _outcome(applied) or self._account(self._exchange.accounts.by_name[name], applied)

    def _deposit(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        body = bodies.decode(request.body, bodies.DepositBody)
        account = self._user(name)
        if account is None:
            return _refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        quantity = bodies.amount(body.amount, "amount", signed=True)
        applied = self._submit(Deposit(account.account_id, body.asset, quantity), now)
        return _outcome(applied) or self._account(account, applied)

    def _set_commission(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        body = bodies.decode(request.body, bodies.CommissionBody)
        account = self._user(name)
        if account is None:
            return _refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        rates = [bodies.rate(getattr(body, field), field) for field in ("maker", "taker", "buyer", "seller")]
        applied = self._submit(SetCommission(account.account_id, *rates), now)
        return _outcome(applied) or self._account(account, applied)

    def _list_keys(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        wanted = _query(request, "account")
        accounts = self._exchange.accounts
        rows = [self._key_json(key) for key in accounts.keys.values()]
        return _ok([row for row in rows if wanted in ("", row["account"])])

    def _create_key(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        body = bodies.decode(request.body, bodies.CreateKeyBody)
        account = self._user(body.account)
        if account is None:
            return _refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        key_type = bodies.key_type(body.type)
        if key_type is KeyType.HMAC or (key_type is None and not body.public_key):
            if body.public_key:
                return _error(400, "public_key: an HMAC key has none, its secret is generated")
            key_type, secret = KeyType.HMAC, self._draw_key()
        else:
            key_type, secret = bodies.public_key(key_type, body.public_key)
        command = RegisterKey(
            account.account_id,
            self._draw_key(),
            key_type,
            secret,
            bodies.permissions(body.permissions),
            bodies.ip_list(body.ip_list),
            bodies.label(body.label),
        )
        applied = self._submit(command, now)
        refused = _outcome(applied)
        if refused is not None:
            return refused
        row = self._key_json(command)
        if key_type is KeyType.HMAC:
            # Shown once, as the test network does: afterwards only the exchange knows it.
            row["secret_key"] = secret
        return _ok(row, applied)

    def _revoke_key(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        api_key = _query(request, "api_key") or bodies.decode(request.body, bodies.RevokeKeyBody).api_key
        applied = self._submit(RevokeKey(api_key), now)
        return _outcome(applied) or _ok({"api_key": api_key, "revoked": True}, applied)

    def _start_over(self, _request: ControlRequest, _name: str, now: int) -> ControlResponse:
        applied = self._reset(now)
        return _outcome(applied) or _ok({"epoch": self._exchange.epoch}, applied)

    def _user(self, name: str) -> Account | None:
        account = self._exchange.accounts.by_name.get(name)
        return account if account is not None and account.is_user else None

    def _account(self, account: Account, applied: Applied) -> ControlResponse:
        return _ok(bodies.account_json(account), applied)

    def _key_json(self, key: RegisterKey) -> dict[str, Any]:
        row: dict[str, Any] = {
            "api_key": key.api_key,
            "account": self._exchange.accounts.by_id[key.account].name,
            "type": key.key_type.name,
            "label": key.label,
            "permissions": [permission.name for permission in key.permissions],
            "ip_list": list(key.ip_list),
        }
        if key.key_type is not KeyType.HMAC:
            row["public_key"] = key.secret
        return row


def _query(request: ControlRequest, name: str) -> str:
    try:
        pairs = parse_qs(request.query.decode("ascii", "replace"), max_num_fields=_QUERY_FIELDS_MAX)
    except ValueError as error:
        raise bodies.BadBodyError("the query has too many fields") from error
    return pairs.get(name, [""])[0]


def _ok(value: object, applied: Applied | None = None) -> ControlResponse:
    return ControlResponse(200, _JSON, json.encode(value), applied.seq if applied is not None else 0)


def _error(status: int, message: str, allow: str = "") -> ControlResponse:
    headers = [*_JSON, (b"allow", allow.encode("ascii"))] if allow else _JSON
    return ControlResponse(status, headers, json.encode({"error": message}))


def _outcome(applied: Applied) -> ControlResponse | None:
    first = applied.events[0]
    return _refusal(first.reject) if isinstance(first, Refused) else None


def _refusal(reject: Reject) -> ControlResponse:
    status, message = _REFUSALS.get(reject.reason, (400, reject.reason.name.lower()))
    return _error(status, message)
