"""What two policies differ in: each value that changed, with its key, and the ground that the new one rests on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from geo.policy import Policy

#: words of a part that are its ground or its name, and are told by themselves where the part is new or gone
_WORDS = frozenset({"title", "title_en", "clause", "assumption", "assumption_en", "id"})


@dataclass(frozen=True)
class Difference:
    """One value that is not the same: its dotted key as :meth:`Policy.with_changes` takes it, and both values.

    ``None`` is nothing there; what is there on one side alone (a condition, a rule) is told whole, as JSON.  ``ground`` is
    the clause or the assumption that the new value rests on, the old one's where nothing is left.
    """

    key: str
    old: Any
    new: Any
    ground: str | None


def differences(old: Policy, new: Policy) -> list[Difference]:
    """Every difference of two policies, in the order of the keys of the old one, then what only the new one has."""
    return list(_parts(old.model_dump(mode="json"), new.model_dump(mode="json"), "", None))


def _parts(old: Any, new: Any, key: str, ground: str | None) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        said = _ground(new) or ground
        for name in dict.fromkeys([*old, *new]):
            yield from _parts(old.get(name), new.get(name), f"{key}.{name}".lstrip("."), said)
    elif _named(old) and _named(new) and (old or new):
        before, after = ({item["id"]: item for item in items} for items in (old, new))
        for name in dict.fromkeys([*before, *after]):
            yield from _parts(before.get(name), after.get(name), f"{key}.{name}", ground)
        if list(before) != list(after) and set(before) == set(after):
            yield Difference(key, list(before), list(after), ground)
    else:
        left = new if new is not None else old
        said = (_ground(left) if isinstance(left, dict) else None) or ground
        yield Difference(key, _told(old), _told(new), said)


def _named(value: Any) -> bool:
    """Whether a value is a list of parts that have ids."""
    return isinstance(value, list) and all(isinstance(item, dict) and "id" in item for item in value)


def _ground(part: dict[str, Any]) -> str | None:
    if part.get("clause") is not None:
        return str(part["clause"])
    return None if part.get("assumption") is None else f"assumption: {part['assumption']}"


def _told(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    bare = {name: item for name, item in value.items() if name not in _WORDS and item is not None}
    return json.dumps(bare, ensure_ascii=False)
