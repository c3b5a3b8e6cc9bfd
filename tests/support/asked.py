"""A stand-in for what makes calls of the control plane: it notes them, and answers what it was told to."""

from typing import Any


class Asked:
    """Notes calls as (method, path, body, query)."""

    def __init__(self, answer: Any = None) -> None:
        self.calls: list[tuple[str, str, object, dict[str, object]]] = []
        self.answer = {} if answer is None else answer

    def __call__(self, method: str, path: str, body: object = None, /, **query: object) -> Any:
        self.calls.append((method, path, body, query))
        return self.answer
