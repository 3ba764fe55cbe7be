"""The routes of a rule as arrays: which conditions each asks for, which criteria count in it, and which one a row takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.judge.conditions import PASS
from geo.judge.measures import Codes, Floats
from geo.policy import Rule

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Ways:
    """The r routes of a rule: ``conditions`` (r, c) says which each asks for, ``criteria`` (r, k) which count in it.

    A rule without routes has one way, whose name and target codes are ``None``; so are the codes of a route that keeps the use.
    """

    names: tuple[str | None, ...]
    targets: tuple[str | None, ...]
    conditions: Mask
    criteria: Mask


def ways_of(rule: Rule) -> Ways:
    """The routes of a rule."""
    names = tuple(route.id for route in rule.routes) or (None,)
    targets = tuple("、".join(target.code for target in route.targets) or None for route in rule.routes) or (None,)
    asked = [route for route, _ in rule.asked]
    conditions = [[route is None or route == name for route in asked] for name in names]
    criteria = [[item.routes is None or name in item.routes for item in rule.criteria] for name in names]
    shape = (len(names), len(rule.criteria))
    return Ways(names, targets, np.array(conditions, dtype=bool), np.array(criteria, dtype=bool).reshape(shape))


def route_verdicts(codes: Codes, ways: Ways) -> Codes:
    """The verdict of each route for each row, (n, r): the smallest outcome of the conditions that it asks for."""
    # What a route does not ask for passes.
    return np.column_stack(
        [np.where(asked, codes, PASS).min(axis=1, initial=PASS) for asked in ways.conditions]
    ).astype(np.uint8)


def chosen_routes(codes: Codes, low: Floats, ways: Ways) -> tuple[Codes, Places]:
    """Each row's verdict and route: the best verdict, then the highest score (``low``, (n, r)), then the first route."""
    verdicts = route_verdicts(codes, ways)
    verdict: Codes = verdicts.max(axis=1)
    standing = np.where(verdicts == verdict[:, None], np.nan_to_num(low, nan=0.0), -1.0)
    # Of a row that no route takes the first is as good as any: its score is told, its route is not.
    standing[verdict == 0] = 0.0
    return verdict, standing.argmax(axis=1)
