"""The land on which a site is founded: parcels by code, and those of parks and carriers by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely
from psycopg import sql

from geo.answers.given import PLACE, codes_given
from geo.answers.land_over import within_outline
from geo.errors import NotFoundError
from geo.measure.carriers import standing
from geo.said import Said

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.measure.cache import Look
    from geo.policy import Policy

#: the anchor is the policy's
POLICY = "policy"
#: how many codes that do not exist an error names
_NAMED = 5

_NAMED_PLACES = sql.SQL(
    "SELECT {kind} AS kind, p.{code} AS code, p.name, {shape} AS geometry FROM ({rows}) p ORDER BY p.{code}"
)


@dataclass(frozen=True)
class Anchor:
    """The anchor's name (``None``: there is none), its parcels, and what is to be said of it."""

    name: str | None
    codes: tuple[str, ...]
    note: str = ""
    note_zh: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """What an answer says of it."""
        return {"name": self.name, "parcel_codes": list(self.codes), "note": self.note, "note_zh": self.note_zh}


def find_anchor(seen: Look, policy: Policy, land: gpd.GeoDataFrame, asked: str | Iterable[str] | None) -> Anchor:
    """The anchor that is asked for: none, the policy's, or parcels by code and those of parks and carriers by name or code.

    A park's parcels are those of which at least the policy's ``zones.min_share`` lies in it, a carrier's those on which it
    stands.

    Raises
    ------
    NotFoundError
        There is no such parcel, park or carrier, or its land is not known.
    SettingsError
        What was given are no codes or names.
    """
    if asked is None:
        return Anchor(None, ())
    if isinstance(asked, str) and asked == POLICY:
        return _policys(seen, policy, land)
    wanted = list(dict.fromkeys(codes_given(asked, PLACE)))
    if not wanted:
        raise NotFoundError(
            Said("The anchor names no parcel.", "现有用地未填任何地块。"),
            Said(
                "Name its parcels, or found the site on nothing: anchor=None.", "请填地块编号，或不以现有用地为基础。"
            ),
        )
    known = set(land["parcel_code"])
    held = {name: (name,) if name in known else _of_place(seen, policy, land, name) for name in wanted}
    for name, codes in held.items():
        if codes == ():
            raise NotFoundError(
                Said(
                    f"On which parcels {name!r} stands is not known on {seen.day}.",
                    f"{name}位于哪些地块，{seen.day} 尚无记载。",
                ),
                Said(
                    "Name its parcels; or import its boundary (kind park) or its shares (kind carrier_shares) first.",
                    "请改填地块编号，或先导入其边界（park）或所占份额（carrier_shares）。",
                ),
            )
    missing = [name for name, codes in held.items() if codes is None]
    if not missing:
        named = "、".join(wanted[:_NAMED]) + (" …" if len(wanted) > _NAMED else "")
        return Anchor(named, tuple(sorted({code for codes in held.values() for code in codes or ()})))
    more = " …" if len(missing) > _NAMED else ""
    raise NotFoundError(
        Said(
            f"There is no parcel, park or carrier {', '.join(missing[:_NAMED])}{more} on {seen.day}.",
            f"{seen.day} 没有名为或编号为 {'、'.join(missing[:_NAMED])}{more} 的地块、园区或载体。",
        ),
        Said(
            "Name parcels by code, parks or carriers by name or code.",
            "请填地块编号，或园区、载体的名称或编号。",
        ),
    )


def _policys(seen: Look, policy: Policy, land: gpd.GeoDataFrame) -> Anchor:
    """The policy's anchor; where its land is not known the stand-in's, and where that is not there none: each is said."""
    sites = policy.sites
    if sites is None or sites.anchor is None:
        return Anchor(None, ())
    name = sites.anchor.value
    codes = _of_place(seen, policy, land, name)
    if codes:
        return Anchor(name, codes)
    unknown, unknown_zh = f"The land of {name} is not known", f"{name}的用地范围未知"
    if sites.anchor_stand_in is not None:
        stand_in = sites.anchor_stand_in.value
        codes = _of_place(seen, policy, land, stand_in)
        if codes:
            return Anchor(
                stand_in, codes, f"{unknown}; {stand_in} stands in for it.", f"{unknown_zh}，以{stand_in}代替。"
            )
    return Anchor(None, (), f"{unknown}: the site is founded on nothing.", f"{unknown_zh}，方案不以其为基础。")


def _of_place(seen: Look, policy: Policy, land: gpd.GeoDataFrame, name: str) -> tuple[str, ...] | None:
    """The parcels of the parks and carriers of that name or code; ``None`` where there is none, empty where unknown."""
    places = pd.concat([_places(seen, "park"), _places(seen, "carriers")], ignore_index=True)
    found = places[(places["name"] == name) | (places["code"] == name)]
    if found.empty:
        return None
    codes: set[str] = set()
    for shape in found.loc[found["kind"] == "park", "geometry"]:
        outline = shapely.make_valid(shapely.from_wkb(shape))
        codes |= set(land.loc[within_outline(land, outline, policy), "parcel_code"])
    stands = standing(seen)
    named = set(found.loc[found["kind"] == "carriers", "code"])
    codes |= set(stands.loc[stands["carrier_code"].isin(named), "parcel_code"])
    return tuple(sorted(codes & set(land["parcel_code"])))


def _places(seen: Look, kind: str) -> pd.DataFrame:
    rows, values = seen.call(f"{kind}_on", {})
    is_park = kind == "park"
    shape = sql.SQL("encode(ST_AsBinary(p.geom), 'hex')") if is_park else sql.SQL("NULL::text")
    code = sql.Identifier("park_code" if is_park else "carrier_code")
    query = _NAMED_PLACES.format(kind=sql.Literal(kind), code=code, shape=shape, rows=rows)
    found: pd.DataFrame = seen.read(query, values).to_pandas()
    return found
