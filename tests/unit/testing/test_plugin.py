"""The plugin in runs of pytest of its own: found by its entry point, without a conftest."""

import pytest

pytest_plugins = ["pytester"]

MODULE = """
import pytest

PORTS = []


@pytest.mark.parametrize("number", range(3))
def test_each_test_has_a_network_of_its_own(papernet, number):
    placed = papernet.request(
        "POST", "/api/v3/order", "alice",
        symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="50000",
    )
    assert placed.status == 200
    assert placed.body["orderId"] == 1
    assert papernet.rest_url not in PORTS
    PORTS.append(papernet.rest_url)
"""


def test_the_fixture_is_there_without_a_conftest_and_each_test_has_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(MODULE)
    result = pytester.runpytest_subprocess("--strict-markers", "-W", "error", "-p", "no:xdist", "-p", "no:asyncio")
    assert result.parseoutcomes() == {"passed": 3}


def test_tests_run_at_the_same_time_in_several_processes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=MODULE, test_b=MODULE)
    result = pytester.runpytest_subprocess("-n", "2", "-p", "no:asyncio")
    assert result.parseoutcomes() == {"passed": 6}


def test_markers_of_module_class_and_test_add_up_and_tests_are_of_all_kinds(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(
        """
        import asyncio
        import unittest

        import pytest

        from papernet.testing import PapernetServer

        pytestmark = pytest.mark.papernet(options=False, limits=False)


        @pytest.mark.papernet(limits=True, seed=7)
        class TestLimits:
            async def test_the_nearest_marker_wins(self, papernet):
                answer = await asyncio.to_thread(papernet.request, "GET", "/eapi/v1/ping")
                assert answer.status == 404
                limits = papernet.request("GET", "/api/v3/exchangeInfo").body["rateLimits"]
                assert limits
                assert "x-mbx-used-weight-1m" in papernet.request("GET", "/api/v3/time").headers

            @pytest.mark.papernet(options=True)
            def test_options(self, papernet):
                assert papernet.request("GET", "/eapi/v1/ping").status == 200


        def test_the_module_alone(papernet):
            assert papernet.request("GET", "/api/v3/time").status == 200


        class Cases(unittest.TestCase):
            def setUp(self):
                self.papernet = self.enterContext(PapernetServer())

            def test_cases_of_unittest_run_too(self):
                self.assertEqual(self.papernet.request("GET", "/api/v3/ping").status, 200)
        """
    )
    assert pytester.runpytest_subprocess("--strict-markers").parseoutcomes() == {"passed": 4}


def test_a_wrong_marker_is_told_in_a_line_and_the_run_goes_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest


        @pytest.mark.papernet(markt="sim")
        def test_a(papernet):
            assert papernet


        @pytest.mark.papernet("sim")
        def test_b(papernet):
            assert papernet


        def test_c():
            pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio")
    assert result.parseoutcomes() == {"passed": 1, "errors": 2}
    result.stdout.fnmatch_lines(
        [
            "*papernet has no setting 'markt'; there are market, seed,*",
            '*the marker papernet takes settings by name, such as papernet(market="sim")*',
        ]
    )


def test_a_run_that_does_not_use_it_loads_nothing_and_starts_no_thread(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        import threading


        def test_nothing_is_there():
            mine = {name for name in sys.modules if name.partition(".")[0] == "papernet"}
            assert mine == {"papernet", "papernet.testing", "papernet.testing.plugin"}
            assert [thread.name for thread in threading.enumerate() if thread.name == "papernet"] == []
            assert not {"uvloop", "uvicorn", "msgspec", "numpy"} & set(sys.modules)
        """
    )
    # Other plugins bring modules of their own.
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:xdist")
    assert result.parseoutcomes() == {"passed": 1}


def test_the_marker_is_among_those_that_pytest_lists(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--markers")
    assert any(line.startswith("@pytest.mark.papernet(market='none', ") for line in result.outlines)
