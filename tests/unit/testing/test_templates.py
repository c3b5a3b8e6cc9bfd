"""What networks with the same options begin with."""

import asyncio

import pytest

from papernet.servers.node import Node
from papernet.servers.transport import bind
from papernet.testing.settings import node_options
from papernet.testing.templates import Templates, close_node


async def opened(templates: Templates, **settings: object) -> tuple[Node, int]:
    """Open a node, end it, and return it with the entries that it began with."""
    listener = bind("127.0.0.1", 0)
    node = await templates.open_node(node_options(settings), listener)
    seq = node.world.sequencer.last_seq
    await close_node(node, listener)
    assert listener.fileno() == -1
    return node, seq


async def test_one_exchange_is_opened_for_each_choice_of_options() -> None:
    templates = Templates()
    first, _ = await opened(templates, options=False)
    second, _ = await opened(templates, options=False)
    assert len(templates._made) == 1
    await opened(templates, options=False, limits=False)
    assert len(templates._made) == 2
    assert first.world.exchange is not second.world.exchange
    assert list(first.world.exchange.markets) == list(second.world.exchange.markets)
    assert list(first.world.exchange.accounts.by_name) == ["alice", "bob", "carol"]


async def test_nodes_that_are_asked_for_at_the_same_time_share_the_template() -> None:
    templates = Templates()
    found = await asyncio.gather(*(opened(templates, options=False) for _ in range(3)))
    assert len(templates._made) == 1
    assert len({id(node.world) for node, _ in found}) == 3


async def test_what_happens_to_a_node_reaches_no_other() -> None:
    templates = Templates()
    with bind("127.0.0.1", 0) as listener:
        node = await templates.open_node(node_options({"options": False}), listener)
        node.reset(node.clock.now())
        assert node.world.exchange.epoch == 2
        await close_node(node, listener)
    fresh, _ = await opened(templates, options=False)
    assert fresh.world.exchange.epoch == 1


async def test_a_template_that_cannot_be_made_leaves_nothing_behind() -> None:
    templates = Templates()
    with bind("127.0.0.1", 0) as listener, pytest.raises(ValueError, match="nowhere"):
        await templates.open_node(node_options({"symbols": "nowhere.toml"}), listener)
    assert templates._made == {}
