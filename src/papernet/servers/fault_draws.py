"""The draws of faults that happen with a probability: from the seed of the world, like all that is drawn.

Invariant.      A draw depends on the seed, the rule and the occurrence alone.
"""

from typing import Final

from papernet.app.fault_rules import CERTAIN
from papernet.servers.world import Settings

_NAME: Final = "faults"
_WORD_BITS: Final = 64


def draw_fault(settings: Settings, rule_id: int, occurrence: int) -> int:
    """Return a number from 0 to 999,999 for the so-manieth occasion of a rule."""
    # NumPy takes a while to load, and most networks draw nothing.
    from papernet.simulator.draws import words

    word = int(words(settings.seed, _NAME, rule_id, occurrence, 1)[0])
    return word * CERTAIN >> _WORD_BITS
