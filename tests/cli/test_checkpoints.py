"""States and recordings on the command line, against a real `papernet up`."""

from pathlib import Path

from tests.support.process import Papernet, run

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "50000"}
HOME = ("--market", "none", "--tls-port", "off", "--no-options")


def test_a_state_is_kept_left_and_brought_back_across_a_restart(tmp_path: Path) -> None:
    with Papernet(tmp_path, "--state", "state", *HOME) as server:
        alice = server.account("alice")
        assert server.signed(alice, "POST", "/api/v3/order", **ORDER)[0] == 200
        assert server.run("checkpoint", "save", "one-order").startswith("one-order ")
        assert server.signed(alice, "DELETE", "/api/v3/openOrders", symbol="BTCUSDT")[0] == 200
        server.run("checkpoint", "restore", "one-order")
        assert len(server.signed(alice, "GET", "/api/v3/openOrders")[1]) == 1
    with Papernet(tmp_path, "--state", "state", *HOME) as server:
        assert len(server.signed(alice, "GET", "/api/v3/openOrders")[1]) == 1
        assert server.run("checkpoint", "list").split()[0] == "one-order"
        told = dict(line.split() for line in server.run("checkpoint", "fork", "one-order").splitlines())
        assert told["REST"] != server.ready["rest"]
        assert server.run("checkpoint", "list", "--port", told["REST"].rsplit(":", 1)[1]) == ""
        server.run("checkpoint", "remove", "one-order", "--port", str(server.port))
        status, _, err = run(tmp_path, "checkpoint", "restore", "one-order", "--port", str(server.port))
        assert (status, err) == (2, "papernet: there is no state 'one-order'\n")


def test_a_session_is_one_file(tmp_path: Path) -> None:
    with Papernet(tmp_path, "--ephemeral", "--record", "run.papernet", "--held-at", "2026-01-15T12:00:00Z", *HOME) as server:
        for _ in range(3):
            assert server.request("GET", "/api/v3/depth?symbol=BTCUSDT")[0] == 200
        status, _, err = server.stop()
    assert status == 0
    told = err.removeprefix("papernet: recorded to run.papernet, run hash ").strip()
    assert len(told) == 64
    status, out, err = run(tmp_path, "replay", "run.papernet")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == f"run hash  {told}"
    assert out.splitlines()[-1] == "the same as recorded"
    status, _, err = run(tmp_path, "up", "--port", "0", "--ephemeral", "--record", "run.papernet", *HOME)
    assert (status, err) == (2, "papernet: cannot record to run.papernet: file exists\n")
    status, _, err = run(tmp_path, "replay", "nothing")
    assert (status, err) == (2, "papernet: nothing: no such file or directory\n")


def test_a_recording_that_was_changed_is_told(tmp_path: Path) -> None:
    with Papernet(tmp_path, "--ephemeral", "--record", "run.papernet", *HOME) as server:
        assert server.request("GET", "/api/v3/depth?symbol=BTCUSDT&limit=5")[0] == 200
        server.stop()
    path = tmp_path / "run.papernet"
    path.write_bytes(path.read_bytes().replace(b"limit=5", b"limit=x"))
    status, out, _ = run(tmp_path, "replay", "run.papernet")
    assert status == 1
    assert "differs:  answer 1 of REST, in step " in out
