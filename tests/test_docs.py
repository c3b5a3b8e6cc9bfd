"""The documents against the code: what they say is there is there, and what is there is said."""

import inspect
import re
from pathlib import Path

import click
import pytest
from msgspec import json

from papernet import __version__
from papernet.app.faults import RequestFault
from papernet.app.operations import OPERATIONS
from papernet.app.operations.options import Generation, option_rows
from papernet.app.rate_limits import CONNECTION_LIMIT, CONNECTION_MINUTES
from papernet.cli import cli
from papernet.control.door import PREFIX
from papernet.core.events import Event
from papernet.core.order import ORDER_TRANSITIONS
from papernet.core.order_list import LIST_TRANSITIONS
from papernet.protocols.json import option_errors, user_events
from papernet.protocols.json.errors import REASONS
from papernet.protocols.option_streams.names import NAMES
from papernet.protocols.streams import door as stream_door
from papernet.protocols.streams.feed import is_snapshot
from papernet.protocols.streams.names import ARRAYS, FORMS, parse_stream
from papernet.protocols.subscriptions import session
from papernet.protocols.subscriptions.requests import Method
from papernet.protocols.subscriptions.session import POLICY_VIOLATION
from papernet.protocols.websocket import connection
from papernet.protocols.ws_api import door as api_door
from papernet.protocols.ws_api.subscriptions import ACTIVE_MAX, IN_A_LIFETIME_MAX
from papernet.servers import websocket as hub
from papernet.servers.files import Durability
from tests.support.whole_node import control_calls
from tools import witnesses
from tools.docs import PAGES as WRITTEN
from tools.pages import coverage, errors, option_coverage, option_streams, streams
from tools.pages import option_errors as options_errors_page
from tools.witnesses import At

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "papernet"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return a page's text from a heading to the next one of the same level."""
    level = heading.split(" ", maxsplit=1)[0]
    _, _, rest = text_of(name).partition(f"\n{heading}\n")
    assert rest, f"{name} has no section {heading!r}"
    return re.split(rf"\n{level} ", rest)[0]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> list[str]:
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", without_code(page.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("name", WRITTEN)
def test_written_pages_are_current(name: str) -> None:
    assert text_of(f"docs/{name}") == WRITTEN[name](), "run `make docs`"


def test_written_pages_hold_every_operation_and_every_refusal() -> None:
    for name in ("endpoints.md", "coverage.md"):
        assert [each for each in OPERATIONS if f"Operation `{each}`" not in WRITTEN[name]()] == []
    page = WRITTEN["errors.md"]()
    assert [name.name for kind in (RequestFault, REASONS) for name in kind if f"| `{name.name}` |" not in page] == []
    for name in ("options-endpoints.md", "options-coverage.md"):
        rows = [operation for edition in Generation for operation in option_rows(edition)]
        assert [each for each in rows if f"Operation `{each}`" not in WRITTEN[name]()] == []
    page = WRITTEN["options-errors.md"]()
    refusals = (*option_errors.FAULTS, *option_errors.REASONS)
    assert [refusal.name for refusal in refusals if f"| `{refusal.name}` |" not in page] == []


def test_every_parameter_and_field_has_a_test_that_saw_it() -> None:
    assert [*coverage.unseen(), *option_coverage.unseen()] == [], "run `make docs ARGS=--witness`"


def test_every_refusal_has_a_test_that_met_it_and_none_that_is_said_to_be_never() -> None:
    assert [*errors.unmet(), *options_errors_page.unmet()] == [], "run `make docs ARGS=--witness`"


def test_every_named_test_exists() -> None:
    named = {test for row in witnesses.kept().values() for test in (*row.tests, *row.met.values())}
    assert len(named) > 20
    missing = []
    for test in named:
        file, _, name = test.partition("[")[0].partition("::")
        if f"def {name}(" not in text_of(file):
            missing.append(test)
    assert missing == []


def test_the_diagrams_hold_every_row_of_their_tables() -> None:
    page = WRITTEN["state-machines.md"]()
    for status, nexts in ORDER_TRANSITIONS.items():
        assert all(f"    {status.name} --> {after.name}\n" in page for after in nexts)
    for (phase, role, happening), (consequence, after) in LIST_TRANSITIONS.items():
        assert f"    {phase.name} --> {after.name}: {role.name} {happening.name} / {consequence.name}\n" in page


def test_a_reply_is_taken_apart_into_its_fields() -> None:
    reply = {"code": 1, "a": [{"b": 1}, {"b": 2, "c": {"code": 3}}], "d": [["x", "y"]]}
    assert list(dict.fromkeys(witnesses.fields(reply))) == ["a", "a.b", "a.c", "a.c.code", "d"]
    assert list(witnesses.fields([[1, 2]])) == ["[0]", "[1]"]


def test_a_request_about_options_is_noted_by_its_edition_and_with_the_elements_of_its_lists() -> None:
    edition = Generation.LEGACY
    orders = option_rows(edition)["options.batchOrders.place"]
    sent = {"orders": '[{"symbol": "BTC-261225-100000-C", "side": "BUY", "reduceOnly": true, "x": 1}]'}
    refused = {"code": -1130, "msg": "Data sent for paramter 'side' is not valid."}
    seen = list(witnesses.sights(At.REST, orders, sent, 200, [{"orderId": 1}, refused], edition))
    assert seen[:3] == ["met -1130 Data sent for paramter '…' is not valid.", "told orderId", "answered REST"]
    assert seen[3:] == [
        "sent orders",
        "sent orders.symbol",
        "sent orders.side",
        "sent orders.side=BUY",
        "sent orders.reduceOnly",
    ]
    assert witnesses.edition_name(orders.name, edition) == "options.batchOrders.place (2024)"
    assert list(witnesses.sights(At.REST, None, {}, 200, {"code": 0, "msg": "success"}, edition)) == []
    assert witnesses.met(-6005, "It is not market maker", Generation.CURRENT) == "met -6005 It is not market maker"


def test_a_request_is_noted_by_what_it_sent_was_told_and_met() -> None:
    depth = OPERATIONS["depth"]
    sent = witnesses.form(b"symbol=BTCUSDT&symbolStatus=HALT&x=1")
    seen = list(witnesses.sights(At.REST, depth, sent, 200, {"bids": []}))
    assert seen == ["told bids", "answered REST", "sent symbol", "sent symbolStatus", "sent symbolStatus=HALT"]
    assert "answered WebSocket API" in witnesses.sights(At.WEBSOCKET_API, depth, sent, 200, {"bids": []})
    refused = {
        "code": -2022,
        "msg": "Order cancel-replace failed.",
        "data": {"z": {"code": -2011, "msg": "Unknown order sent."}},
    }
    seen = list(witnesses.sights(At.REST, depth, {"symbol": "BTCUSDT"}, 400, refused))
    assert seen[:2] == ["met -2022 Order cancel-replace failed.", "met -2011 Unknown order sent."]
    assert "sent symbol" not in seen
    assert (
        witnesses.met(-1111, "Parameter 'price' has too much precision.") == "met -1111 Parameter '…' has too much precision."
    )


def test_few_tests_are_named_and_each_for_what_it_saw() -> None:
    first, second, other = "tests/unit/a.py::t[1]", "tests/unit/a.py::t[2]", "tests/conformance/b.py::t"
    cases: dict[str, dict[str, None]] = {
        first: {"told x": None, "told y": None, "answered REST": None},
        second: {"met -1 z": None},
        other: {"told x": None},
    }
    chosen = witnesses.fewest({"depth": cases})
    assert chosen["depth"].tests == {other: ["told x"], "tests/unit/a.py::t": ["answered REST", "met -1 z", "told y"]}
    assert chosen["depth"].met == {"met -1 z": second}
    assert chosen["depth"].files == {At.REST: ["tests/unit/a.py"]}
    assert json.decode(witnesses.dumped(chosen), type=dict[str, witnesses.Kept]) == chosen
    assert witnesses.differences(chosen, {"depth": cases}) == []
    del cases[first]["told y"]
    assert witnesses.differences(chosen, {"depth": cases}) == ["depth: tests/unit/a.py::t no longer 'told y'"]
    cases[first]["met -1 z"] = cases[second].pop("met -1 z")
    assert f"depth: {second} no longer 'met -1 z'" in witnesses.differences(chosen, {"depth": cases})
    assert len(witnesses.differences(chosen, {})) == 6


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "docs" / "howto").glob("*.md"))], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        aimed = page if not name else page.parent / name
        if not aimed.exists() or (anchor and anchor not in anchors(aimed)):
            broken.append(target)
    assert not broken


def test_every_page_is_reachable_from_the_readme() -> None:
    readme = text_of("README.md")
    assert [page.name for page in PAGES if page.name != "README.md" and f"{page.relative_to(ROOT)})" not in readme] == []


def test_the_readme_lists_the_options_of_up_with_their_defaults() -> None:
    rows = re.findall(r"^\| `(--[a-z-]+)` \| (.*?) \|", section("README.md", "## The command line"), flags=re.MULTILINE)
    up = cli.commands["up"]
    options = {parameter.opts[-1]: parameter for parameter in up.params if isinstance(parameter, click.Option)}
    assert sorted(name for name, _ in rows) == sorted(options)
    for name, told in rows:
        default = options[name].default
        if isinstance(default, str | int | float) and not isinstance(default, bool):
            assert told == f"`{default}`", name


def test_the_readme_names_every_command() -> None:
    said = section("README.md", "## The command line")
    for name, command in cli.commands.items():
        assert f"`papernet {name}" in said
        for inner in command.commands if isinstance(command, click.Group) else ():
            assert f"`{inner}`" in said or f"`papernet {name} {inner}`" in said, f"{name} {inner}"


def test_the_control_page_names_every_call() -> None:
    page = text_of("docs/control.md")
    told = re.findall(rf"^\| `([A-Z]+) {PREFIX}(/[a-z/{{}}.-]+)`", page, flags=re.MULTILINE)
    assert sorted(told) == sorted((call.method, call.path) for call in control_calls())


def test_the_websocket_page_names_every_way_in_which_a_connection_ends() -> None:
    page = section("docs/websocket.md", "## When a connection ends")
    told = re.findall(r"^\| (\d{4}) \| `(.+?)` \|", page, flags=re.MULTILINE)
    ends: list[tuple[str, str]] = []
    for module in (connection, hub):
        ends += re.findall(r'\((\d{4}), "(.+?)"\)', inspect.getsource(module))
    reasons = re.findall(r'\(POLICY_VIOLATION, "(.+?)"\)', inspect.getsource(session))
    ends += [(str(POLICY_VIOLATION), reason) for reason in reasons]
    assert len(ends) > 8
    assert sorted(told) == sorted(ends)


def test_the_websocket_page_names_every_stream_and_what_may_be_left_out() -> None:
    page = section("docs/websocket.md", "## Market streams")
    rows = re.findall(r"^\| (`[<!].+?) \| .+? \| (.+?) \|", page, flags=re.MULTILINE)
    told = {name: newest == "the newest" for cell, newest in rows for name in re.findall(r"`(?:<symbol>)?(.+?)`", cell)}
    found = {}
    for name in (*(f"s@{suffix}" for suffix in FORMS), *ARRAYS):
        stream = parse_stream(name)
        assert stream is not None
        if not name.endswith(("@1000ms", "@3000ms")):
            general = re.sub(r"(?<=kline_)\w+", "<interval>", re.sub(r"(?<=ticker_)\w+", "<window>", name.removeprefix("s")))
            found[re.sub(r"(?<=depth)\d+", "<levels>", general)] = is_snapshot(stream)
    assert told == found


def test_the_websocket_page_has_the_limits() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|", section("docs/websocket.md", "## Limits"), flags=re.MULTILINE)
    told = {name: (of_streams, of_api) for name, of_streams, of_api in rows}
    kinds = (stream_door.RULES, api_door.RULES)
    assert f"{CONNECTION_LIMIT} in {CONNECTION_MINUTES} minutes" in told["connections an IP address may open"][0]
    assert told["weight of connecting"] == ("0", str(api_door.CONNECTION_WEIGHT))
    assert told["messages to papernet"][0].startswith(f"{stream_door.RULES.messages_per_second} a second")
    assert api_door.RULES.messages_per_second == 0
    assert told["length of a message to papernet"] == tuple(f"{rules.message_max >> 10} KiB" for rules in kinds)
    assert told["waiting for a slow reader"] == tuple(f"{rules.backlog_max >> 20} MiB" for rules in kinds)
    of_accounts = f"{ACTIVE_MAX} accounts at a time, {IN_A_LIFETIME_MAX} in all"
    assert told["subscriptions"] == (f"{stream_door.DIALECT.streams_max} streams", of_accounts)


def test_the_websocket_page_names_every_control_message_and_every_event_of_users() -> None:
    methods = section("docs/websocket.md", "## Market streams")
    assert [method for method in Method if f"`{method}`" not in methods] == []
    events = re.findall(r"^\| `(\w+)` \|", section("docs/websocket.md", "## The WebSocket API"), flags=re.MULTILINE)
    assert sorted(events) == sorted(json.decode(text_of("tests/conformance/facts/user_events.json"))["events"])


def test_the_streams_page_names_every_stream_once_and_every_event_of_users() -> None:
    rows = re.findall(r"^\| (`.+?) \| (?:at once|every \d+ ms) \|", WRITTEN["streams.md"](), flags=re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`(.+?)`", row)]
    assert sorted(told) == sorted([*(f"btcusdt@{suffix}" for suffix in FORMS), *ARRAYS])
    written = re.findall(r'"e":"(\w+)"', inspect.getsource(user_events))
    named = re.findall(r'_delta\("(\w+)"', inspect.getsource(user_events))
    assert sorted(streams.user_events()) == sorted([*written, *named])


@pytest.mark.parametrize("edition", list(Generation))
def test_the_streams_page_of_options_names_every_stream_once(edition: Generation) -> None:
    chapter = section("docs/options-streams.md", "## Today" if edition is Generation.CURRENT else "## The edition of 2024")
    rows = re.findall(r"^\| (`.+?) \| `/\w+` \| (?:at once|every \d+ ms) \|", chapter, flags=re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`(.+?)`", row)]
    assert sorted(told) == sorted(option_streams.names(edition))
    forms = NAMES[edition]
    assert len(told) == sum(map(len, (forms.of_contracts, forms.of_underlyings, forms.with_expiry, forms.arrays)))


def test_the_state_page_names_every_durability() -> None:
    page = section("docs/state.md", "## Durability")
    assert all(f"| `{durability.value}`" in page for durability in Durability)


def test_the_room_map_is_the_tree() -> None:
    tree = section("ARCHITECTURE.md", "## The rooms")
    for path in SOURCE.iterdir():
        if path.is_dir() and not path.name.startswith("_"):
            assert f"`{path.name}/`" in tree, f"{path.name} is in no row of the table"
    drawn = re.search(r"```\n(src/papernet/.*?)```", tree, flags=re.DOTALL)
    assert drawn is not None
    for room in ("core", "venues/spot", "venues/options", "pricing"):
        line = re.search(rf"^ +{room}/ +(.+)$", drawn[1], flags=re.MULTILINE)
        assert line is not None
        modules = sorted(path.stem for path in (SOURCE / room).glob("*.py") if path.stem != "__init__")
        assert sorted(line[1].split()) == modules


def test_every_module_that_a_page_names_exists() -> None:
    missing = []
    for page in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        for name in re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|toml))?)`", text_of(page)):
            places = (SOURCE / name, SOURCE / "exchange" / name, ROOT / name)
            if not any(place.exists() for place in places):
                missing.append(f"{page}: {name}")
    assert not missing


def test_the_event_table_names_every_event_of_trading() -> None:
    table = section("ARCHITECTURE.md", "## One event out")
    unsaid = [kind.__name__ for kind in Event.__args__ if f"`{kind.__name__}`" not in table]
    # These only answer the control plane, in its own words.
    assert unsaid == ["KeyRegistered", "KeyRevoked", "SymbolStatusChanged", "SettingChanged"]


def test_the_commands_page_names_every_target_of_make() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), flags=re.MULTILINE)
    told = re.findall(r"^\| `make ([a-z]+)` \|", section("CONTRIBUTING.md", "## Every command"), flags=re.MULTILINE)
    assert sorted(told) == sorted(target for target in targets if target != "help")


def test_the_changelog_knows_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", text_of("CHANGELOG.md"), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == __version__


def test_the_readme_lists_every_path_by_its_last_word() -> None:
    said = section("README.md", "## What works now")
    public = [operation.name for operation in OPERATIONS.values() if not operation.signed and "." not in operation.name]
    assert public
    assert [name for name in public if name not in said and name != "ticker"] == []
