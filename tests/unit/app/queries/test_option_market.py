"""What everybody is told about options."""

import pytest

from tests.support.eapi_desk import DAY, MAKER_KEY, MILLISECOND, SECOND, EapiDesk
from tests.support.option_market import CALL, EXPIRY, PUT


@pytest.fixture
def desk() -> EapiDesk:
    return EapiDesk()


def test_a_book_is_told_best_first_and_as_deep_as_asked(desk: EapiDesk) -> None:
    for price in ("1000", "1500", "1200"):
        desk.place("BUY", "1", price)
    desk.place("SELL", "2", "3000")
    book = desk.get("depth", f"symbol={CALL.lower()}&limit=5")
    assert book["bids"] == [["1500.000", "1.0000"], ["1200.000", "1.0000"], ["1000.000", "1.0000"]]
    assert book["asks"] == [["3000.000", "2.0000"]]
    assert book["lastUpdateId"] == desk.exchange.options.markets[CALL].book.update_id


def test_trades_are_told_oldest_first(desk: EapiDesk) -> None:
    for price in ("1900", "2000", "2100"):
        desk.trade("1", price)
    assert [row["price"] for row in desk.get("trades", f"symbol={CALL}&limit=2")] == ["2000.000", "2100.000"]
    ids = [row["id"] for row in desk.get("trades", f"symbol={CALL}")]
    assert ids == sorted(ids)
    assert ids[0] > 1 << 53


def test_a_ticker_tells_the_times_of_its_first_and_last_trade(desk: EapiDesk) -> None:
    nothing = desk.get("ticker", f"symbol={PUT}")[0]
    assert (nothing["tradeCount"], nothing["openTime"], nothing["closeTime"], nothing["firstTradeId"]) == (0, 0, 0, 0)
    desk.trade("1", "2000")
    first = desk.now
    desk.advance(60 * SECOND)
    desk.trade("1", "1500")
    row = desk.get("ticker", f"symbol={CALL}")[0]
    assert (row["openTime"], row["closeTime"]) == (first // MILLISECOND, desk.now // MILLISECOND)
    assert (row["priceChange"], row["priceChangePercent"], row["volume"]) == ("-500.000", "-0.2500", "2.0000")
    assert row["exercisePrice"] == "50000.00000000"
    assert len(desk.get("ticker")) == len(desk.exchange.options.markets)


def test_marks_come_with_bounds_and_what_nobody_marked_is_worth_what_it_would_pay(desk: EapiDesk) -> None:
    row = desk.get("mark", f"symbol={CALL}")[0]
    assert (row["markPrice"], row["highPriceLimit"], row["lowPriceLimit"]) == ("2000.00000000", "8000.000", "5.000")
    deep = next(row for row in desk.get("mark") if row["symbol"] == "BTC-260123-49500-C")
    assert (deep["markPrice"], deep["markIV"]) == ("500.00000000", "-1.00000000")


def test_the_index_is_told_by_its_underlying(desk: EapiDesk) -> None:
    assert desk.get("index", "underlying=ETHUSDT") == {"time": desk.now // MILLISECOND, "indexPrice": "3000.00000000"}
    assert desk.get("index", "underlying=SOLUSDT")["code"] == -1128


def test_open_interest_is_told_of_one_expiry(desk: EapiDesk) -> None:
    desk.trade("2")
    rows = {row["symbol"]: row for row in desk.get("openInterest", "underlyingAsset=BTC&expiration=260123")}
    assert all(symbol.startswith("BTC-260123-") for symbol in rows)
    assert (rows[CALL]["sumOpenInterest"], rows[CALL]["sumOpenInterestUsd"]) == ("2", "100000.00000000")
    assert desk.get("openInterest", "underlyingAsset=BTC&expiration=300101") == []
    assert desk.get("openInterest", "underlyingAsset=SOL&expiration=260123")["code"] == -1128
    assert desk.get("openInterest", "underlyingAsset=BTC&expiration=261340")["code"] == -1130
    assert desk.get("openInterest", "underlyingAsset=BTC&expiration=2601")["code"] == -1100


def test_what_expired_is_told_with_the_price_that_it_settled_at(desk: EapiDesk) -> None:
    desk.advance(9 * DAY)
    rows = desk.get("exerciseHistory", f"underlying=BTCUSDT&startTime={EXPIRY // MILLISECOND}&endTime={EXPIRY // MILLISECOND}")
    by_symbol = {row["symbol"]: row for row in rows}
    assert {row["expiryDate"] for row in rows} == {EXPIRY // MILLISECOND}
    assert by_symbol["BTC-260123-49500-C"]["strikeResult"] == "REALISTIC_VALUE_STRICKEN"
    assert by_symbol[CALL]["strikeResult"] == "EXTRINSIC_VALUE_EXPIRED"
    assert by_symbol[CALL]["realStrikePrice"] == "50000.00000000"
    everything = desk.get("exerciseHistory", "limit=100")
    assert {row["symbol"].split("-")[0] for row in everything} == {"BTC", "ETH"}
    assert desk.get("exerciseHistory", "underlying=SOLUSDT")["code"] == -1128


def test_candles_and_trades_of_what_expired_can_still_be_asked_for(desk: EapiDesk) -> None:
    desk.trade("1", "2000")
    desk.advance(9 * DAY)
    assert desk.get("trades", f"symbol={CALL}")[0]["price"] == "2000.000"
    assert desk.get("klines", f"symbol={CALL}&interval=1d&limit=1")[0][4] == "2000.000"
    assert desk.get("depth", f"symbol={CALL}")["code"] == -1121


def test_block_trades_are_public_and_apart_from_others(desk: EapiDesk) -> None:
    leg = f'[{{"symbol":"{CALL}","side":"SELL","type":"LIMIT","quantity":"1","price":"1800"}}]'
    block = desk.signed("POST", "block/order/create", {"liquidity": "MAKER", "legs": leg}, key=MAKER_KEY)
    desk.signed("POST", "block/order/execute", {"blockOrderMatchingKey": block["blockTradeSettlementKey"]})
    for query in ("", f"symbol={CALL}"):
        (row,) = desk.get("blockTrades", query)
        assert (row["price"], row["qty"], row["side"]) == ("1800.000", "1.0000", 1)
    assert desk.get("blockTrades", f"symbol={PUT}") == []
    assert desk.get("trades", f"symbol={CALL}") == []


def test_a_listing_is_made_anew_when_contracts_come_and_go(desk: EapiDesk) -> None:
    before = desk.get("exchangeInfo")["optionSymbols"]
    assert [row["symbol"] for row in before] == list(desk.exchange.options.markets)
    desk.advance(DAY)
    after = [row["symbol"] for row in desk.get("exchangeInfo")["optionSymbols"]]
    assert after == list(desk.exchange.options.markets)
    assert not any(symbol.startswith("BTC-260116-") for symbol in after)


def test_bounds_of_prices_move_with_the_mark(desk: EapiDesk) -> None:
    def bounds() -> tuple[str, str]:
        rows = desk.get("exchangeInfo")["optionSymbols"]
        price_filter = next(row for row in rows if row["symbol"] == CALL)["filters"][0]
        return price_filter["minPrice"], price_filter["maxPrice"]

    assert bounds() == ("5.000", "8000.000")
    desk.mark(CALL, 10_000, 90)
    assert bounds() == ("7000.000", "13000.000")
