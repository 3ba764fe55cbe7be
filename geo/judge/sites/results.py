"""Sites as frames: what is asked of parcels and pairs, and one row for each site that was found.  Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geo.judge.components import JOINS
from geo.judge.sites.clock import Clock
from geo.judge.sites.difficulty import parcel_difficulty, part_names
from geo.judge.sites.graph import PER_POINT, Graph, build_graph
from geo.judge.sites.search import Answer, Bounds, Ended, Found, find_best
from geo.judge.sites.verify import Asked, Ground, check_site
from geo.judge.sites.why import Nothing
from geo.said import Said
from geo.units import to_mu

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.policy import Difficulty


#: the columns of a site and their types; those of the parts of the difficulty stand behind ``proven``
_TYPES: dict[str, Any] = {
    "site_id": "str",
    "choice": "Int64",
    "parcel_codes": object,
    "n_parcels": "int64",
    "area_m2": "float64",
    "area_mu": "float64",
    "difficulty": "float64",
    "difficulty_low": "float64",
    "n_unknown": "int64",
    "lower_bound": "float64",
    "gap": "float64",
    "proven": "bool",
    "n_anchor": "int64",
    "synthetic": "bool",
}
_BEFORE = list(_TYPES)[: list(_TYPES).index("proven") + 1]


@dataclass(frozen=True)
class Question:
    """What is wanted: strictly over ``floor_m2`` and at most ``ceiling_m2``, with the anchor and what is required, without
    what is forbidden; ``k`` sites, each without ``min_different`` parcels of every better one; ``every``: all minimal ones.
    """

    floor_m2: float
    ceiling_m2: float | None = None
    anchor: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    k: int = 1
    min_different: int = 1
    every: bool = False


@dataclass(frozen=True)
class Searched:
    """The sites of a question and how they were found; ``why_none`` where there are none."""

    frame: gpd.GeoDataFrame
    found: Found
    why_none: Nothing | None

    @property
    def is_complete(self) -> bool:
        """Whether all minimal sites are known."""
        return self.found.listed is not None

    @property
    def n_minimal(self) -> int | None:
        """How many minimal sites there are, where that is known."""
        return None if self.found.listed is None else len(self.found.listed)


@dataclass(frozen=True)
class Land:
    """Parcels with their difficulty, the pairs that join them, and the name of the set (part of a site's id)."""

    parcels: gpd.GeoDataFrame
    adjacency: pd.DataFrame
    weights: Difficulty
    over: str
    points: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", parcel_difficulty(self.parcels, self.weights))

    def graph(self, question: Question) -> Graph:
        """What is searched for a question."""
        cost = np.rint(self.points["difficulty"].to_numpy() * PER_POINT).astype(np.int64)
        return build_graph(
            self.parcels,
            self.adjacency,
            cost,
            floor_m2=question.floor_m2,
            ceiling_m2=question.ceiling_m2,
            anchor=question.anchor,
            require=question.require,
            forbid=question.forbid,
        )


def find_sites(land: Land, question: Question, bounds: Bounds, clock: Clock) -> Searched:
    """The best sites of a question, one row each, the least difficult first; with ``every`` all minimal ones, if known.

    Columns: ``site_id`` (first 12 hex digits of SHA-256 over the set searched and the sorted codes), ``choice`` (1 the best, 2
    the next best that differs enough …; empty for the others of a complete list), ``parcel_codes``, ``n_parcels``,
    ``area_m2``, ``area_mu``, ``difficulty``, ``difficulty_low``, ``n_unknown``, ``lower_bound`` (no site like it is below:
    those that differ as much from the better ones), ``gap`` = (difficulty − lower bound) / difficulty, ``proven``,
    ``difficulty_<part>`` (they sum to the difficulty), ``n_anchor`` (parcels of the anchor in it), ``synthetic``,
    ``geometry`` (union of the parcels).  The anchor's parcels have area and no difficulty.  Each row is held against
    parcels and pairs before it is given.  Clause 二(三)7.
    """
    found = find_best(
        land.graph(question), k=question.k, min_different=question.min_different, bounds=bounds, clock=clock
    )
    answers: list[tuple[int | None, Answer]] = list(enumerate(found.answers, 1))
    if question.every and found.listed is not None and found.answers:
        chosen = {answer.rows for answer in found.answers}
        least = found.answers[0].bound
        answers += [(None, Answer(rows, cost, least)) for rows, cost in found.listed if rows not in chosen]
        answers.sort(key=lambda item: (item[1].cost, item[0] is None, item[0] or 0, item[1].rows))
    frame = _frame(land, question, answers)
    _verify(land, question, frame)
    return Searched(frame, found, found.nothing)


def price_of_area(
    land: Land, question: Question, bounds: Bounds, clock: Clock, floors_m2: Iterable[float]
) -> tuple[gpd.GeoDataFrame, Nothing | None]:
    """Difficulty against area: the best site over each floor, one row each, rising; and why none is over the next.

    Columns: ``floor_m2``, ``floor_mu``, those of :func:`find_sites`, and ``per_mu``: by how much the least difficulty rises
    from the floor before to this one, for each mu between (empty where either is not proven).  What no site is below over a
    floor, none is below over a higher one, so bounds never fall.
    """
    floors = sorted(floors_m2)
    rows: list[gpd.GeoDataFrame] = []
    ended: Nothing | None = None
    how: Ended = "proven"
    for number, floor in enumerate(floors):
        clock.tell(Said(f"over {to_mu(floor):,.1f} mu", f"面积大于 {to_mu(floor):,.1f} 亩"), None, None)
        asked = replace(question, floor_m2=floor, k=1, every=False)
        searched = find_sites(land, asked, bounds, clock.part(1 / (len(floors) - number)))
        if not searched.found.is_done:
            how = searched.found.ended
        if searched.frame.empty:
            ended = searched.why_none
            break
        rows.append(searched.frame.iloc[[0]])
    if not rows:
        none = _frame(land, question, []).drop(columns="choice").assign(floor_m2=0.0, floor_mu=0.0, per_mu=0.0)
        none.attrs["searched"] = {"done": how == "proven", "ended": how}
        return none, ended
    # A site over a higher floor is one over a lower floor too: where the time was short it may be the better one.
    for number in range(len(rows) - 2, -1, -1):
        if rows[number + 1]["difficulty"].iloc[0] < rows[number]["difficulty"].iloc[0]:
            bound = rows[number]["lower_bound"].iloc[0]
            rows[number] = rows[number + 1].assign(lower_bound=bound)
    told: gpd.GeoDataFrame = pd.concat(rows, ignore_index=True)
    told.insert(0, "floor_m2", floors[: len(rows)])
    told.insert(1, "floor_mu", [to_mu(floor) for floor in told["floor_m2"]])
    bounds_so_far = told["lower_bound"].cummax()
    gap = ((told["difficulty"] - bounds_so_far) / told["difficulty"]).where(told["difficulty"] > 0, 0.0)
    told = told.assign(lower_bound=bounds_so_far, gap=gap, proven=bounds_so_far >= told["difficulty"])
    sure = told["proven"] & told["proven"].shift(fill_value=False)
    told.insert(2, "per_mu", (told["difficulty"].diff() / told["floor_mu"].diff()).where(sure))
    told = told.drop(columns="choice")
    # What is not searched through may be proven all the same: by the bound over a lower floor.
    done = bool(told["proven"].all()) and (ended is None or ended.reason != "time")
    told.attrs["searched"] = {"done": done, "ended": "proven" if done else how}
    return told, ended


def site_id(over: str, codes: Iterable[str]) -> str:
    """The id of a site by its content: first 12 hex digits of SHA-256 over ``site``, ``over`` and the sorted codes."""
    content = json.dumps(["site", over, sorted(codes)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _frame(land: Land, question: Question, answers: list[tuple[int | None, Answer]]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    parcels = land.parcels
    codes = parcels["parcel_code"].to_numpy(dtype=object).astype(str)
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64)
    held = np.isin(codes, list(question.anchor))
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    synthetic = (
        parcels["synthetic"].to_numpy(dtype=bool) if "synthetic" in parcels else np.zeros(len(parcels), dtype=bool)
    )
    parts = part_names(land.weights)
    # In whole thousandths, so that parts sum to the difficulty whatever the order.
    points = {name: _thousandths(land.points[name]) * ~held for name in (*parts, "difficulty_low")}
    unknown = land.points["n_unknown"].to_numpy() * ~held
    rows: list[dict[str, Any]] = []
    outlines = []
    for choice, answer in answers:
        inside = np.array(answer.rows, dtype=np.int64)
        inside = inside[np.argsort(codes[inside], kind="stable")]
        difficulty, bound = answer.cost / PER_POINT, answer.bound / PER_POINT
        site_area = float(sum(area[inside]))
        rows.append(
            {
                "site_id": site_id(land.over, codes[inside]),
                "choice": choice,
                "parcel_codes": codes[inside].tolist(),
                "n_parcels": len(inside),
                "area_m2": site_area,
                "area_mu": to_mu(site_area),
                "difficulty": difficulty,
                "difficulty_low": points["difficulty_low"][inside].sum() / PER_POINT,
                "n_unknown": int(unknown[inside].sum()),
                "lower_bound": bound,
                "gap": (difficulty - bound) / difficulty if difficulty else 0.0,
                "proven": answer.is_proven,
                **{name: points[name][inside].sum() / PER_POINT for name in parts},
                "n_anchor": int(held[inside].sum()),
                "synthetic": bool(synthetic[inside].any()),
            }
        )
        outlines.append(shapely.union_all(shapes[inside]))
    table = pd.DataFrame(rows, columns=[*_TYPES, *parts]).astype(_TYPES | dict.fromkeys(parts, "float64"))
    table = table[[*_BEFORE, *parts, *(name for name in _TYPES if name not in _BEFORE)]]
    return gpd.GeoDataFrame(table, geometry=outlines, crs=parcels.crs)


def _thousandths(column: pd.Series[float]) -> Any:
    return np.rint(column.to_numpy(dtype=np.float64) * PER_POINT).astype(np.int64)


def _verify(land: Land, question: Question, frame: gpd.GeoDataFrame) -> None:
    codes = land.parcels["parcel_code"].astype(str)
    joining = land.adjacency[land.adjacency["type"].isin(list(JOINS))]
    ground = Ground(
        dict(zip(codes, land.parcels["site_area_m2"].astype(float), strict=True)),
        dict(zip(codes, land.points["difficulty"], strict=True)),
        list(zip(joining["parcel_a"].astype(str), joining["parcel_b"].astype(str), strict=True)),
    )
    asked = Asked(
        question.floor_m2,
        question.ceiling_m2,
        frozenset(question.anchor),
        frozenset(question.require),
        frozenset(question.forbid),
    )
    for row in frame.drop(columns="geometry").to_dict("records"):
        check_site(row, ground, asked)
