"""
Conditions over facts, as laws state them: `residents >= 500`, `seat in eea and risk != "unlikely"`.

A small language, parsed with `ast` and walked here; nothing is ever executed. Answers have three values: a fact
that is not known makes a condition "not known", never false, and the facts that would decide it are named.

Two questions have a form of their own: `overlaps(data_categories, S, D)`, whether any kind of data touched is in one
of those groups of `law/elements.toml`, and `is_a("us-bank")`, whether the organisation is of that kind of
`law/kinds.toml`.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
IS = "organisation_is"  # the circumstance that `is_a` asks: the kinds the profile names, not known where it names none


@dataclass(frozen=True)
class Range:
    """A whole number of which only this is known: at least `low`, at most `high` (None: no upper end is known)."""

    low: int
    high: int | None = None

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


# None is "not known". A set fact, and a group of countries, is a frozenset of texts.
Value = bool | int | str | frozenset[str] | Range | None


@dataclass(frozen=True)
class Kind:
    """
    What a name stands for: "count", "yes_no", "choice", "set", "text" or "element" (a group of kinds of data).

    options: the allowed words, where they are listed.
    """

    type: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A condition that was checked. names: every name in it."""

    text: str
    names: frozenset[str]

    @property
    def tree(self) -> ast.expr:
        """Parsed when first asked for: most conditions of most laws are never judged."""
        return _parsed(self.text)


@dataclass(frozen=True)
class Verdict:
    """holds: True, False, or None where facts are missing; missing: their names, empty unless holds is None."""

    holds: bool | None
    missing: frozenset[str] = frozenset()

    def __and__(self, other: Verdict) -> Verdict:
        if self.holds is False or other.holds is False:
            return Verdict(False)
        if self.holds and other.holds:
            return Verdict(True)
        return Verdict(None, self.missing | other.missing)

    def __or__(self, other: Verdict) -> Verdict:
        return -(-self & -other)

    def __neg__(self) -> Verdict:
        return Verdict(None if self.holds is None else not self.holds, self.missing)


def read_condition(text: str, kinds: Mapping[str, Kind]) -> Condition:
    """
    Parse `text` and check every name and word in it against `kinds`.

    Raises ValueError saying what is wrong: a misspelt name or word would otherwise be a condition that never holds.
    """
    try:
        tree = _parsed(text)
    except (SyntaxError, ValueError):
        raise ValueError(f"is not a condition: {text}") from None
    _check(tree, kinds, text)
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called)
    return Condition(text, names)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def kinds_asked(condition: Condition) -> frozenset[str]:
    """The kinds of organisation that `condition` asks for with `is_a`."""
    calls = [node for node in ast.walk(condition.tree) if isinstance(node, ast.Call)]
    return frozenset(kind for call in calls if (kind := _kind_asked(call)) is not None)


def judge(condition: Condition, values: Mapping[str, Value]) -> Verdict:
    """Whether `condition` holds; a name that `values` lacks is not known."""
    return _judge(condition.tree, values)


def _judge(node: ast.expr, values: Mapping[str, Value]) -> Verdict:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            verdict = Verdict(True)
            for part in parts:
                verdict &= _judge(part, values)
            return verdict
        case ast.BoolOp(values=parts):
            verdict = Verdict(False)
            for part in parts:
                verdict |= _judge(part, values)
            return verdict
        case ast.UnaryOp(operand=operand):
            return -_judge(operand, values)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(op, left, right, values)
        case ast.Call():
            return _call(node, values)
    value = _value(node, values)
    return Verdict(value, frozenset()) if isinstance(value, bool) else Verdict(None, _names(node))


def _call(node: ast.Call, values: Mapping[str, Value]) -> Verdict:
    if (kind := _kind_asked(node)) is not None:
        known = values.get(IS)
        return Verdict(kind in known) if isinstance(known, frozenset) else Verdict(None, frozenset({f"{IS}:{kind}"}))
    touched, *groups = (_value(argument, values) for argument in node.args)
    if not isinstance(touched, frozenset):
        return Verdict(None, _names(node.args[0]))
    return Verdict(any(isinstance(group, frozenset) and bool(touched & group) for group in groups))


def _kind_asked(node: ast.Call) -> str | None:
    """The word in `is_a("word")`; None for every other call."""
    match node:
        case ast.Call(func=ast.Name(id="is_a"), args=[ast.Constant(value=str() as kind)], keywords=[]):
            return kind
    return None


def _compare(op: ast.cmpop, left: ast.expr, right: ast.expr, values: Mapping[str, Value]) -> Verdict:
    one, other = _value(left, values), _value(right, values)
    holds: bool | None
    if isinstance(op, ast.In | ast.NotIn):
        holds = _within(one, other)
        holds = not holds if isinstance(op, ast.NotIn) and holds is not None else holds
    elif sign := _ORDER.get(type(op)):
        holds = _ordered(sign, _range(one), _range(other))
    else:
        holds = _equal(one, other)
        holds = not holds if isinstance(op, ast.NotEq) and holds is not None else holds
    if holds is not None:
        return Verdict(holds)
    open_names = [part for part, value in ((left, one), (right, other)) if value is None or isinstance(value, Range)]
    return Verdict(None, frozenset().union(*(_names(part) for part in open_names)))


def _within(one: Value, other: Value) -> bool | None:
    if one is None or not isinstance(other, frozenset):
        return None
    # A fact that holds several answers is "in" a list where any of them is.
    return bool(one & other) if isinstance(one, frozenset) else one in other


def _ordered(sign: str, one: Range, other: Range) -> bool | None:
    """Compare two numbers of which perhaps only bounds are known."""
    if sign in {"<", "<="}:
        one, other = other, one
    strict = sign in {"<", ">"}
    # now: one > other, or one >= other
    surely = other.high is not None and (one.low > other.high or (not strict and one.low == other.high))
    never = one.high is not None and (one.high < other.low or (strict and one.high == other.low))
    return True if surely else False if never else None


def _equal(one: Value, other: Value) -> bool | None:
    if isinstance(one, Range) or isinstance(other, Range):
        first, second = _range(one), _range(other)
        if first.is_exact and second.is_exact:
            return first.low == second.low
        apart = _ordered(">", first, second) or _ordered(">", second, first)
        return False if apart else None
    return None if one is None or other is None else one == other


def _range(value: Value) -> Range:
    if isinstance(value, Range):
        return value
    return Range(value, value) if isinstance(value, int) and not isinstance(value, bool) else Range(0)


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Name(id=name):
            return values.get(name)
        case ast.Constant(value=bool() | int() | str() as constant):
            return constant
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return frozenset(str(part.value) for part in parts if isinstance(part, ast.Constant))
    raise ValueError(f"not a value: {ast.dump(node)}")  # _check lets nothing else through


def _names(node: ast.expr) -> frozenset[str]:
    return frozenset({node.id}) if isinstance(node, ast.Name) else frozenset()


def _check(node: ast.expr, kinds: Mapping[str, Kind], text: str) -> None:
    match node:
        case ast.BoolOp(values=parts):
            for part in parts:
                _check(part, kinds, text)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            _check(operand, kinds, text)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if not isinstance(op, ast.Is | ast.IsNot):
            _check_comparison(op, left, right, kinds, text)
        case ast.Call():
            _check_call(node, kinds, text)
        case ast.Name():
            if _kind(node, kinds).type != "yes_no":
                raise ValueError(f"asks {node.id} as if it were yes or no: {text}")
        case _:
            raise ValueError(f"has a part that no condition may have: {text}")


def _check_call(node: ast.Call, kinds: Mapping[str, Kind], text: str) -> None:
    if (kind := _kind_asked(node)) is not None:
        if kind not in (known := kinds[IS].options):
            raise ValueError(f'asks is_a("{kind}"), which law/kinds.toml does not have{_near(kind, known)}')
        return
    match node:
        case ast.Call(func=ast.Name(id="overlaps"), args=[ast.Name() as fact, *groups], keywords=[]) if groups:
            if _kind(fact, kinds).type != "set":
                raise ValueError(f"looks for something in what is no list: {text}")
            for group in groups:
                if _kind(group, kinds).type != "element":
                    raise ValueError(f"names what is no group of law/elements.toml: {text}")
        case _:
            raise ValueError(f"has a part that no condition may have: {text}")


def _check_comparison(op: ast.cmpop, left: ast.expr, right: ast.expr, kinds: Mapping[str, Kind], text: str) -> None:
    one, other = _kind(left, kinds), _kind(right, kinds)
    if type(op) in _ORDER and not one.type == other.type == "count":
        raise ValueError(f"compares by size what is no number: {text}")
    if isinstance(op, ast.In | ast.NotIn) and other.type != "set":
        raise ValueError(f"looks for something in what is no list: {text}")
    if isinstance(op, ast.Eq | ast.NotEq) and "set" in {one.type, other.type}:
        raise ValueError(f"compares a list with ==; use in: {text}")
    for named, words in ((one, other), (other, one)):
        strange = [word for word in words.options if named.options and word not in named.options]
        if strange and isinstance(left if named is one else right, ast.Name):
            raise ValueError(f'has "{strange[0]}", which is none of {", ".join(named.options)}: {text}')


def _kind(node: ast.expr, kinds: Mapping[str, Kind]) -> Kind:
    """What a part of a comparison stands for; the words of a constant are its options."""
    match node:
        case ast.Name(id=name):
            if name not in kinds:
                raise ValueError(f'asks "{name}", which is no fact{_near(name, tuple(kinds))}')
            return kinds[name]
        case ast.Constant(value=bool()):
            return Kind("yes_no")
        case ast.Constant(value=int()):
            return Kind("count")
        case ast.Constant(value=str() as word):
            return Kind("text", (word,))
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if len(words) == len(parts):
                return Kind("set", tuple(words))
    raise ValueError("has a part that no condition may have")


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
