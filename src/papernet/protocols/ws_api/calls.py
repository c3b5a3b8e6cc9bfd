"""From a message to a call: which operation it asks for, on whose behalf, with which parameters.

Order of work.  What the message itself has wrong; the method; the signature's payload, which all parameters but the signature
                are part of; then what is about the call (API key, signature, whether limits are shown) is taken out, and the
                rest is read as REST's parameters are.
Invariant.      The first thing that is wrong becomes the call's fault.
Does not.       Believe anybody: the gateway does, or not.
Source.         web-socket-api.md, Request format, Request security, Session Authentication.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.operations import OPERATIONS, Operation, Params, Proof
from papernet.app.operations.past import operations_of
from papernet.app.service import Denied
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS
from papernet.protocols.json.params import read_boolean, read_params
from papernet.protocols.ws_api.request import Message, signed_payload


def _methods(operations: Mapping[str, Operation]) -> Mapping[str, Operation]:
    """web-socket-api.md, Request format: a method's name may be prefixed with the version."""
    return {prefix + name: operation for prefix in ("", "v3/") for name, operation in operations.items()}


METHODS: Final = _methods(OPERATIONS)

RETURN_RATE_LIMITS: Final = "returnRateLimits"
_API_KEY: Final = "apiKey"
_SIGNATURE: Final = "signature"

# web-socket-api.md, Log in with API key, Subscribe through signature subscription: a session's key does not stand in.
_BRINGS_ITS_KEY: Final = ("session.logon", "userDataStream.subscribe.signature")

_UNKNOWN_METHOD: Final = Fault(RequestFault.UNKNOWN_PATH)
_RETIRED: Final = Fault(RequestFault.RETIRED)
_BAD_WISH: Final = Fault(RequestFault.INVALID_PARAMETER, (RETURN_RATE_LIMITS,))
_MISSING_API_KEY: Final = Fault(RequestFault.MISSING_PARAMETER, (_API_KEY,))

_NO_PARAMS: Final[Params] = {}


@cache
def methods_of(era: Era) -> Mapping[str, Operation]:
    """Return the methods of an era."""
    return METHODS if era == TODAY else _methods(operations_of(era))


def read_call(
    message: Message,
    ip: str,
    session_key: str,
    now: int,
    *,
    has_listen_keys: bool,
    methods: Mapping[str, Operation] = METHODS,
) -> Call:
    """Return what a message asks for; `session_key` is the API key that has logged on, or "". Takes the parameters."""
    operation = methods.get(message.method)
    if message.fault is not None:
        return Call(ip, now, operation, _NO_PARAMS, message.fault)
    if operation is None:
        return Call(ip, now, None, _NO_PARAMS, _UNKNOWN_METHOD)
    if not has_listen_keys and operation.name in LISTEN_KEY_CALLS:
        return Call(ip, now, None, _NO_PARAMS, _RETIRED)
    sent, proof = message.params, operation.proof
    in_all = len(sent)
    api_key = signature = ""
    payload = b""
    if proof is Proof.SIGNATURE:
        if _SIGNATURE in sent:
            payload = signed_payload(sent)
            signature = sent.pop(_SIGNATURE)
        api_key = sent.pop(_API_KEY, "")
    elif proof is Proof.KEY:
        api_key = sent.pop(_API_KEY, "")
    logged_on = False
    if not api_key and session_key and proof is not Proof.NONE and operation.name not in _BRINGS_ITS_KEY:
        api_key, logged_on = session_key, True
    wish = sent.pop(RETURN_RATE_LIMITS, None)
    is_bad_wish = wish is not None and read_boolean(wish) is None
    params = _BAD_WISH if is_bad_wish else read_params(operation, sent)
    if isinstance(params, Fault):
        return Call(ip, now, operation, _NO_PARAMS, _counting(params, in_all - len(sent), in_all), api_key)
    return Call(ip, now, operation, params, None, api_key, payload, signature, logged_on)


def told_of_key(denied: Denied, call: Call) -> Denied:
    """Return the refusal of a call in this API's words: here the API key is a parameter, which can be missing."""
    reason = denied.reason
    if not call.api_key and isinstance(reason, Fault) and reason.fault is RequestFault.BAD_API_KEY_FORMAT:
        return Denied(_MISSING_API_KEY, denied.at)
    return denied


def _counting(fault: Fault, taken: int, in_all: int) -> Fault:
    """Return a refusal that counts parameters so that those count which were taken out and read before.

    Where nothing was expected the exchange answers here as if something had been (errors.md, -1104).
    """
    if fault.fault is RequestFault.TOO_MANY_PARAMETERS or fault.fault is RequestFault.UNREAD_PARAMETERS:
        return Fault(RequestFault.UNREAD_PARAMETERS, (str(int(fault.args[0]) + taken), str(in_all)))
    return fault
