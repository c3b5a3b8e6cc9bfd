"""The files of the local CA: made once, kept, renewed in time, and never half there."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from papernet.core.dates import DAY
from papernet.servers import clock, local_ca
from papernet.servers.hosts import LOOPBACK_NAMES
from papernet.servers.local_ca import LocalCa, LocalCaError, ca_directory, certificate_names, open_ca
from papernet.servers.tls import server_context
from tests.support.handshakes import handshake, strict_client

NOW = clock.now()
FURTHER = certificate_names(["papernet.test"])
FILES = ("about.json", "ca.key", "ca.pem", "server.pem")


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where certificates go in these tests."""
    place = tmp_path / "some" / "ca"
    monkeypatch.setenv("PAPERNET_CA_DIR", str(place))
    return place


def contents(ca: LocalCa) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in ca.directory.iterdir()}


def works(ca: LocalCa, name: str = "localhost") -> bool:
    """Whether a client that trusts the CA talks to a server with the certificate."""
    return handshake(server_context(ca.server), strict_client(ca.certificate), name).version() == "TLSv1.3"


def test_the_first_use_makes_it_and_the_next_one_keeps_it(base: Path) -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    before = contents(made)
    assert made.directory == base / "localhost"
    assert sorted(before) == sorted(FILES)
    assert made.remark == ""
    assert works(made)
    kept = open_ca(LOOPBACK_NAMES, NOW + DAY)
    assert kept == made
    assert contents(kept) == before
    assert sorted(path.name for path in base.iterdir()) == [".lock", "localhost"]


def test_nobody_else_can_read_the_keys(base: Path) -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (base, made.directory, *made.directory.iterdir())}
    assert modes == {
        "ca": 0o700,
        "localhost": 0o700,
        "about.json": 0o600,
        "ca.key": 0o600,
        "ca.pem": 0o644,
        "server.pem": 0o600,
    }
    assert b"PRIVATE KEY" not in made.certificate.read_bytes()


def test_what_is_kept_is_read_without_the_library_that_makes_it() -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    program = (
        "import sys; from papernet.servers import clock, local_ca; from papernet.servers.tls import server_context;"
        f"ca = local_ca.open_ca({LOOPBACK_NAMES!r}, clock.now()); server_context(ca.server);"
        "print(ca.until, 'cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{made.until} False\n"


def test_a_certificate_is_renewed_before_it_ends_and_its_ca_stays() -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    before = contents(made)
    assert 390 * DAY < made.until - NOW <= 397 * DAY
    assert open_ca(LOOPBACK_NAMES, made.until - 31 * DAY) == made
    renewed = open_ca(LOOPBACK_NAMES, made.until - 30 * DAY)
    after = contents(renewed)
    assert renewed.until == made.until - 30 * DAY + made.until - NOW
    assert renewed.remark == ""
    assert [name for name in FILES if before[name] != after[name]] == ["about.json", "server.pem"]
    assert open_ca(LOOPBACK_NAMES, made.until).until == renewed.until


def test_a_ca_is_replaced_before_it_ends_and_that_is_told(base: Path) -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    ca = made.certificate.read_bytes()
    end = NOW + 3_650 * DAY
    last = open_ca(LOOPBACK_NAMES, end - 61 * DAY)
    assert (last.remark, last.certificate.read_bytes()) == ("", ca)
    # a certificate does not outlive the CA that signed it
    assert end - DAY < last.until <= end
    another = open_ca(LOOPBACK_NAMES, end - 30 * DAY)
    assert another.certificate == made.certificate
    assert another.certificate.read_bytes() != ca
    assert "was replaced (it holds from" in another.remark
    assert (base / "localhost.old" / "ca.pem").read_bytes() == ca


def test_a_clock_that_was_wrong_is_made_up_for() -> None:
    early = open_ca(LOOPBACK_NAMES, NOW + 500 * DAY)
    ca = early.certificate.read_bytes()
    made = open_ca(LOOPBACK_NAMES, NOW)
    assert made.certificate.read_bytes() != ca
    assert works(made)


def test_each_set_of_names_has_a_ca_of_its_own_and_no_other_is_touched() -> None:
    plain = open_ca(LOOPBACK_NAMES, NOW)
    before = contents(plain)
    wider = open_ca(FURTHER, NOW)
    assert wider.directory.name.startswith("papernet.test-")
    assert wider.remark == f"a CA of its own was made for papernet.test: programs have to trust {wider.certificate}"
    assert works(wider, "papernet.test")
    assert works(wider)
    assert contents(plain) == before
    assert open_ca(LOOPBACK_NAMES, NOW) == plain
    assert open_ca(FURTHER, NOW).remark == ""
    assert open_ca(certificate_names(["papernet.test", "10.0.0.5"]), NOW).directory != wider.directory


def test_names_have_one_spelling_and_one_order() -> None:
    assert certificate_names([]) == ("localhost", "127.0.0.1", "::1")
    assert certificate_names(["LOCALHOST.", "0:0::1"]) == LOOPBACK_NAMES
    assert certificate_names(["b.test.", "A.test", "a.test", "2001:DB8:0::1"]) == (
        *LOOPBACK_NAMES,
        "2001:db8::1",
        "a.test",
        "b.test",
    )
    assert open_ca(certificate_names(["2001:db8::1"]), NOW).directory.name.startswith("2001-db8--1-")


@pytest.mark.parametrize(
    "name", ["", ".", "*", "*.test", "a b", "a..b", "-a", "a-", "a/b", "../x", "1.2.3", "1.2.3.256", "a.1", "x" * 64, "a:80",
             "http://a", "1.2.3.0/24", "é.test", "a\n", "a\0", "\udcff", ".".join(["a" * 63] * 4), "[a]", "[127.0.0.1]",
             "fe80::1%lo"],
)  # fmt: skip
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(LocalCaError) as caught:
        certificate_names([name])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [None, b"", b"junk", b"\xff{}", "half"])
def test_whatever_is_damaged_is_made_good(name: str, damage: bytes | str | None) -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    before = contents(made)
    path = made.directory / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage if isinstance(damage, bytes) else before[name][: len(before[name]) // 2])
    again = open_ca(LOOPBACK_NAMES, NOW)
    assert works(again)
    after = contents(again)
    if name == "ca.pem":
        assert "was replaced (" in again.remark
        assert after["ca.key"] != before["ca.key"]
    else:
        # programs that trust the CA go on trusting it; its key is not asked for before something has to be signed
        assert after["ca.pem"] == before["ca.pem"]
        assert again.remark == ""


def test_a_key_that_was_thrown_away_is_missed_only_when_it_is_needed() -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    (made.directory / "ca.key").unlink()
    assert open_ca(LOOPBACK_NAMES, NOW) == made
    later = open_ca(LOOPBACK_NAMES, made.until - DAY)
    assert "was replaced (ca.key was not there" in later.remark


def test_files_of_another_set_of_names_do_not_pass() -> None:
    plain, wider = open_ca(LOOPBACK_NAMES, NOW), open_ca(FURTHER, NOW)
    shutil.rmtree(wider.directory)
    shutil.copytree(plain.directory, wider.directory)
    again = open_ca(FURTHER, NOW)
    assert "it is for other names" in again.remark
    assert works(again, "papernet.test")


def test_a_directory_that_others_can_look_into_is_refused(base: Path, tmp_path: Path) -> None:
    made = open_ca(LOOPBACK_NAMES, NOW)
    made.directory.chmod(0o750)
    with pytest.raises(LocalCaError, match="this user alone"):
        open_ca(LOOPBACK_NAMES, NOW)
    made.directory.chmod(0o700)
    made.directory.rename(tmp_path / "elsewhere")
    made.directory.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LocalCaError, match="this user alone"):
        open_ca(LOOPBACK_NAMES, NOW)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere/ca")):
        monkeypatch.setenv("PAPERNET_CA_DIR", str(place))
        with pytest.raises(LocalCaError) as caught:
            open_ca(LOOPBACK_NAMES, NOW)
        assert str(place) in str(caught.value) or str(place.parent) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_write_that_fails_leaves_nothing_half_there(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.name == "server.pem":
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(data)

    monkeypatch.setattr(local_ca, "write_private", full)
    with pytest.raises(LocalCaError, match="no space left on device"):
        open_ca(LOOPBACK_NAMES, NOW)
    assert [path.name for path in base.iterdir()] == [".lock"]


def test_what_a_killed_process_left_is_cleared_away(base: Path) -> None:
    (base / ".new-1").mkdir(parents=True)
    (base / ".new-1" / "ca.key").write_text("half")
    assert works(open_ca(LOOPBACK_NAMES, NOW))
    assert sorted(path.name for path in base.iterdir()) == [".lock", "localhost"]


@pytest.mark.parametrize("at", [NOW, NOW + 380 * DAY], ids=["now", "later"])
def test_many_that_come_at_once_find_the_same_files(at: int) -> None:
    if at != NOW:
        open_ca(LOOPBACK_NAMES, NOW)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: open_ca(LOOPBACK_NAMES, at), range(24)))
    assert len(set(found)) == 1
    note = json.loads((found[0].directory / "about.json").read_bytes())
    assert note["until"] == found[0].until
    assert open_ca(LOOPBACK_NAMES, at) == found[0]


def test_the_place_is_the_users_unless_said_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/srv/someone")
    for given, data, place in (
        ("/x/ca", "/data", "/x/ca"),
        ("rel", "/data", str(tmp_path / "rel")),
        ("", "/data", "/data/papernet/ca"),
        ("", "relative", "/srv/someone/.local/share/papernet/ca"),
        ("", "", "/srv/someone/.local/share/papernet/ca"),
    ):
        monkeypatch.setenv("PAPERNET_CA_DIR", given)
        monkeypatch.setenv("XDG_DATA_HOME", data)
        assert ca_directory() == Path(place)


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setenv("PAPERNET_CA_DIR", "")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(LocalCaError, match="PAPERNET_CA_DIR"):
        ca_directory()
