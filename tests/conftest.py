"""Hypothesis profiles of the suite: `ci` (the default) tries the same examples every time, `simulate` looks for new ones.

`pytest --hypothesis-profile simulate` runs the longer one.
"""

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "simulate",
    deadline=None,
    max_examples=1_000,
    stateful_step_count=120,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")
