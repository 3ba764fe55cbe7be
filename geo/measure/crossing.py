"""Which barriers may be crossed: by their class, and by their name where one is told apart from its class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Crossing:
    """What may be crossed: ``classes`` by class, ``names`` by name or by ``class:name``, which say more than a class.

    A barrier of which neither says anything may not be crossed.
    """

    classes: Mapping[str, bool]
    names: Mapping[str, bool]

    def allows(self, barrier_class: str, name: str | None) -> bool:
        """Whether one may cross: as ``class:name`` says, else the name, else the class, else no."""
        for said, asked in (
            (self.names, title(barrier_class, name)),
            (self.names, name),
            (self.classes, barrier_class),
        ):
            if asked is not None and asked in said:
                return said[asked]
        return False

    def allowing(self, classes: Iterable[str], names: Iterable[str]) -> Crossing:
        """The same with these classes, and these names or ``class:name``, allowed."""
        return Crossing({**self.classes, **dict.fromkeys(classes, True)}, {**self.names, **dict.fromkeys(names, True)})


def title(barrier_class: str, name: str | None) -> str:
    """What a barrier is called: ``class:name``, or ``class`` where it has no name."""
    return f"{barrier_class}:{name}" if name else barrier_class
