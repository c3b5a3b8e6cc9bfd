"""The signed examples of European Options, General Info, as they are printed and as they were signed.

The first two examples print `quantity=1` beside the signature of `quantity=0.01`: as printed they do not verify. The third
does, to the letter; it shows that query and body are joined with nothing between them.
"""

import hashlib
import hmac

import pytest
from msgspec import json

from papernet.core.commands import RegisterKey
from papernet.core.dates import days_from_civil
from papernet.core.enums import KeyType, OptionKind, Permission
from papernet.protocols.rest.request import Response
from papernet.venues.options.contracts import Contract
from tests.support.eapi_desk import ALICE, DAY, EapiDesk
from tests.support.option_market import units

API_KEY = "22BjeOROKiXJ3NxbR3zjh3uoGcaflPu3VMyBXAg8Jj2J1xVSnY0eB4dzacdE9IWn"
SECRET = "YtP1BudNOWZE1ag5uzCkh4hIC7qSmQOu797r5EJBFGhxBYivjj8HIX0iiiPof5yG"
SYMBOL = "BTC-210129-40000-C"
SIGNED_AT = 1_611_825_601_400_000
EXPIRY = days_from_civil(2021, 1, 29) * DAY + 8 * 3_600_000_000

HEAD = f"symbol={SYMBOL}&side=BUY&type=LIMIT&timeInForce=GTC"
TAIL = "price=2000&recvWindow=5000&timestamp=1611825601400"
# of quantity=0.01, in one piece
FIRST = "7c12045972f6140e765e0f2b67d28099718df805732676494238f50be830a7d7"
# of quantity=1, in one piece: never printed
FIRST_AS_PRINTED = "7b98bedaee09e23358f57d098876f29ede7df74202f7fccf164666bd3f3f84cb"
# of quantity=0.01, in two pieces
THIRD = "fa6045c54fb02912b766442be1f66fab619217e551a4fb4f8a1ee000df914d8e"


def desk_of_then() -> EapiDesk:
    """Return an exchange at the time of the examples, with their key and their contract."""
    desk = EapiDesk()
    permissions = (Permission.USER_DATA, Permission.TRADE)
    desk.submit(RegisterKey(ALICE, API_KEY, KeyType.HMAC, SECRET, permissions, ()))
    desk.exchange.options.add(Contract(SYMBOL, "BTCUSDT", OptionKind.CALL, units(40_000), EXPIRY, SIGNED_AT))
    desk.now = desk.sequencer.last_at = SIGNED_AT
    return desk


def post(query: str, body: str) -> Response:
    return desk_of_then().send("POST", "order", query, body, headers={b"x-mbx-apikey": API_KEY.encode()})


def sent(quantity: str, signature: str) -> str:
    return f"{HEAD}&quantity={quantity}&{TAIL}&signature={signature}"


@pytest.mark.parametrize("in_body", [True, False], ids=["body", "query"])
def test_the_first_two_examples_verify_as_they_were_signed(in_body: bool) -> None:
    text = sent("0.01", FIRST)
    response = post("", text) if in_body else post(text, "")
    assert (response.status, json.decode(response.body)["status"]) == (200, "NEW")


@pytest.mark.parametrize("in_body", [True, False], ids=["example 1", "example 2"])
def test_the_first_two_examples_do_not_verify_as_they_are_printed(in_body: bool) -> None:
    text = sent("1", FIRST)
    response = post("", text) if in_body else post(text, "")
    assert response.status == 400
    assert json.decode(response.body) == {"code": -1022, "msg": "Signature for this request is not valid."}


def test_the_third_example_verifies_as_it_is_printed() -> None:
    response = post(HEAD, f"quantity=0.01&{TAIL}&signature={THIRD}")
    assert (response.status, json.decode(response.body)["quantity"]) == (200, "0.0100")


def test_the_signature_of_one_piece_is_not_that_of_two() -> None:
    assert post(HEAD, f"quantity=0.01&{TAIL}&signature={FIRST}").status == 400
    assert post(sent("0.01", THIRD), "").status == 400


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (f"{HEAD}&quantity=0.01&{TAIL}", FIRST),
        (f"{HEAD}&quantity=1&{TAIL}", FIRST_AS_PRINTED),
        (f"{HEAD}quantity=0.01&{TAIL}", THIRD),
    ],
)
def test_what_the_examples_signed(text: str, signature: str) -> None:
    assert hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest() == signature


def test_a_signature_may_be_in_capitals() -> None:
    assert post(sent("0.01", FIRST.upper()), "").status == 200


def test_a_contract_that_is_not_listed_is_found_out_behind_the_signature() -> None:
    desk = desk_of_then()
    del desk.exchange.options.markets[SYMBOL]
    headers = {b"x-mbx-apikey": API_KEY.encode()}
    signed = desk.send("POST", "order", sent("0.01", FIRST), headers=headers)
    assert json.decode(signed.body) == {"code": -1121, "msg": "Invalid symbol."}
    printed = desk.send("POST", "order", sent("1", FIRST), headers=headers)
    assert json.decode(printed.body)["code"] == -1022
