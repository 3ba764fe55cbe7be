"""Which parcels a question runs over: the candidates of a rule, all, those of carriers, a drawn outline, or codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import crs
from geo.answers.given import PARCEL, codes_given
from geo.answers.parcels import min_zone_share, parcels_seen
from geo.errors import NotFoundError, ReadError
from geo.judge.rules import judge
from geo.measure.cache import Look
from geo.measure.carriers import standing
from geo.policy import Policy
from geo.said import Said

if TYPE_CHECKING:
    from typing import TypeAlias

    #: what names a set of parcels
    Over: TypeAlias = str | Path | pd.DataFrame | shapely.Geometry | Iterable[str]

SETS = Said(
    "Sets: candidates, all, carriers, an outline (a polygon, or a GeoJSON file); or a frame or list of parcel codes.",
    "可选：candidates、all、carriers，所绘范围（面或 GeoJSON 文件），或地块编号列表。",
)
#: the hint where codes are not known
SEE_CANDIDATES = Said("The list of candidates has the codes that there are.", "地块编号见候选清单。")
#: how many codes that do not exist an error names
_NAMED = 5
#: an outline is a handful of corners; a larger file is something else
_MOST_BYTES = 20_000_000
_GIVE = Said("Give GeoJSON that holds a polygon, in WGS84.", "请给出含面的 GeoJSON，坐标为 WGS84。")


@dataclass(frozen=True)
class Chosen:
    """The parcels that were asked for with every measure, what that set is called, and all land there is."""

    name: str
    parcels: gpd.GeoDataFrame
    land: gpd.GeoDataFrame


def candidates_of(rule: str) -> str:
    """What the set of a rule's candidates is called; two rules may find the same parcels, their clusters are two."""
    return f"candidates:{rule}"


def land_over(seen: Look, policy: Policy, over: Over, rule: str) -> tuple[str, gpd.GeoDataFrame]:
    """The parcels that ``over`` names, with every measure, and the name of that set (part of a cluster's id).

    Raises
    ------
    NotFoundError
        There is no such set, rule or parcel.
    ReadError
        The file of an outline cannot be read, or holds no area.
    """
    chosen = chosen_land(seen, policy, over, rule)
    return chosen.name, chosen.parcels


def chosen_land(seen: Look, policy: Policy, over: Over, rule: str) -> Chosen:
    """The same with all land beside it; ``over`` is

    ``"candidates"``
        of ``rule``: low-efficiency land is ``rule="low_efficiency_land"``;
    ``"all"``
        every current parcel;
    ``"carriers"``
        every parcel on which a carrier stands that the policy's target counts (``target.statuses``);
    an outline
        a polygon in the work CRS, a GeoSeries or a GeoDataFrame without ``parcel_code`` in any CRS, or the path of a GeoJSON
        file: every parcel of which at least the policy's ``zones.min_share`` lies within;
    codes
        a frame with ``parcel_code``, or codes.

    Raises
    ------
    NotFoundError
        There is no such set, rule or parcel.
    ReadError
        The file of an outline cannot be read, or holds no area.
    """
    land = parcels_seen(seen, policy)
    outline = ground_of(over, seen.db.srid)
    if outline is not None:
        name, within = "outline", within_outline(land, outline, policy)
    elif isinstance(over, str):
        name, within = _named(seen, policy, over, rule, land)
    else:
        name, within = "chosen", _of_codes(over, land, str(seen.day))
    return Chosen(name, land[within].reset_index(drop=True), land)


def _named(seen: Look, policy: Policy, over: str, rule: str, land: gpd.GeoDataFrame) -> tuple[str, Any]:
    if over == "all":
        return over, np.ones(len(land), dtype=bool)
    if over == "candidates":
        return candidates_of(rule), (judge(land, policy.rule(rule, seen.day))["verdict"] == "candidate").to_numpy()
    if over == "carriers":
        found = standing(seen)
        counted = found["status"].isin(counted_statuses(policy))
        return over, land["parcel_code"].isin(set(found.loc[counted, "parcel_code"])).to_numpy()
    raise NotFoundError(Said(f"There is no set of parcels {over!r}.", f"没有名为 {over!r} 的地块范围。"), SETS)


def counted_statuses(policy: Policy) -> list[str]:
    """The statuses of carriers that the policy's target counts.

    Raises
    ------
    NotFoundError
        It does not say which.
    """
    if policy.target is None:
        raise NotFoundError(
            Said(
                f"Policy {policy.id!r} does not say which carriers count.",
                f"政策 {policy.id} 未规定哪些载体计入。",
            ),
            Said("Give it a part [target] with statuses.", "请在政策文件中加入含 statuses 的 [target]。"),
        )
    return list(policy.target.statuses.value)


def _of_codes(over: Any, land: gpd.GeoDataFrame, day: str) -> Any:
    if isinstance(over, pd.DataFrame) and "parcel_code" not in over:
        raise NotFoundError("The frame has no column 'parcel_code'.", "Give a frame with it, or a list of codes.")
    if over is None or not isinstance(over, Iterable):
        raise NotFoundError(Said(f"There is no set of parcels {over!r}.", f"没有名为 {over!r} 的地块范围。"), SETS)
    codes = over["parcel_code"] if isinstance(over, pd.DataFrame) else over
    return land["parcel_code"].isin(known_codes(codes, land, day)).to_numpy()


def known_codes(given: Iterable[str], land: pd.DataFrame, day: str) -> set[str]:
    """The codes that were given, all of them parcels of that day.

    Raises
    ------
    NotFoundError
        A parcel does not exist.
    SettingsError
        What was given are no codes.
    """
    codes = set(codes_given(given, PARCEL))
    missing = sorted(codes - set(land["parcel_code"]))
    if missing:
        named, more = ", ".join(missing[:_NAMED]), " …" if len(missing) > _NAMED else ""
        raise NotFoundError(
            Said(
                f"{len(missing)} of {len(codes)} parcels do not exist on {day}: {named}{more}.",
                f"所列 {len(codes)} 个地块中有 {len(missing)} 个在 {day} 不存在：{named.replace(', ', '、')}{more}。",
            ),
            SEE_CANDIDATES,
        )
    return codes


def ground_of(over: Any, srid: int) -> shapely.Geometry | None:
    """The ground of an outline in the work CRS, ``None`` where ``over`` is none."""
    if isinstance(over, str) and Path(over).suffix.lower() in (".geojson", ".json"):
        over = Path(over)
    if isinstance(over, Path):
        over = _read(over)
    if isinstance(over, gpd.GeoDataFrame) and "parcel_code" not in over:
        over = over.geometry
    if isinstance(over, gpd.GeoSeries):
        datum = crs.from_file(over.crs)
        if datum is None:
            raise ReadError("The outline does not say its CRS.", "Set it with .set_crs(…).")
        over = crs.to_work(gpd.GeoDataFrame(geometry=over), datum, srid).union_all()
    if not isinstance(over, shapely.Geometry):
        return None
    if over.is_empty or over.area == 0:
        raise ReadError(Said("The outline encloses no area.", "所绘范围没有面积。"), _GIVE)
    west, south, east, north = over.bounds
    if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
        raise ReadError(
            "The outline looks as if it were in degrees.",
            f"A polygon is taken to be in the work CRS (EPSG:{srid}); give a GeoSeries that says its CRS, or a GeoJSON file.",
        )
    return shapely.make_valid(over)


def _read(path: Path) -> gpd.GeoSeries:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ReadError(f"{path.name} is too large for an outline ({path.stat().st_size / 1e6:,.0f} MB).", _GIVE)
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror or error}.", _GIVE) from None
    except ValueError:
        raise _no_geojson(path.name) from None
    return outline_in(content, path.name)


def outline_in(text: str, name: str = "") -> gpd.GeoSeries:
    """The polygons of a GeoJSON text: WGS84 (RFC 7946) unless its ``crs`` member, as older ones have it, says otherwise.

    Raises
    ------
    CrsError
        The ``crs`` that it names is none.
    ReadError
        It is no GeoJSON, or holds no polygon; ``name`` says where it is from.
    """
    try:
        content = json.loads(text)
        shapes = shapely.get_parts(shapely.from_geojson(json.dumps(content)))
    except (ValueError, RecursionError, shapely.GEOSException):
        raise _no_geojson(name) from None
    areas = [shape for shape in shapely.get_parts(shapes) if shape.geom_type == "Polygon"]
    if not areas:
        raise ReadError(Said(f"{name or 'The outline'} holds no polygon.", f"{name or '所给范围'}中没有面。"), _GIVE)
    named = content.get("crs") if isinstance(content, dict) else None
    crs_name = named.get("properties", {}).get("name") if isinstance(named, dict) else None
    return gpd.GeoSeries(areas, crs=str(crs.parse(str(crs_name))) if crs_name else "EPSG:4326")


def _no_geojson(name: str) -> ReadError:
    return ReadError(Said(f"{name or 'The outline'} is no GeoJSON.", f"{name or '所给范围'}不是 GeoJSON。"), _GIVE)


def within_outline(land: gpd.GeoDataFrame, outline: shapely.Geometry, policy: Policy) -> Any:
    """Which parcels lie in an outline (work CRS) with at least the share of themselves that makes them part of a zone."""
    min_share = min_zone_share(policy)
    shapes = np.asarray(land.geometry.array, dtype=object)
    near = np.flatnonzero(shapely.intersects(shapes, outline))
    inside = shapely.area(shapely.intersection(shapes[near], outline))
    found = np.zeros(len(land), dtype=bool)
    found[near] = inside >= min_share * shapely.area(shapes[near])
    return found
