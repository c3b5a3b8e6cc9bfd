"""The calls that are about accounts and API keys.

Order of work.  Body, account, command; the first that is not right answers.
Does not.       Draw keys: `draw_key` does. Does not check who asks: the door has.
"""

from collections.abc import Callable
from typing import Any, Final

from papernet.control import bodies
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, outcome, query, refusal, user
from papernet.control.option_bodies import account_row
from papernet.core.commands import Command, Deposit, LockBalance, OpenAccount, RegisterKey, RevokeKey
from papernet.core.enums import AccountKind, KeyType
from papernet.core.events import Applied
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange

_FIRST_UID: Final = 1_000_000


class AccountCalls:
    """Opens and funds accounts, makes and takes away keys."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        balances: tuple[tuple[str, int], ...],
        submit: Callable[[Command, int], Applied],
        draw_key: Callable[[], str],
    ) -> None:
        """Answer over `exchange`; `balances` is what a new account starts with."""
        self._exchange: Final = exchange
        self._balances: Final = balances
        self._submit: Final = submit
        self._draw_key: Final = draw_key

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(
                method="GET",
                path="/accounts",
                handler=self.list_accounts,
                summary="Tell all users' accounts",
                answer=list[dict[str, Any]],
            ),
            Call(
                method="POST",
                path="/accounts",
                handler=self.open_account,
                summary="Open an account",
                body=bodies.OpenAccountBody,
            ),
            Call(
                method="POST",
                path="/accounts/{name}/balances",
                handler=self.deposit,
                summary="Add to a balance, or take from it",
                body=bodies.DepositBody,
            ),
            Call(
                method="POST",
                path="/accounts/{name}/locks",
                handler=self.lock,
                summary="Lock part of a balance from outside, or unlock it",
                body=bodies.LockBody,
            ),
            Call(
                method="GET",
                path="/keys",
                handler=self.list_keys,
                summary="Tell API keys, without their secrets",
                query={"account": "the account whose keys are told; all when absent"},
                answer=list[dict[str, Any]],
            ),
            Call(
                method="POST",
                path="/keys",
                handler=self.create_key,
                summary="Give an account an API key",
                body=bodies.CreateKeyBody,
            ),
            Call(
                method="DELETE",
                path="/keys",
                handler=self.revoke_key,
                summary="Take an API key away",
                body=bodies.RevokeKeyBody,
                query={"api_key": "the key, instead of in the body"},
            ),
        )

    def list_accounts(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Tell all users' accounts."""
        users = (account for account in self._exchange.accounts.by_id.values() if account.is_user)
        return ok([account_row(account, self._exchange.options) for account in users])

    def open_account(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Open an account."""
        body = bodies.decode(request.body, bodies.OpenAccountBody)
        name = bodies.account_name(body.name)
        balances = self._balances
        if body.balances is not None:
            balances = tuple((asset, bodies.amount(text, asset)) for asset, text in body.balances.items())
            for asset, _ in balances:
                if asset not in self._exchange.assets:
                    return refusal(Reject(Reason.UNKNOWN_ASSET))
        uid = max(_FIRST_UID, *self._exchange.accounts.by_uid, 0) + 1
        applied = self._submit(OpenAccount(name, uid, AccountKind.USER, balances), now)
        refused = outcome(applied)
        if refused is not None:
            return refused
        return ok(account_row(self._exchange.accounts.by_name[name], self._exchange.options), applied)

    def deposit(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Add to a balance, or take from it."""
        body = bodies.decode(request.body, bodies.DepositBody)
        account = user(self._exchange, name)
        if account is None:
            return refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        quantity = bodies.amount(body.amount, "amount", signed=True)
        applied = self._submit(Deposit(account.account_id, body.asset, quantity), now)
        return outcome(applied) or ok(account_row(account, self._exchange.options), applied)

    def lock(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Lock part of a balance from outside, or unlock it."""
        body = bodies.decode(request.body, bodies.LockBody)
        account = user(self._exchange, name)
        if account is None:
            return refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        quantity = bodies.amount(body.amount, "amount", signed=True)
        applied = self._submit(LockBalance(account.account_id, body.asset, quantity), now)
        return outcome(applied) or ok(account_row(account, self._exchange.options), applied)

    def list_keys(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Tell API keys, without their secrets."""
        wanted = query(request, "account")
        rows = [self._key_json(key) for key in self._exchange.accounts.keys.values()]
        return ok([row for row in rows if wanted in ("", row["account"])])

    def create_key(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Give an account an API key."""
        body = bodies.decode(request.body, bodies.CreateKeyBody)
        account = user(self._exchange, body.account)
        if account is None:
            return refusal(Reject(Reason.UNKNOWN_ACCOUNT))
        key_type = bodies.key_type(body.type)
        if key_type is KeyType.HMAC or (key_type is None and not body.public_key):
            if body.public_key:
                return error(400, "public_key: an HMAC key has none, its secret is generated")
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
        refused = outcome(applied)
        if refused is not None:
            return refused
        row = self._key_json(command)
        if key_type is KeyType.HMAC:
            # Shown once, as the test network does: afterwards only the exchange knows it.
            row["secret_key"] = secret
        return ok(row, applied)

    def revoke_key(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Take an API key away."""
        api_key = query(request, "api_key") or bodies.decode(request.body, bodies.RevokeKeyBody).api_key
        applied = self._submit(RevokeKey(api_key), now)
        return outcome(applied) or ok({"api_key": api_key, "revoked": True}, applied)

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
