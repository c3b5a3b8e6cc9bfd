"""What the query of an address says, on connections to streams.

Source.         web-socket-streams.md, General WSS information; CHANGELOG.md, 2025-11-28 (URL-encoded addresses).
"""

from urllib.parse import unquote_to_bytes


def pairs(query: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a raw query; a "+" is a plus sign, as in "@+08:00"."""
    found = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        found.append((unquote_to_bytes(name).decode(errors="replace"), unquote_to_bytes(value).decode(errors="replace")))
    return found
