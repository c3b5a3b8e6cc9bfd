"""What a kept call sent, as names and texts: from its query and its body, or from its message.

Does not.       Judge: what cannot be read is left out.
"""

from urllib.parse import parse_qsl

from msgspec import DecodeError, json

from papernet.app.request_log import Record


def is_message(record: Record) -> bool:
    """Whether a call came as a JSON message rather than as a query and a form."""
    return record.door == "ws-api"


def sent_parameters(record: Record) -> dict[str, str]:
    """Return the parameters of a call as they were sent, the first of a name."""
    if is_message(record):
        return {
            name: value if isinstance(value, str) else json.encode(value).decode() for name, value in _params(record).items()
        }
    sent: dict[str, str] = {}
    for raw in (record.query, record.body):
        for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
            sent.setdefault(name, value)
    return sent


def _params(record: Record) -> dict[str, object]:
    try:
        message = json.decode(record.body)
    except (DecodeError, RecursionError):
        return {}
    params = message.get("params") if isinstance(message, dict) else None
    return params if isinstance(params, dict) else {}
