"""`papernet keys`: API keys of a running server, and the well-known ones that papernet ships with.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, fail, server_options


@click.group()
def keys() -> None:
    """List, make and take away API keys."""


@keys.command("list")
@click.argument("account", required=False)
@server_options
def keys_list(account: str | None, port: int | None, state: Path | None) -> None:
    """List API keys, of one account or of all."""
    for row in ask(port, state, "GET", "/keys"):
        if account in (None, row["account"]):
            click.echo(
                f"{row['account']:<12} {row['type']:<8} {row['api_key']}  {','.join(row['permissions'])}  {row['label']}"
            )


@keys.command("create")
@click.argument("account")
@click.option("--public-key", type=click.File(), help="PEM file of an RSA or Ed25519 public key; without it, HMAC.")
@click.option("--type", "key_type", type=click.Choice(["HMAC", "RSA", "ED25519"], case_sensitive=False), help="Type of key.")
@click.option("--permission", multiple=True, help="USER_DATA, TRADE or USER_STREAM; repeatable; all when none is given.")
@click.option("--ip", multiple=True, help="Address that the key may be used from; repeatable.")
@click.option("--label", default="", help="A note of your own.")
@server_options
def keys_create(
    account: str,
    public_key: Any,
    key_type: str | None,
    permission: tuple[str, ...],
    ip: tuple[str, ...],
    label: str,
    port: int | None,
    state: Path | None,
) -> None:
    """Make an API key for ACCOUNT; an HMAC secret is shown once."""
    body = {
        "account": account,
        "type": key_type or "",
        "public_key": public_key.read() if public_key is not None else "",
        "permissions": list(permission) or None,
        "ip_list": list(ip) or None,
        "label": label,
    }
    row = ask(port, state, "POST", "/keys", body)
    click.echo(f"api key  {row['api_key']}")
    if "secret_key" in row:
        click.echo(f"secret   {row['secret_key']}")


@keys.command("revoke")
@click.argument("api_key")
@server_options
def keys_revoke(api_key: str, port: int | None, state: Path | None) -> None:
    """Take an API key away."""
    ask(port, state, "DELETE", "/keys", {"api_key": api_key})
    click.echo(f"revoked {api_key}")


@keys.command("show")
@click.argument("account")
@click.option("--type", "key_type", type=click.Choice(["HMAC", "RSA", "ED25519"], case_sensitive=False), help="Type of key.")
def keys_show(account: str, key_type: str | None) -> None:
    """Print the private half of a well-known test account's key, for a file or a client."""
    from papernet.servers.dev_accounts import development_keys

    for key in development_keys():
        if key.account.name == account and key_type in (None, key.key_type.name):
            click.echo(key.private.rstrip("\n"))
            return
    fail(f"{account} has no well-known key{f' of type {key_type}' if key_type else ''}")
