"""The kinds of jobs: what each does in the process of its own, on the state of the registry that a run was made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geo.answers.sites import sites
from geo.publish.explaining import policy_of
from geo.publish.runs import run_numbered

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database
    from geo.jobs.work import Tell


def search_sites(db: Database, arguments: Mapping[str, Any], run_id: int | None, tell: Tell) -> gpd.GeoDataFrame:
    """The sites that ``arguments`` ask for (those of :func:`geo.sites`), by the run's own policy and the facts it knew.

    Raises
    ------
    NotFoundError
        The run is gone, or its policy is of another version of this program.
    """
    assert run_id is not None
    run = run_numbered(db, run_id)
    return sites(db, policy_of(run), as_of=run.as_of, known_at=run.made_at, tell=tell, **arguments)
