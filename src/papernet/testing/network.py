"""A network as a test holds it: addresses, accounts, clients, and the control plane as methods.

Order of work.  Whatever is asked is one call of the control plane, made in this process where the network is in it. Each method
                waits for its answer, in any thread, with an event loop or without one.
Invariant.      A method does nothing that the same call over HTTP or the command line would not do.
Does not.       Run the network: `PapernetServer` does.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from papernet.testing import clients, spelling
from papernet.testing.accounts import Account, Key, development_accounts
from papernet.testing.asking import Answer, Ask, AskOver, request
from papernet.testing.clients import Addresses, Market
from papernet.testing.market_verbs import ExplainVerbs, FillVerbs, MarketVerbs, ScenarioVerbs
from papernet.testing.spelling import Amount
from papernet.testing.time_verbs import ClockVerbs, FaultVerbs

_CHECKPOINT: Final = "start"


class Network:
    """A test network."""

    def __init__(self, rest_url: str, token: str, ask: Ask | None = None) -> None:
        """Hold the network at `rest_url`; `ask` makes its calls, over HTTP when it is not given."""
        self.rest_url: Final = rest_url.rstrip("/")
        self.ws_url: Final = "ws" + self.rest_url.removeprefix("http")
        self.token: Final = token
        self._where: Final = Addresses(self.rest_url, self.ws_url)
        self._ask: Final = AskOver(self.rest_url, token) if ask is None else ask
        self._accounts: Final = development_accounts()
        self.clock: Final = ClockVerbs(self._ask)
        self.faults: Final = FaultVerbs(self._ask)
        self.fills: Final = FillVerbs(self._ask)
        self.market: Final = MarketVerbs(self._ask)
        self.scenarios: Final = ScenarioVerbs(self._ask)
        self.explain: Final = ExplainVerbs(self._ask)

    @property
    def ws_api_url(self) -> str:
        """Return the address of the WebSocket API; `ws_url` is that of the streams, without a path."""
        return self._where.ws_api

    # ---- accounts

    def account(self, name: str) -> Account:
        """Return an account with its keys: alice, bob, carol, or one that was opened here."""
        account = self._accounts.get(name)
        if account is None:
            raise LookupError(f"there is no account {name} here, only {', '.join(self._accounts)}; open_account() makes one")
        return account

    def open_account(self, name: str, balances: Mapping[str, Amount] | None = None) -> Account:
        """Open an account with an HMAC key; without `balances` it starts with what everybody has."""
        self._ask("POST", "/accounts", spelling.fields(name=name, balances=spelling.amounts(balances)))
        made = self._ask("POST", "/keys", {"account": name, "type": "HMAC"})
        self._accounts[name] = Account(name, (Key("HMAC", made["api_key"], made["secret_key"]),))
        return self._accounts[name]

    def create_key(self, account: str, permissions: Iterable[str] | None = None, **more: object) -> Key:
        """Give an account another HMAC key, with the fields of docs/control.md: `ip_list`, `label`."""
        body = spelling.fields(account=account, permissions=None if permissions is None else list(permissions), **more)
        made = self._ask("POST", "/keys", {"type": "HMAC"} | body)
        return Key("HMAC", made["api_key"], made["secret_key"])

    def deposit(self, account: str, asset: str, amount: Amount) -> dict[str, Any]:
        """Add to an account's balance; a minus sign takes away."""
        path = f"/accounts/{quote(account, safe='')}/balances"
        return dict(self._ask("POST", path, {"asset": asset, "amount": spelling.amount(amount)}))

    def balances(self, account: str) -> dict[str, tuple[Decimal, Decimal]]:
        """Return an account's balances by asset: what is free, and what is locked."""
        for row in self._ask("GET", "/accounts"):
            if row["name"] == account:
                return {asset: (Decimal(held["free"]), Decimal(held["locked"])) for asset, held in row["balances"].items()}
        raise LookupError(f"there is no account {account}")

    # ---- states

    def checkpoint(self, name: str = _CHECKPOINT) -> str:
        """Give the state of now a name, and return the name."""
        self._ask("POST", "/checkpoints", {"name": name})
        return name

    def restore(self, name: str = _CHECKPOINT) -> dict[str, Any]:
        """Return to a state by its name."""
        return dict(self._ask("POST", "/checkpoints/restore", {"name": name}))

    def fork(self, name: str | None = None) -> "Network":
        """Return a second network, which begins with a state by its name, or with that of now, and ends with this one."""
        found = self._ask("POST", "/checkpoints/fork", spelling.fields(name=name))
        fork = Network(found["rest_url"], self.token)
        fork._accounts.update(self._accounts)
        return fork

    def checkpoints(self) -> Any:
        """Return the states that have names."""
        return self._ask("GET", "/checkpoints")

    def remove_checkpoint(self, name: str) -> Any:
        """Forget a state."""
        return self._ask("DELETE", "/checkpoints", name=name)

    def reset(self) -> dict[str, Any]:
        """Start the whole exchange over, as the real test network does now and then."""
        return dict(self._ask("POST", "/reset"))

    # ---- looking

    def requests(self, limit: int | None = None, **which: object) -> list[dict[str, Any]]:
        """Return recent requests, with time, key, weight, status, code and latency; `which` narrows them: `account`, `code`."""
        return list(self._ask("GET", "/requests", limit=limit, **which))

    def control(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """Make any call of the control plane, by its method and its path behind /papernet/v1."""
        return self._ask(method, path, body, **query)

    def request(
        self, method: str, path: str, account: str | Account | None = None, *, signed: bool = True, **params: object
    ) -> Answer:
        """Send the exchange one request over HTTP, with an account's key if one is named, and return what it said.

        It is signed as of the network's time, unless the parameters say another `timestamp`. A refusal is an answer too.
        """
        key = None if account is None else self._key(account, "HMAC")
        is_signed = signed and key is not None
        if is_signed and "timestamp" not in params:
            params["timestamp"] = self.clock.now_ms()
        return request(self.rest_url, method, path, params, key, is_signed=is_signed)

    # ---- clients

    def as_ccxt(
        self,
        account: str | Account = "alice",
        *,
        key: str = "HMAC",
        market: Market = "spot",
        follow_clock: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return ccxt's `binance`, configured; `config` is merged over the configuration."""
        return clients.ccxt_client(
            self._where, self._key(account, key), self.clock if follow_clock else None, "sync", market, config
        )

    def as_ccxt_async(
        self,
        account: str | Account = "alice",
        *,
        key: str = "HMAC",
        market: Market = "spot",
        follow_clock: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the `binance` of `ccxt.async_support`, configured."""
        return clients.ccxt_client(
            self._where, self._key(account, key), self.clock if follow_clock else None, "async", market, config
        )

    def as_ccxt_pro(
        self,
        account: str | Account = "alice",
        *,
        key: str = "HMAC",
        market: Market = "spot",
        follow_clock: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the `binance` of `ccxt.pro`, configured: REST, the WebSocket API and streams."""
        return clients.ccxt_client(
            self._where, self._key(account, key), self.clock if follow_clock else None, "pro", market, config
        )

    def as_python_binance(self, account: str | Account = "alice", *, key: str = "HMAC", follow_clock: bool = False) -> Any:
        """Return python-binance's `Client`, configured."""
        return clients.python_binance_client(self._where, self._key(account, key), self.clock if follow_clock else None)

    async def as_python_binance_async(
        self, account: str | Account = "alice", *, key: str = "HMAC", follow_clock: bool = False
    ) -> Any:
        """Return python-binance's `AsyncClient`, configured."""
        return await clients.python_binance_async_client(
            self._where, self._key(account, key), self.clock if follow_clock else None
        )

    def as_python_binance_sockets(self, client: Any) -> Any:
        """Return python-binance's `BinanceSocketManager` for an `AsyncClient` of this network."""
        return clients.python_binance_sockets(self._where, client)

    def as_sdk(self, account: str | Account = "alice", *, key: str = "HMAC", market: Market = "spot") -> Any:
        """Return the official SDK's client, configured: `Spot`, or `DerivativesTradingOptions` for options."""
        make = clients.sdk_client if market == "spot" else clients.sdk_option_client
        return make(self._where, self._key(account, key))

    def _key(self, account: str | Account, kind: str) -> Key:
        return (self.account(account) if isinstance(account, str) else account).key(kind)
