"""Stories are told at every door."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.story_doors import DOORS
from tests.support.story_doors import story as told


@pytest.fixture(params=DOORS)
def story(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return what tells a story at one of the doors."""
    return partial(told, door=request.param)
