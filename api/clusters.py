"""What hangs together, as JSON: clusters, near misses, bridges and pairs of the run's candidates, or of other land as a job."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import geopandas as gpd
import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response

from api import lists, models, models_land
from api.jobs import AppDesk, FromOwnPage, told
from api.land_answers import Job, of_land
from api.land_questions import LandQuestion, arguments_of
from api.pages import CLUSTERS
from api.parameters import OnlyKnown, instead
from api.runs import CurrentRun
from api.security import CurrentReader, require_reader
from api.v1 import PROBLEMS, page_of, rows_of
from geo.answers.together import with_lines
from geo.fields.values import records
from geo.publish import Published
from geo.said import Said

Type = Annotated[
    str,
    Query(
        alias="type",
        pattern="^(shared_edge|lane|corner|barrier)?$",
        description="只取一种：shared_edge 共边，lane 隔街，corner 角点，barrier 阻隔 · only one type of pair",
    ),
]
Form = Annotated[
    Literal["json", "geojson"],
    Query(alias="format", description="json，或 geojson（连线，WGS84）· lines, WGS84"),
]
#: what is said to whoever asks for other land in the address
_INSTEAD = Said(
    " Other land, lanes or barriers are a question of their own: POST /api/v1/clusters/jobs.",
    "其他地块、间隔或阻隔须另提一问：POST /api/v1/clusters/jobs。",
)


class Part:
    """Which page is asked for of what was found among a rule's candidates."""

    def __init__(
        self,
        run: CurrentRun,
        rule: lists.Rule = "",
        page: lists.PageNumber = 1,
        size: lists.PageSize = lists.PAGE_SIZE,
    ) -> None:
        self.run, self.rule, self._page, self._size = run, rule, page, size

    def found(self, topic: str, model: type[models.Item]) -> models.Page[models.Item]:
        """The page of a topic's findings."""
        return self.page(lists.finding(self.run, topic, self.rule)[1], model)

    def page(self, frame: pd.DataFrame, model: type[models.Item]) -> models.Page[models.Item]:
        """The page of a frame."""
        part = self.cut(frame)
        return models.Page(**page_of(self.run, part), items=[model(**row) for row in rows_of(part.rows)])

    def cut(self, frame: pd.DataFrame) -> lists.Slice[Any]:
        """The rows of that page."""
        return lists.cut(frame, self._page, self._size)


class PartOfLand(Part):
    """The same, or of the land that a job was asked about."""

    def __init__(
        self,
        request: Request,
        run: CurrentRun,
        rule: lists.Rule = "",
        job: Job = None,
        page: lists.PageNumber = 1,
        size: lists.PageSize = lists.PAGE_SIZE,
    ) -> None:
        super().__init__(of_land(request, run, job).run, rule, page, size)


OfRun = Annotated[Part, Depends()]
Asked = Annotated[PartOfLand, Depends()]
router = APIRouter(
    prefix="/api/v1",
    tags=["集中连片 · what hangs together"],
    dependencies=[Depends(require_reader), OnlyKnown],
    responses=PROBLEMS,
)


@router.post(
    "/clusters/jobs", status_code=202, summary="其他地块的连片 · Clusters over other land", dependencies=[FromOwnPage]
)
def ask(question: LandQuestion, run: CurrentRun, at: AppDesk, reader: CurrentReader, response: Response) -> models.Job:
    """按所问地块、间隔、可穿越的阻隔划分连片；结果见各接口的 job 参数。

    Ask what hangs together of any land of the run (``over``), with other lanes (``gap_m``) and barriers (``allow``).  Once
    the job is done, clusters, near misses, bridges and pairs of it are given by ``?job=``.  What cannot be asked is refused
    at once (422).
    """
    arguments = arguments_of(question, run, at.db, of_sites=False)
    job = at.ask("clusters", arguments, run_id=run.run.run_id, actor=reader.name)
    response.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return told(job)


@router.get("/clusters", summary="集中连片 · Contiguous clusters")
@instead(_INSTEAD)
def clusters(asked: Asked, sort: lists.Sort = "") -> models.Page[models_land.Cluster]:
    """某规则候选地块的连片，或作业所问地块的连片，面积大者在前。

    Clusters of a rule's candidates as the run published them, or of the land that a job was asked about; the largest first.
    """
    _, frame = lists.clusters(asked.run, asked.rule)
    return asked.page(lists.in_order(frame, sort or "-area_m2", CLUSTERS, ()), models_land.Cluster)


@router.get(
    "/clusters/near-misses",
    summary="差一步的连片 · What is near the wanted area, or one step away",
)
@instead(_INSTEAD)
def near_misses(asked: Asked) -> models.Page[models_land.NearMiss]:
    """达到所需面积者在前。

    Near misses of the clusters, those that reach the wanted area first.
    """
    return asked.found("near_misses", models_land.NearMiss)


@router.get("/clusters/bridges", summary="关键地块 · Parcels without which their cluster falls apart")
@instead(_INSTEAD)
def bridges(asked: Asked) -> models.Page[models_land.Bridge]:
    """对所在连片影响最大者在前。

    Bridges of the clusters; what costs its cluster most stands first.
    """
    return asked.found("bridges", models_land.Bridge)


@router.get("/clusters/changes", summary="连片的变化 · What became of the clusters of the run before")
def changes(asked: OfRun) -> models.Page[models_land.ClusterChange]:
    """分裂、合并、延续、新增与消失；首次运行没有。

    Splits, merges, clusters that go on, new ones and those that are gone; none for the first run.
    """
    return asked.found("lineage", models_land.ClusterChange)


@router.get(
    "/adjacency", summary="地块相邻关系 · Pairs of parcels by type", response_model=models.Page[models_land.Pair]
)
@instead(_INSTEAD)
def adjacency(asked: Asked, of_type: Type = "", form: Form = "json") -> Any:
    """候选地块之间（或作业所问地块之间）的相邻关系：类型、长度、间距、阻隔物。

    Pairs among a rule's candidates, or among the land that a job was asked about, sorted by both codes: how they lie to each
    other, over which length, how far apart, and what lies between.
    """
    _, frame = lists.finding(asked.run, "adjacency", asked.rule)
    frame = frame[frame["type"] == of_type] if of_type else frame
    if form == "geojson":
        return Response(_lines(asked.run, asked.cut(frame)), media_type="application/geo+json")
    return asked.page(frame.drop(columns=["over", "geometry"], errors="ignore"), models_land.Pair)


def _lines(now: Published, found: lists.Slice[Any]) -> str:
    """A page of pairs as GeoJSON (RFC 7946), each a line from inside the one parcel to inside the other."""
    pairs = found.rows.drop(columns=["over", "geometry"], errors="ignore")
    drawn = with_lines(pairs, now.parcels) if found.rows["geometry"].isna().all() else found.rows
    placed = gpd.GeoSeries(drawn.geometry.to_numpy(), crs=now.parcels.crs).to_crs(4326)
    content = {
        "type": "FeatureCollection",
        **page_of(now, found),
        "features": [
            {"type": "Feature", "geometry": None if shape is None else shape.__geo_interface__, "properties": row}
            for shape, row in zip(placed, records(pairs), strict=True)
        ],
    }
    return json.dumps(content, ensure_ascii=False)
