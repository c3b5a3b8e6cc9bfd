"""Small sums in the files of scenarios: "=start * (1 - depth * n / times)".

Order of work.  Text that begins with "=" is read as a sum of numbers and names by Python's own grammar, of which only + - * /,
                signs and brackets count, and worked out in decimals.
Invariant.      The same text and names give the same number on every machine. Nothing but numbers comes out of names.
Does not.       Know what a number is for: whoever asks rounds it.
"""

import ast
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Final

from papernet.control.bodies import BadBodyError
from papernet.core.units import AMOUNT_MAX, SCALE

MARK: Final = "="
_LENGTH_MAX: Final = 200
# A context of one's own: that of the program around it may be any.
_CONTEXT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN, traps=[DivisionByZero, InvalidOperation, Overflow])

_SUMS: Final[Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: _CONTEXT.add,
    ast.Sub: _CONTEXT.subtract,
    ast.Mult: _CONTEXT.multiply,
    ast.Div: _CONTEXT.divide,
}


def is_formula(text: str) -> bool:
    """Tell whether a text is a sum."""
    return text.startswith(MARK)


def check(text: str) -> None:
    """Raise BadBodyError unless a text can be read as a sum."""
    _read(text)


def of_units(units: int) -> Decimal:
    """Return units of 10^-8 as a number for sums."""
    return _CONTEXT.divide(Decimal(units), Decimal(SCALE))


def work_out(text: str, names: Mapping[str, Decimal | None]) -> int:
    """Return what a sum comes to, in units of 10^-8, rounded towards 0; a name that is None is one that nobody knows now."""
    try:
        number = _CONTEXT.multiply(_value(_read(text), names, text), Decimal(SCALE))
    except DecimalException as error:
        raise BadBodyError(f"{text!r} comes to no number") from error
    if not number.is_finite() or number.copy_abs() > AMOUNT_MAX:
        raise BadBodyError(f"{text!r} comes to no number that can be used")
    return int(number)


def _read(text: str) -> ast.expr:
    if len(text) > _LENGTH_MAX:
        raise BadBodyError(f"a formula has at most {_LENGTH_MAX} characters")
    try:
        return ast.parse(text.removeprefix(MARK).strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise BadBodyError(f"{text!r} is no formula of numbers, names, + - * / and brackets") from error


def _value(node: ast.expr, names: Mapping[str, Decimal | None], text: str) -> Decimal:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Decimal(str(node.value))
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise BadBodyError(f"{text!r}: {node.id!r} is none of {', '.join(names)}")
        value = names[node.id]
        if value is None:
            raise BadBodyError(f"{text!r}: nobody knows {node.id} now")
        return value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand, names, text)
        return _CONTEXT.minus(value) if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        return _SUMS[type(node.op)](_value(node.left, names, text), _value(node.right, names, text))
    raise BadBodyError(f"{text!r} is no formula of numbers, names, + - * / and brackets")
