"""A data map as the text of its file: what `mapfile.py` reads back as the same map. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from incident.scope.datamap import DataMap, Secret, Value
from incident.scope.ready import Found

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SEVERAL = ("email", "name", "known_as", "locale", "country")
_SINGLE = ("birth_date", "created_at", "deleted_at", "last_seen_at", "tenant")


def found_text(found: Found) -> str:
    """A ready map as a file to edit: what it was made from, its traps and gaps as comments, then the map."""
    ready = found.ready
    remarks = [
        f"The ready map {found.name}: {ready.name}. Read from {ready.source}; {ready.versions}.",
        *(f"It fits because {reason}." for reason in found.reasons),
        *(f"Not in this database, so left out: {', '.join(found.left_out)}." for _ in found.left_out[:1]),
        *(f"Trap: {trap}" for trap in ready.traps),
        *(f"Cannot be answered: {sentence}" for sentence in ready.cannot_answer),
    ]
    return "".join(f"# {remark}\n" for remark in remarks) + "\n" + map_text(found.datamap)


def map_text(datamap: DataMap) -> str:
    """TOML, UTF-8, one blank line between tables; the same map always gives the same text."""
    return "\n".join("".join(f"{line}\n" for line in part) for part in _parts(datamap) if part)


def _parts(datamap: DataMap) -> Iterator[list[str]]:
    accounts = datamap.accounts
    secrets = sorted(map(_secret, datamap.secrets))
    yield ["secrets = [", *(f"  {_text(name)}," for name in secrets), "]"] if secrets else []
    lines = ["[accounts]", f"table = {_text(str(accounts.table))}"]
    lines.append(f"key = {_text(accounts.key[0]) if len(accounts.key) == 1 else _list(map(_text, accounts.key))}")
    lines += [f"{name} = {_values(getattr(accounts, name))}" for name in _SEVERAL if getattr(accounts, name)]
    lines += [f"{name} = {_form(getattr(accounts, name))}" for name in _SINGLE if getattr(accounts, name)]
    lines += [f"filter = {_text(accounts.filter)}"] if accounts.filter else []
    yield lines
    for one in datamap.related:
        lines = ["[[related]]", f"table = {_text(str(one.table))}", f"path = {_list(_text(str(h)) for h in one.path)}"]
        lines += [f"where = {_inline(dict(one.where))}"] if one.where else []
        times = {"created_at": one.created_at, "deleted_at": one.deleted_at}
        yield lines + [f"{name} = {_form(at)}" for name, at in times.items() if at]
    for trail in datamap.trails:
        lines = ["[[trail]]", f"name = {_text(trail.name)}", f"table = {_text(str(trail.table))}"]
        lines += [f"account = {_values(trail.account)}", f"at = {_form(trail.at)}"]
        lines += [f"ip = {_form(trail.ip)}"] if trail.ip else []
        lines += [f"action = {_form(trail.action, trail.actions)}"] if trail.action else []
        yield lines + ([f"nobody = {_list(map(_text, trail.nobody))}"] if trail.nobody else [])
    if datamap.holds:
        yield ["[holds]", *(_hold(datamap, value, categories) for value, categories in datamap.holds.items())]


def _hold(datamap: DataMap, value: Value, categories: Sequence[str]) -> str:
    place = str(value)
    if value.table == datamap.accounts.table:
        place = place.removeprefix(f"{value.table}.")
    return f"{_key(place)} = {_list(map(_text, categories))}"


def _secret(secret: Secret) -> str:
    return f"{secret.table}.{secret.column}" + "".join(f"[{column}={value}]" for column, value in secret.where)


def _values(values: Sequence[Value]) -> str:
    return _form(values[0]) if len(values) == 1 else _list(map(_form, values))


def _form(value: Value, actions: Sequence[str] = ()) -> str:
    """A column's name where that says everything, or an inline table."""
    said: dict[str, str] = {}
    if value.table:
        said["table"] = _text(str(value.table))
    said["column"] = _text(value.column)
    if value.json:
        said["json"] = _list(map(_text, value.json))
    if value.where:
        said["where"] = _inline(dict(value.where))
    if value.unit != "native":
        said["unit"] = _text(value.unit)
    if value.zone != "UTC":
        said["zone"] = _text(value.zone)
    if actions:
        said["values"] = _list(map(_text, actions))
    if list(said) == ["column"]:
        return said["column"]
    return "{ " + ", ".join(f"{name} = {text}" for name, text in said.items()) + " }"


def _inline(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{_key(name)} = {_text(value)}" for name, value in values.items()) + " }"


def _list(texts: Iterator[str] | Sequence[str] | map[str]) -> str:
    return "[" + ", ".join(texts) + "]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON text is a basic string of TOML
