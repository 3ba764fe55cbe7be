"""Clusters and pairs of the land that a job was asked about, in the place of those of the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

import geopandas as gpd
from fastapi import Query, Request

from api.jobs import desk
from geo import jobs
from geo.errors import NotFoundError
from geo.fields.readers import for_all
from geo.jobs.topics import unpacked
from geo.publish import Published
from geo.publish.findings import empty_findings
from geo.publish.lineage import empty_lineage
from geo.said import Said

Job = Annotated[
    int | None,
    Query(
        ge=1,
        description="划分作业的编号，空为本次运行的 · the job that was asked about other land; without it the run's own",
    ),
]


@dataclass(frozen=True)
class OfLand:
    """A run whose clusters and findings are those of a job (or its own), with the stamp and the question of the job."""

    run: Published
    stamp: dict[str, Any]
    asked: dict[str, Any] | None = None
    #: what the barriers open that it let be crossed, a sentence each in Chinese and English
    opened: tuple[tuple[str, str], ...] = ()


def of_land(request: Request, run: Published, job: int | None) -> OfLand:
    """What a job found of other land, or the run's own.

    Raises
    ------
    NotFoundError
        There is no such job, it was asked about something else, or it has found nothing yet.
    """
    if job is None:
        return OfLand(run, run.run.stamp)
    at = desk(request)
    found = jobs.job(at.db, job)
    if found.kind != "clusters":
        raise NotFoundError(
            Said(f"Job {job} was not asked about clusters.", f"作业 {job} 不是划分连片。"),
            Said("See the list of jobs.", "见作业列表。"),
        )
    told = jobs.result(at.db, job)
    # Without the column that says of which rule they are, they are given whichever rule the page asks for.
    frames = {topic: for_all(frame) for topic, frame in unpacked(told).items()}
    findings: dict[str, gpd.GeoDataFrame] = empty_findings() | {
        name: frame for name, frame in frames.items() if name != "clusters"
    }
    laid = replace(run, clusters=frames["clusters"], findings=findings, lineage=empty_lineage())
    stamp = {name: value for name, value in told.attrs["stamp"].items() if name in _STAMP}
    opened = tuple((one["note_zh"], one["note"]) for one in told.attrs.get("opened", ()))
    return OfLand(laid, run.run.stamp | stamp, found.arguments, opened)


#: of the stamp of such an answer, what its question made different from the run
_STAMP = ("data_version", "over", "gap_m", "allow", "min_area_m2", "as_of", "known_at")
