"""A scenario laid over its run: totals, candidates and clusters as they would be, and two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.answers.carriers import carriers_seen
from geo.answers.hanging_together import adjacency_seen
from geo.answers.land_over import candidates_of
from geo.answers.parcels import parcels_seen
from geo.days import given_day
from geo.errors import PolicyError
from geo.judge.cluster_figures import with_carriers
from geo.judge.clusters import find_clusters
from geo.judge.floor_area import checked_groups, checked_states, of_ledger
from geo.judge.laid_nearby import laid_nearby
from geo.judge.laid_over import counted_on, laid_carriers, laid_ledger, laid_parcels
from geo.judge.rules import judge
from geo.judge.target import towards_target
from geo.measure.cache import look
from geo.measure.carriers import standing
from geo.publish.explaining import policy_of
from geo.publish.reading import Published, read_run
from geo.publish.scenario_faults import nothing_named, other_runs
from geo.publish.scenarios import Scenario, scenario_named

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database
    from geo.policy import Policy

_FIGURES = ("site_area_m2", "gfa_m2", "n", "n_unknown")


@dataclass(frozen=True)
class Laid:
    """What the registry of a run would be with a scenario; ``scenario`` None: as it is.

    ``measures`` are those that are laid over: nothing of one is unknown, and it can count by ``by`` (None: ever).  ``left_out``
    are the others.
    """

    db: Database
    run: Published
    scenario: Scenario | None
    by: date | None = None

    @property
    def name(self) -> str:
        """What it is called; empty for the registry as it is."""
        return "" if self.scenario is None else self.scenario.name

    @cached_property
    def policy(self) -> Policy:
        """The run's policy."""
        return policy_of(self.run.run)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """The measures that are laid over."""
        if self.scenario is None:
            return pd.DataFrame()
        return counted_on(self.scenario.measures, self.by)

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """The measures of the scenario that are not: something of one is unknown, or it comes too late."""
        if self.scenario is None:
            return pd.DataFrame()
        every = self.scenario.measures
        return every[~every["measure_id"].isin(self.measures["measure_id"])].reset_index(drop=True)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The rows of the ledger; those of what is built have ``gfa_source`` scenario."""
        if self.measures.empty:
            return self.run.ledger
        return laid_ledger(self.policy, self.run.ledger, self.measures, self.run.parcels)

    @cached_property
    def carriers(self) -> pd.DataFrame:
        """The carriers: new ones bear the name of their measure."""
        return laid_carriers(
            self.policy,
            self.run.carriers,
            _floor(self.run.ledger),
            self.measures,
            day=self.run.run.as_of,
            park_known=self._park_known,
        )

    @cached_property
    def figures(self) -> dict[str, Any]:
        """The way to the target (:func:`geo.judge.target.towards_target`) on the day from which all of it counts."""
        days = [self.run.run.as_of, *([] if self.measures.empty else self.measures["ready_on"])]
        day = self.by or max(days)
        return towards_target(self.policy, self.carriers, _floor(self.ledger), day=day, park_known=self._park_known) | {
            "day": day.isoformat(),
            "park_boundary_known": self._park_known,
        }

    def totals(
        self,
        by: Sequence[str] = ("zone", "land_use"),
        *,
        states: Sequence[str] | str | None = None,
        subtotals: bool = False,
        unit: str = "m2",
    ) -> pd.DataFrame:
        """Floor area as :func:`geo.floor_area` adds it up, of the ledger that is laid over.

        Raises
        ------
        NotFoundError
            One cannot group by that here (owner_kind, cluster), or there is no such state.
        """
        columns, wanted = checked_groups(by), checked_states(states)
        rows = self.ledger[self.ledger["state"].isin([*wanted, "none"])]
        return of_ledger(rows, columns, subtotals=subtotals, unit=unit)

    def candidates(self, rule: str = "") -> gpd.GeoDataFrame:
        """Every parcel judged by a rule (default: the policy's first) as it would be, by the run's own policy and facts.

        Raises
        ------
        NotFoundError
            The run was not judged by that rule.
        """
        name = rule or self.run.rule
        if name not in self._judged:  # the map, the list and the clusters ask for the same
            self._judged[name] = judge(self._land, self._rule(rule))
        return self._judged[name].copy(deep=False)

    def clusters(self, rule: str = "") -> gpd.GeoDataFrame:
        """The clusters of those candidates; see :func:`geo.clusters`.

        Raises
        ------
        NotFoundError
            The run was not judged by that rule.
        """
        judged = self.candidates(rule)
        chosen = judged[judged["verdict"] == "candidate"].reset_index(drop=True)
        name = candidates_of(rule or self.run.rule)
        found = find_clusters(chosen, self._measured[1], self.policy.clusters, over=name, land=self._land)
        return with_carriers(found, self._standing)

    @cached_property
    def _judged(self) -> dict[str, gpd.GeoDataFrame]:
        return {}

    def _rule(self, rule: str) -> Any:
        self.run.judged_by(rule or self.run.rule)
        return self.policy.rule(rule or self.run.rule)

    @property
    def _park_known(self) -> bool:
        return "park" in self.run.layers

    @cached_property
    def _measured(self) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame, gpd.GeoDataFrame]:
        with look(self.db, self.run.run.as_of, self.run.run.made_at) as seen:
            land = parcels_seen(seen, self.policy)
            return land, adjacency_seen(seen, self.policy), standing(seen), carriers_seen(seen, self.policy)

    @cached_property
    def _land(self) -> gpd.GeoDataFrame:
        if self.measures.empty:
            return self._measured[0]
        land: gpd.GeoDataFrame = laid_parcels(
            self.policy, self._measured[0], self.measures, self._measured[2], self.ledger
        )
        return laid_nearby(self.policy, land, self._measured[3], self.measures, self.run.ledger)

    @property
    def _standing(self) -> pd.DataFrame:
        return self._measured[2]


def scenario(db: Database, name: str, *, by: date | None = None) -> Laid:
    """A saved scenario laid over its run: what would be with its measures, all of them or those that can count ``by`` a day.

    Its ``figures`` (the way to the target), ``totals(…)``, ``candidates(…)``, ``clusters(…)``, ``ledger`` and ``carriers`` are
    those of the registry with the measures laid over it; the registry is untouched.

    Raises
    ------
    NotFoundError
        There is no such scenario, or this program no longer reads the policy of its run.
    PolicyError
        The run has no ledger to lay anything over.
    """
    found = scenario_named(db, name)
    return lay(db, read_run(db, found.run_id), found, given_day(by, "by"))


def lay(db: Database, run: Published, found: Scenario | None, by: date | None = None) -> Laid:
    """The same of a run and a scenario (None: the registry as it is) that are read already.

    Raises
    ------
    PolicyError
        The run has no ledger.
    """
    if run.ledger.empty and len(run.parcels):
        raise PolicyError(
            f"Run {run.run.run_id} has no ledger to lay a scenario over.", "Publish again under a policy with [ledger]."
        )
    return Laid(db, run, found, by)


def compare_scenarios(
    db: Database,
    first: str,
    second: str = "",
    *,
    by: Sequence[str] = ("zone", "land_use"),
    states: Sequence[str] | str | None = None,
    day: date | None = None,
) -> pd.DataFrame:
    """Two scenarios side by side, row by row of their totals; an empty name is the registry as it is.

    Columns: those of ``by``, then gfa_m2, site_area_m2, n and n_unknown of each (``_first``, ``_second``) and
    ``gfa_change_m2`` = second − first (NaN where one is not known).  ``day``: only what can count by then.

    Raises
    ------
    NotFoundError
        There is no such scenario, grouping or state.
    ScenarioError
        Neither is named, or they lie over different runs.
    """
    one, other = pair(db, first, second, given_day(day, "day"))
    return side_by_side(one, other, by, states)


def pair(db: Database, first: str, second: str, day: date | None = None) -> tuple[Laid, Laid]:
    """Two scenarios over one run, an empty name being the registry of the other's run as it is.

    Raises
    ------
    NotFoundError
        There is no such scenario.
    ScenarioError
        Neither is named, or they lie over different runs.
    """
    found = [scenario_named(db, name) if name else None for name in (first, second)]
    numbers = {each.run_id for each in found if each is not None}
    if not numbers:
        raise nothing_named()
    if len(numbers) > 1:
        late = min((each for each in found if each is not None), key=lambda each: each.run_id)
        raise other_runs(first, second, numbers, late.name)
    run = read_run(db, numbers.pop())
    one, other = (lay(db, run, each, day) for each in found)
    return one, other


def side_by_side(one: Laid, other: Laid, by: Sequence[str], states: Sequence[str] | str | None = None) -> pd.DataFrame:
    """The totals of two that are laid over already, as :func:`compare_scenarios` gives them."""
    columns = checked_groups(by)
    left, right = (each.totals(columns, states=states) for each in (one, other))
    ends = ("_first", "_second")
    if columns:
        found = left.merge(right, on=columns, how="outer", suffixes=ends, sort=True)
    else:
        found = left.add_suffix(ends[0]).join(right.add_suffix(ends[1]))
    # A group that one of the two does not have is empty there: 0 m², and no entry.
    for end, there in zip(ends, (left, right), strict=True):
        lacking = _lacking(found, there, columns)
        for name in _FIGURES:
            found[name + end] = found[name + end].mask(lacking, 0)
    for name in ("n_first", "n_second", "n_unknown_first", "n_unknown_second"):
        found[name] = found[name].astype("int64")
    found["gfa_change_m2"] = found["gfa_m2_second"] - found["gfa_m2_first"]
    order = [f"{name}{end}" for name in ("gfa_m2", "site_area_m2", "n", "n_unknown") for end in ends]
    table = found[[*columns, *order[:2], "gfa_change_m2", *order[2:]]]
    table.attrs["stamp"] = one.run.run.stamp | {"first": one.name, "second": other.name}
    return table


def _lacking(found: pd.DataFrame, there: pd.DataFrame, columns: list[str]) -> pd.Series[bool]:
    if not columns:
        return pd.Series(False, index=found.index)
    known = set(there[columns].itertuples(index=False, name=None))
    return pd.Series([row not in known for row in found[columns].itertuples(index=False, name=None)], index=found.index)


def _floor(ledger: pd.DataFrame) -> pd.DataFrame:
    return ledger[ledger["books"] == "floor_area"]
