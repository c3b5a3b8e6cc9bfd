"""Bodies about settings: what they take, and how they are put over what stands."""

import pytest

from papernet.control import setting_bodies
from papernet.control.bodies import BadBodyError, decode
from papernet.control.setting_bodies import AccountSettingsBody, CommissionBody, ReferencePriceBody, VenueBody
from papernet.core.account import Rates
from papernet.core.enums import SymbolStatus
from papernet.core.units import SCALE
from papernet.venues.spot.venue_rules import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Sor,
    VenueRules,
)


def test_rates_are_exact() -> None:
    assert setting_bodies.rate("1", "x") == SCALE
    assert setting_bodies.rate("0.00000001", "x") == 1
    for text in ("1.00000001", "-0.1", "0,1", "", "1e-3", "٣"):
        with pytest.raises(BadBodyError, match="x: "):
            setting_bodies.rate(text, "x")


def test_rates_are_put_over_those_that_stand() -> None:
    standing = Rates((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12))
    body = decode(b'{"taker":"0","tax":{"seller":"0.00000099"}}', CommissionBody)
    assert setting_bodies.rates(body, standing) == Rates((1, 0, 3, 4), (5, 6, 7, 8), (9, 10, 11, 99))
    assert setting_bodies.rates(CommissionBody(), standing) == standing


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        (CommissionBody(symbol="BTCUSDT"), False),
        (CommissionBody(maker="0"), True),
        (AccountSettingsBody(), False),
        (AccountSettingsBody(trade_group=None), True),
        (AccountSettingsBody(can_trade=False), True),
        (VenueBody(), False),
        (VenueBody(sors={}), True),
    ],
)
def test_a_body_has_to_name_something(body: CommissionBody | AccountSettingsBody | VenueBody, complete: bool) -> None:
    if complete:
        setting_bodies.require_something(body)
        assert any(getattr(body, field) is not None for field in body.__struct_fields__)
    else:
        with pytest.raises(BadBodyError, match="nothing to change"):
            setting_bodies.require_something(body)


def test_null_is_not_the_same_as_nothing() -> None:
    assert setting_bodies.trade_group(AccountSettingsBody().trade_group, 7) == 7
    assert setting_bodies.trade_group(decode(b'{"trade_group":null}', AccountSettingsBody).trade_group, 7) == -1
    assert setting_bodies.trade_group(AccountSettingsBody(trade_group=0).trade_group, 7) == 0


def test_limits_come_sorted_by_asset() -> None:
    body = decode(b'{"asset_limits":{"USDT":"2","BTC":"1","BNB":null}}', AccountSettingsBody)
    assert setting_bodies.asset_limits(body, {"ETH": 5, "BNB": 6}) == (("BTC", SCALE), ("ETH", 5), ("USDT", 2 * SCALE))


def test_permissions_keep_their_order_and_come_once() -> None:
    assert setting_bodies.permissions(AccountSettingsBody(permissions=["B", "A", "B"]), ("X",)) == ("B", "A")
    assert setting_bodies.permissions(AccountSettingsBody(), ("X",)) == ("X",)


def test_statuses_are_read_in_any_case() -> None:
    assert setting_bodies.status("cancel_only") is SymbolStatus.CANCEL_ONLY
    with pytest.raises(BadBodyError, match="none of TRADING"):
        setting_bodies.status("POST_TRADING")


def test_a_calculation_keeps_its_number_unless_somebody_says() -> None:
    assert setting_bodies.calculation_id(ReferencePriceBody(None)) == -1
    assert setting_bodies.calculation_id(ReferencePriceBody(None, 0)) == 0
    with pytest.raises(BadBodyError, match="calculation_id"):
        setting_bodies.calculation_id(ReferencePriceBody(None, 1 << 31))


def test_every_exchange_filter_can_be_set_and_comes_in_its_documented_place() -> None:
    body = VenueBody(
        exchange_filters={
            "EXCHANGE_MAX_NUM_ORDER_LISTS": 4,
            "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": 3,
            "EXCHANGE_MAX_NUM_ALGO_ORDERS": 2,
            "EXCHANGE_MAX_NUM_ORDERS": 1,
        }
    )
    rules = setting_bodies.venue_rules(body, VenueRules((ExchangeMaxNumOrders(9),)))
    assert rules.exchange_filters == (
        ExchangeMaxNumOrders(1),
        ExchangeMaxNumAlgoOrders(2),
        ExchangeMaxNumIcebergOrders(3),
        ExchangeMaxNumOrderLists(4),
    )
    assert setting_bodies.venue_json(rules)["exchange_filters"] == body.exchange_filters
    assert VenueRules.from_spec(rules.to_spec()) == rules


def test_sors_are_by_base_asset() -> None:
    standing = VenueRules(sors=(Sor("BTC", ("A", "B")), Sor("ETH", ("C", "D"))))
    changed = setting_bodies.venue_rules(VenueBody(sors={"BTC": ["B", "E"], "BNB": ["F", "G"]}), standing)
    assert changed.sors == (Sor("BTC", ("B", "E")), Sor("ETH", ("C", "D")), Sor("BNB", ("F", "G")))
    assert setting_bodies.venue_rules(VenueBody(sors={"ETH": None, "XRP": None}), standing).sors == standing.sors[:1]
