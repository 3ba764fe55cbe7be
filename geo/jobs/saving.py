"""Saving a scenario, or taking one up, as a job: which measures are open in the current run has to be found for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geo.publish.scenarios import save_scenario, take_up_scenario
from geo.said import Said

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database
    from geo.jobs.work import Tell


def keep_scenario(db: Database, arguments: Mapping[str, Any], _: int | None, tell: Tell) -> gpd.GeoDataFrame:
    """Save the scenario that ``arguments`` name over the current run, or take it up there (``take_up``).

    ``arguments``: name, actor; measures (ids), note and replace of one that is saved.  Gives the ids that are in it; its stamp
    has ``name`` and ``gone``, the ids that are no longer open.

    Raises
    ------
    NotFoundError
        A measure is not open, there is no scenario to take up, or nothing has been published.
    ScenarioError
        The name cannot be used, or two measures use the same square metres.
    """
    import geopandas as gpd

    asked = dict(arguments)
    tell(None, Said("finding the measures that are open in the current run", "查找当前运行中可采取的措施"))
    if asked.pop("take_up", False):
        saved = take_up_scenario(db, asked["name"], actor=asked["actor"])
    else:
        saved = save_scenario(db, asked.pop("name"), asked.pop("measures"), **asked)
    ids = list(saved.measures["measure_id"])
    told = gpd.GeoDataFrame({"measure_id": ids}, geometry=[None] * len(ids), crs=db.crs)
    told.attrs |= {"name": saved.name, "gone": list(saved.gone)}
    return told
