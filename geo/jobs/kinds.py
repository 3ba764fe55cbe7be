"""The kinds of jobs: what each does in the process of its own, on the state of the registry that a run was made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from geo.answers.land_over import outline_in
from geo.answers.open_measures import measures_of
from geo.answers.sites import sites
from geo.answers.together import hanging_together
from geo.answers.way import best_way
from geo.jobs.topics import packed
from geo.publish.explaining import policy_of
from geo.publish.runs import Run, run_numbered

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database
    from geo.jobs.work import Tell


def search_sites(db: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
    """The sites that ``arguments`` ask for (those of :func:`geo.sites`), by the run's own policy and the facts it knew.

    ``as_of`` and ``known_at`` are texts (ISO 8601) where another day or an earlier instant is asked for; ``outline`` is GeoJSON
    as text, and stands for ``over`` as ``codes`` do.

    Raises
    ------
    NotFoundError
        The run is gone, or its policy is of another version of this program.
    """
    assert run_id is not None
    run = run_numbered(db, run_id)
    return sites(db, policy_of(run), tell=tell, **_on_land(arguments, run))


def find_clusters(db: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
    """Clusters, near misses, bridges and pairs of the land that ``arguments`` ask for (those of :func:`geo.clusters`, and the
    wanted area), by the run's own policy and the facts it knew, in one frame (:func:`geo.jobs.topics.packed`).

    Raises
    ------
    NotFoundError
        The run is gone, or its policy is of another version of this program.
    """
    assert run_id is not None
    run = run_numbered(db, run_id)
    found = hanging_together(db, policy_of(run), tell=tell, **_on_land(arguments, run))
    told = packed(found, db.crs)
    told.attrs |= found["clusters"].attrs
    return told


def _on_land(arguments: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Arguments as the public calls take them: land over an outline, and the run's own day and instant."""
    asked = dict(arguments)
    day, known = asked.pop("as_of", None), asked.pop("known_at", None)
    asked["as_of"] = date.fromisoformat(day) if day else run.as_of
    asked["known_at"] = datetime.fromisoformat(known) if known else run.made_at
    if "codes" in asked:
        asked["over"] = asked.pop("codes")
    if "outline" in asked:
        asked["over"] = outline_in(asked.pop("outline"))
    return asked


def find_way(db: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
    """The best way that ``arguments`` ask for (those of :func:`geo.best_way`), by the run's own policy and the facts it knew.

    ``by`` is a day as text; ``sites`` true searches for sites first; ``limits`` stand beside the policy's unless ``no_limits``.

    Raises
    ------
    NotFoundError
        The run is gone, or its policy is of another version of this program.
    """
    assert run_id is not None
    run = run_numbered(db, run_id)
    policy, asked = policy_of(run), dict(arguments)
    then: dict[str, Any] = {"as_of": run.as_of, "known_at": run.made_at}
    by = asked.pop("by", None)
    held = [] if asked.pop("no_limits", False) else [*measures_of(policy).limits]
    held += [{"unit": "m2"} | limit for limit in asked.pop("limits", ())]
    found_sites = sites(db, policy, tell=tell, **then) if asked.pop("sites", False) else None
    day = date.fromisoformat(by) if by else None
    return best_way(db, policy, by=day, limits=held, sites=found_sites, tell=tell, **then, **asked)
