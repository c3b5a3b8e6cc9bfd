"""The rows of web-socket-api.md, Authentication requests and User Data Stream requests: operations on a connection.

Listen keys.    userDataStream.start, ping and stop were retired with listen keys (CHANGELOG.md, 2026-01-21); their rows are
                those of the older editions, where the API key alone was enough, and a listen key had a parameter of its own.
"""

from typing import Final

from papernet.app.operations.parameters import SIGNED
from papernet.app.operations.rows import Kind, OfConnection, Operation, Param, Proof, Security

_NONE: Final = Security.NONE
_USER_STREAM: Final = Security.USER_STREAM
_LISTEN_KEY: Final = Param("listenKey", Kind.LISTEN_KEY, mandatory=True)
_DOES: Final = OfConnection()

ROWS: Final = (
    Operation("session.logon", "Log in with API key", Security.ANY, 2, _DOES, SIGNED),
    Operation("session.status", "Query session status", _NONE, 2, _DOES),
    Operation("session.logout", "Log out of the session", _NONE, 2, _DOES),
    Operation("session.subscriptions", "Listing all subscriptions", _NONE, 2, _DOES),
    Operation(
        "userDataStream.subscribe",
        "Subscribe to User Data Stream",
        _USER_STREAM,
        2,
        _DOES,
        proof=Proof.SESSION,
    ),
    Operation(
        "userDataStream.subscribe.signature",
        "Subscribe to User Data Stream through signature subscription",
        _USER_STREAM,
        2,
        _DOES,
        SIGNED,
    ),
    Operation(
        "userDataStream.unsubscribe",
        "Unsubscribe from User Data Stream",
        _NONE,
        2,
        _DOES,
        (Param("subscriptionId", Kind.INT),),
    ),
    Operation("userDataStream.start", "Start user data stream", _USER_STREAM, 2, _DOES, proof=Proof.KEY),
    Operation("userDataStream.ping", "Ping user data stream", _USER_STREAM, 2, _DOES, (_LISTEN_KEY,), proof=Proof.KEY),
    Operation("userDataStream.stop", "Stop user data stream", _USER_STREAM, 2, _DOES, (_LISTEN_KEY,), proof=Proof.KEY),
)
