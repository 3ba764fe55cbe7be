"""What the parcels of a cluster come to: sums of what is known beside counts of what is not, uses, owners.  Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.judge.records import chosen

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

UNKNOWN, MIXED = "unknown", "mixed"
#: between two texts that are put together; neither JSON nor a code holds it
_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Members:
    """Which of ``count`` clusters each parcel is of (``label``, (n,)), and how many each has (``size``)."""

    label: Ints
    count: int
    size: Ints

    @classmethod
    def of(cls, label: Ints) -> Members:
        """From the label of each parcel, counted from 0 without gaps."""
        count = int(label.max()) + 1 if len(label) else 0
        return cls(label, count, np.bincount(label, minlength=count).astype(np.int64))

    def sum(self, values: Floats) -> Floats:
        """The sum of the values of each cluster, (count,)."""
        total: Floats = np.bincount(self.label, weights=values, minlength=self.count).astype(np.float64)
        return total

    def number(self, which: npt.NDArray[np.bool_]) -> Ints:
        """How many parcels of each cluster are among those, (count,)."""
        return np.bincount(self.label[which], minlength=self.count).astype(np.int64)

    def lists(self, codes: npt.NDArray[np.str_]) -> list[list[str]]:
        """The codes of each cluster, in their order."""
        order = np.argsort(self.label, kind="stable")
        told, ends = codes[order].tolist(), np.cumsum(self.size)
        return [told[end - size : end] for end, size in zip(ends.tolist(), self.size.tolist(), strict=True)]


def known_sum(members: Members, values: Floats) -> tuple[Floats, Ints]:
    """The sum of the known values of each cluster, NaN where none is known, and how many are not."""
    unknown = np.isnan(values)
    n_unknown = members.number(unknown)
    total = members.sum(np.where(unknown, 0.0, values))
    return np.where(n_unknown == members.size, np.nan, total), n_unknown


def capacity(members: Members, parcels: pd.DataFrame) -> tuple[Floats, Ints]:
    """Permitted FAR × site area in m², summed over the parcels of which both are known, and how many are not."""
    return known_sum(members, numbers(parcels, "max_far") * numbers(parcels, "site_area_m2"))


def land_uses(members: Members, parcels: pd.DataFrame, area: Floats) -> Any:
    """The planned uses of each cluster by site area: lists of ``use``, ``area_m2`` and ``share`` (0–1), the largest first.

    A parcel of several uses counts by their shares; where those are not said its land is ``mixed``, where the use is not,
    ``unknown``.  An Arrow column.
    """
    import pandas as pd

    texts = _texts(parcels, "land_use_parts")
    main = _texts(parcels, "main_use")
    kinds, place = np.unique(np.char.add(np.char.add(texts, _BETWEEN), main), return_inverse=True)
    split = [_split(*kind.split(_BETWEEN)) for kind in kinds]
    names = sorted({use for parts in split for use, _ in parts})
    number = {use: place for place, use in enumerate(names)}
    # One line for a part of a parcel, put together by the kinds of cell there are.
    part_of = np.repeat(np.arange(len(kinds)), [len(parts) for parts in split])
    use = np.array([number[name] for parts in split for name, _ in parts], dtype=np.int64)
    share = np.array([part for parts in split for _, part in parts])
    start = np.searchsorted(part_of, np.arange(len(kinds)))
    n_parts = np.bincount(part_of, minlength=len(kinds))
    rows = np.repeat(np.arange(len(area)), n_parts[place])
    within = np.arange(len(rows)) - np.repeat(np.cumsum(n_parts[place]) - n_parts[place], n_parts[place])
    line = start[place][rows] + within
    key = members.label[rows] * max(len(names), 1) + use[line]
    found, where = np.unique(key, return_inverse=True)
    sums = np.bincount(where, weights=area[rows] * share[line], minlength=len(found))
    of, name = found // max(len(names), 1), found % max(len(names), 1)
    order = np.lexsort((name, -sums, of))
    of, name, sums = of[order], name[order], sums[order]
    whole = members.sum(area)[of]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(whole > 0, sums / whole, np.nan)
    records = pa.StructArray.from_arrays(
        [chosen(name, names), pa.array(sums), pa.array(shares, from_pandas=True)], names=["use", "area_m2", "share"]
    )
    offsets = np.searchsorted(of, np.arange(members.count + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), records)
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([lists]))


def _split(parts_text: str, main_use: str) -> list[tuple[str, float]]:
    parts = json.loads(parts_text) if parts_text else []
    if not parts:
        return [(main_use or UNKNOWN, 1.0)]
    if len(parts) == 1:
        return [(parts[0].get("use") or UNKNOWN, 1.0)]
    shares = [part.get("share") for part in parts]
    if any(share is None for share in shares) or sum(shares) <= 0:
        return [(MIXED, 1.0)]
    together: dict[str, float] = defaultdict(float)
    for part, share in zip(parts, shares, strict=True):
        together[part.get("use") or UNKNOWN] += share / sum(shares)
    return list(together.items())


def owners(members: Members, parcels: pd.DataFrame, area: Floats) -> dict[str, Any]:
    """What is known of owners; columns that only some may read.

    ``owner_kind``: the kind where every parcel's is known and all agree, ``mixed`` where two known ones differ or one is
    mixed, else unknown.  ``owner_count``: the sum of the known ones (who owns in two parcels counts twice), NaN where none is,
    beside ``n_owner_count_unknown``.  ``state_owned_share``: 0–1, by site area over the parcels whose share is known, beside
    ``n_state_owned_unknown``.
    """
    import pandas as pd

    count, n_count_unknown = known_sum(members, numbers(parcels, "owner_count"))
    share = numbers(parcels, "state_owned_share")
    known = ~np.isnan(share)
    state = members.sum(np.where(known, share * area, 0.0))
    land = members.sum(np.where(known, area, 0.0))
    return {
        "owner_kind": pd.array(_kinds(members, _texts(parcels, "owner_kind")), dtype="str"),
        "owner_count": count,
        "n_owner_count_unknown": n_count_unknown,
        "state_owned_share": np.divide(state, land, out=np.full(members.count, np.nan), where=land > 0),
        "n_state_owned_unknown": members.number(~known),
    }


def _kinds(members: Members, kind: npt.NDArray[np.str_]) -> list[str | None]:
    names, place = np.unique(kind, return_inverse=True)
    known = kind != ""
    n_known = members.number(known)
    least = np.full(members.count, len(names), dtype=np.int64)
    most = np.full(members.count, -1, dtype=np.int64)
    np.minimum.at(least, members.label[known], place[known])
    np.maximum.at(most, members.label[known], place[known])
    agree = (least == most) & (n_known == members.size)
    differ = (n_known > 0) & (least != most)
    told = np.where(agree, names[np.minimum(least, max(len(names) - 1, 0))] if len(names) else "", "")
    told = np.where(differ | (members.number(kind == MIXED) > 0), MIXED, told.astype(object))
    return [text or None for text in told.tolist()]


def with_carriers(clusters: gpd.GeoDataFrame, standing: pd.DataFrame) -> gpd.GeoDataFrame:
    """The clusters with ``carrier_codes``, the carriers that stand on a parcel of each, and ``n_carriers``.

    ``standing`` has ``carrier_code`` and ``parcel_code``.  A carrier without a known place is in none of them.
    """
    import pandas as pd

    on: dict[str, set[str]] = defaultdict(set)
    for code, carrier in zip(standing["parcel_code"], standing["carrier_code"], strict=True):
        on[code].add(carrier)
    told = [sorted(set().union(*(on[code] for code in codes if code in on))) for codes in clusters["parcel_codes"]]
    held = clusters.assign(
        carrier_codes=pd.Series(told, index=clusters.index, dtype=object),
        n_carriers=np.array([len(codes) for codes in told], dtype=np.int64),
    )
    names = [name for name in held if name not in ("carrier_codes", "n_carriers")]
    place = names.index("shape")
    ordered: gpd.GeoDataFrame = held[[*names[:place], "carrier_codes", "n_carriers", *names[place:]]]
    return ordered


def numbers(parcels: pd.DataFrame, name: str) -> Floats:
    """A column as floats, NaN where unknown and where the frame has no such column."""
    if name not in parcels:
        return np.full(len(parcels), np.nan)
    found: Floats = parcels[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _texts(parcels: pd.DataFrame, name: str) -> npt.NDArray[np.str_]:
    """A column as texts, empty where unknown and where the frame has no such column."""
    if name not in parcels:
        return np.full(len(parcels), "", dtype=str)
    column = parcels[name].astype(object)
    return column.where(column.notna(), "").to_numpy(dtype=object).astype(str)
