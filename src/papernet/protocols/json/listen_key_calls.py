"""The three requests about listen keys, carried out and told: REST and the WebSocket API answer them alike.

Does not.       Admit: whoever asks has shown an API key that may.
Source.         user-data-stream.md and web-socket-api.md, older editions; errors.md, -1125.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import Params
from papernet.protocols.json.fragments import EMPTY_OBJECT

START: Final = "userDataStream.start"
PING: Final = "userDataStream.ping"
STOP: Final = "userDataStream.stop"
LISTEN_KEY_CALLS: Final = (START, PING, STOP)

_NO_SUCH_KEY: Final = Fault(RequestFault.NO_SUCH_LISTEN_KEY)


def answer_listen_key_call(listen_keys: ListenKeys, name: str, account: int, params: Params, now: int) -> bytes | Fault:
    """Carry out the operation of this name for an account; return the payload of its answer, or its refusal."""
    if name == START:
        return b'{"listenKey":"%b"}' % listen_keys.start(account, now).encode()
    act = listen_keys.ping if name == PING else listen_keys.stop
    return EMPTY_OBJECT if act(params["listenKey"], account, now) else _NO_SUCH_KEY
