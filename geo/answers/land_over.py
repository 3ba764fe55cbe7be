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
from geo.answers.parcels import min_zone_share, parcels_seen
from geo.errors import NotFoundError, ReadError
from geo.judge.rules import judge
from geo.measure.cache import Look
from geo.measure.carriers import standing
from geo.policy import Policy

if TYPE_CHECKING:
    from typing import TypeAlias

    #: what names a set of parcels
    Over: TypeAlias = str | Path | pd.DataFrame | shapely.Geometry | Iterable[str]

SETS = "Sets: candidates, all, carriers, an outline (a polygon, or a GeoJSON file); or a frame or list of parcel codes."
#: how many codes that do not exist an error names
_NAMED = 5
#: an outline is a handful of corners; a larger file is something else
_MOST_BYTES = 20_000_000


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
    outline = _outline(over, seen.db.srid)
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
        if policy.target is None:
            raise NotFoundError(
                f"Policy {policy.id!r} does not say which carriers count.", "Give it a part [target] with statuses."
            )
        found = standing(seen)
        counted = found["status"].isin(list(policy.target.statuses.value))
        return over, land["parcel_code"].isin(set(found.loc[counted, "parcel_code"])).to_numpy()
    raise NotFoundError(f"There is no set of parcels {over!r}.", SETS)


def _of_codes(over: Any, land: gpd.GeoDataFrame, day: str) -> Any:
    if isinstance(over, pd.DataFrame) and "parcel_code" not in over:
        raise NotFoundError("The frame has no column 'parcel_code'.", "Give a frame with it, or a list of codes.")
    codes = {str(code) for code in (over["parcel_code"] if isinstance(over, pd.DataFrame) else over)}
    missing = sorted(codes - set(land["parcel_code"]))
    if missing:
        raise NotFoundError(
            f"{len(missing)} of {len(codes)} parcels do not exist on {day}: {', '.join(missing[:_NAMED])}"
            + (" …" if len(missing) > _NAMED else "")
            + ".",
            "See `shuangbei candidates --format csv` for the codes there are.",
        )
    return land["parcel_code"].isin(codes).to_numpy()


def _outline(over: Any, srid: int) -> shapely.Geometry | None:
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
        raise ReadError("The outline encloses no area.", "Give a polygon.")
    west, south, east, north = over.bounds
    if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
        raise ReadError(
            "The outline looks as if it were in degrees.",
            f"A polygon is taken to be in the work CRS (EPSG:{srid}); give a GeoSeries that says its CRS, or a GeoJSON file.",
        )
    return shapely.make_valid(over)


def _read(path: Path) -> gpd.GeoSeries:
    """The polygons of a GeoJSON file: WGS84 (RFC 7946) unless its ``crs`` member, as older ones have it, says otherwise."""
    hint = "Give a GeoJSON file that holds a polygon."
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ReadError(f"{path.name} is too large for an outline ({path.stat().st_size / 1e6:,.0f} MB).", hint)
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        shapes = shapely.get_parts(shapely.from_geojson(json.dumps(content)))
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror or error}.", hint) from None
    except (ValueError, RecursionError, shapely.GEOSException):
        raise ReadError(f"{path.name} is no GeoJSON.", hint) from None
    areas = [shape for shape in shapely.get_parts(shapes) if shape.geom_type == "Polygon"]
    if not areas:
        raise ReadError(f"{path.name} holds no polygon.", hint)
    named = content.get("crs") if isinstance(content, dict) else None
    name = named.get("properties", {}).get("name") if isinstance(named, dict) else None
    return gpd.GeoSeries(areas, crs=str(crs.parse(str(name))) if name else "EPSG:4326")


def within_outline(land: gpd.GeoDataFrame, outline: shapely.Geometry, policy: Policy) -> Any:
    """Which parcels lie in an outline (work CRS) with at least the share of themselves that makes them part of a zone."""
    min_share = min_zone_share(policy)
    shapes = np.asarray(land.geometry.array, dtype=object)
    near = np.flatnonzero(shapely.intersects(shapes, outline))
    inside = shapely.area(shapely.intersection(shapes[near], outline))
    found = np.zeros(len(land), dtype=bool)
    found[near] = inside >= min_share * shapely.area(shapes[near])
    return found
