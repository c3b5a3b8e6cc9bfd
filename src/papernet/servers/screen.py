"""What `papernet up` says when it is ready, and `papernet ca` of the CA: a screen for people, or a line of JSON for programs.

Does not.       Write: text is returned, and whoever called prints it.
"""

from shlex import quote
from typing import Any, Final

from msgspec import Struct, json

from papernet import __version__
from papernet.core.enums import KeyType
from papernet.core.units import format_fixed
from papernet.servers.dev_accounts import DevelopmentKey

_BOLD: Final = "\x1b[1m"
_WARN: Final = "\x1b[33m"
_PLAIN: Final = "\x1b[0m"
_LINE_OF_PEM: Final = 64


# The variables by which programs take a file of CA certificates, and who reads them.
_CA_VARIABLES: Final = (
    ("SSL_CERT_FILE", "OpenSSL, Python's ssl, httpx, aiohttp, websockets, Ruby; Go and .NET on Linux"),
    ("REQUESTS_CA_BUNDLE", "Python's requests"),
    ("WEBSOCKET_CLIENT_CA_BUNDLE", "Python's websocket-client"),
    ("CURL_CA_BUNDLE", "curl"),
    ("NODE_EXTRA_CA_CERTS", "Node.js; beside the CAs that it trusts, the others instead of them"),
)


class Ready(Struct, frozen=True):
    """Everything that is worth saying about a server that has just started.

    `tls` and `ca` are empty without TLS, `options_api` says in which edition options are offered, if they are; `api_date` is
    the day whose wire is served.
    """

    rest: str
    control: str
    seed: int
    market: str
    state: str
    symbols: tuple[str, ...]
    balances: tuple[tuple[str, int], ...]
    keys: tuple[DevelopmentKey, ...]
    tls: str = ""
    ca: str = ""
    options_api: str = ""
    api_date: str = ""
    warnings: tuple[str, ...] = ()
    command: str = "papernet"


def ready_json(ready: Ready) -> bytes:
    """Return the one line for programs."""
    accounts: list[dict[str, Any]] = []
    for key in ready.keys:
        secret = "secret_key" if key.key_type is KeyType.HMAC else "private_key_pem"
        accounts.append(
            {
                "name": key.account.name,
                "uid": key.account.uid,
                "api_key": key.api_key,
                secret: key.private,
                "type": key.key_type.name,
            }
        )
    return json.encode(
        {
            "ready": True,
            "version": __version__,
            **_doors(ready.rest),
            "options": _option_doors(ready) if ready.options_api else None,
            "tls": _doors(ready.tls) | {"ca": ready.ca} if ready.tls else None,
            "control": ready.control,
            "seed": ready.seed,
            "api_date": ready.api_date,
            "accounts": accounts,
        }
    )


def ready_text(ready: Ready, *, colour: bool) -> str:
    """Return the screen for people; its last line is `Ready.`."""
    bold, warn, plain = (_BOLD, _WARN, _PLAIN) if colour else ("", "", "")
    symbol = ready.symbols[0] if ready.symbols else "BTCUSDT"
    doors = _doors(ready.rest)
    market = f"simulated, seed {ready.seed}" if ready.market == "sim" else "none: the books are empty"
    lines = [
        f"{bold}papernet {__version__}{plain}  an exchange of your own",
        "",
        f"  REST      {bold}{ready.rest}{plain}  (/api/v3)",
        f"  WS API    {doors['ws_api']}",
        f"  Streams   {doors['streams']}  (/ws, /stream)",
        *_option_lines(ready),
        *_tls_lines(ready),
        f"  Control   {ready.control}",
        f"  Market    {market}",
        f"  API date  {ready.api_date}",
        f"  Symbols   {_shortened(ready.symbols)}",
        f"  State     {ready.state}",
    ]
    if ready.keys:
        holdings = ", ".join(f"{_short_amount(amount)} {asset}" for asset, amount in ready.balances)
        lines += ["", f"{bold}Test accounts{plain}  each opened with {holdings}", ""]
        for key in ready.keys:
            lines += _key_lines(key, ready.command)
        lines.append(
            f"{warn}These keys are public: everyone who runs papernet has the same ones. Never use them elsewhere.{plain}"
        )
    lines += ["", *(f"{warn}Note: {text}{plain}" for text in ready.warnings)]
    lines += [
        f"{bold}Try{plain}",
        f'  curl "{ready.rest}/api/v3/exchangeInfo?symbol={symbol}"',
        f'  curl "{ready.rest}/api/v3/ticker/bookTicker"',
        f"  {ready.command} keys create alice",
        "",
        "Ready.",
    ]
    return "\n".join(lines)


def ca_json(path: str, names: tuple[str, ...]) -> str:
    """Return the one line for programs about the CA."""
    environment = dict.fromkeys((variable for variable, _ in _CA_VARIABLES), path)
    return json.encode({"ca": path, "names": names, "environment": environment}).decode("utf-8")


def ca_text(path: str, names: tuple[str, ...]) -> str:
    """Return where the CA's certificate is and what to set, as lines that a shell can run."""
    width = max(len(variable) for variable, _ in _CA_VARIABLES)
    lines = [
        f"# {path}",
        "#",
        f"# It vouches for {', '.join(names)}.",
        "# papernet installs it nowhere; a program trusts it when one of these says so:",
    ]
    lines += [f"#   {variable:<{width}}  {readers}" for variable, readers in _CA_VARIABLES]
    lines += ["", *(f"export {variable}={quote(path)}" for variable, _ in _CA_VARIABLES)]
    return "\n".join(lines)


def _doors(url: str) -> dict[str, str]:
    """Return where the doors of a server are, by what they are called."""
    websocket = f"ws{url.removeprefix('http')}"
    return {"rest": url, "ws_api": f"{websocket}/ws-api/v3", "streams": websocket}


def _option_doors(ready: Ready) -> dict[str, str]:
    """Return where options are offered."""
    streams = _doors(ready.rest)["streams"]
    return {
        "rest": f"{ready.rest}/eapi/v1",
        "streams": streams if ready.options_api == "current" else f"{streams}/eoptions",
        "api": ready.options_api,
    }


def _option_lines(ready: Ready) -> list[str]:
    if not ready.options_api:
        return ["  Options   off"]
    doors = _option_doors(ready)
    paths = "/public, /market, /private" if ready.options_api == "current" else "/ws, /stream"
    return [f"  Options   {doors['rest']}, {doors['streams']}  ({paths})"]


def _tls_lines(ready: Ready) -> list[str]:
    if not ready.tls:
        return ["  TLS       off"]
    return [f"  TLS       {ready.tls}  (https and wss)", f"  CA        {ready.ca}"]


def _key_lines(key: DevelopmentKey, command: str) -> list[str]:
    what = "read only" if len(key.permissions) == 1 else "trades"
    head = f"  {key.account.name}  {key.key_type.name.capitalize() if key.key_type is KeyType.ED25519 else key.key_type.name}"
    lines = [f"{head}, {what}", f"    api key  {key.api_key}"]
    if key.key_type is KeyType.HMAC:
        lines.append(f"    secret   {key.private}")
    elif len(key.private) <= _LINE_OF_PEM * 3:
        lines.append(f"    private  {key.private.splitlines()[1]}  (PKCS#8)")
    else:
        lines.append(f"    private  {command} keys show {key.account.name} --type {key.key_type.name}")
    return [*lines, ""]


def _shortened(symbols: tuple[str, ...]) -> str:
    shown = 10
    rest = f" and {len(symbols) - shown} more" if len(symbols) > shown else ""
    return " ".join(symbols[:shown]) + rest


def _short_amount(amount: int) -> str:
    text = format_fixed(amount)
    return text.rstrip("0").rstrip(".")
