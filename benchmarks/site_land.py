"""Made-up parcels for the search for sites: cells of a jittered grid, each with the facts that the policy weighs."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay

from geo.units import mu

#: how far the middle of a cell may lie from its place on the grid, and how long a side of two neighbours is at most
JITTER, NEAR = 0.35, 1.45


@dataclass(frozen=True)
class Case:
    """``n`` parcels of ``least`` to ``most`` mu; the larger ``skew``, the more of them are small."""

    name: str
    n: int
    least: float
    most: float
    skew: float = 1.0


def land(case: Case, seed: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The parcels, with what is not known of some of them, and the pairs that join; equal seeds make equal land."""
    rng = np.random.default_rng(seed)
    n, side = case.n, int(np.ceil(np.sqrt(case.n)))
    places = np.array([divmod(number, side) for number in range(n)]) + rng.uniform(-JITTER, JITTER, (n, 2))
    corners = Delaunay(places).simplices
    ends = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    ends = np.unique(np.sort(ends, axis=1), axis=0)
    apart = np.linalg.norm(places[ends[:, 0]] - places[ends[:, 1]], axis=1)
    ends = ends[apart < NEAR]
    area = np.round(mu(case.least + (case.most - case.least) * rng.random(n) ** case.skew), 1)
    codes = np.array([f"P{number:05d}" for number in range(n)])

    def known(values: np.ndarray, unknown: float) -> np.ndarray:
        return np.where(rng.random(n) < unknown, np.nan, values)

    parcels = gpd.GeoDataFrame(
        {
            "parcel_code": codes,
            "site_area_m2": area,
            "supply_status": rng.choice(["built", "granted_unbuilt", "not_granted"], n, p=[0.85, 0.08, 0.07]),
            "owner_count": known(1 + rng.poisson(rng.gamma(1.0, 3.0, n)), 0.2),
            "gfa_m2": known(area * rng.uniform(0.3, 3.0, n), 0.15),
            "vacancy_share": known(rng.beta(1, 3, n), 0.4),
            "heritage_share": np.where(rng.random(n) < 0.05, rng.random(n), 0.0),
            "state_owned_share": known(rng.choice([0.0, 1.0], n), 0.2),
            "rnd_share": rng.choice([0.0, 0.5, 1.0], n, p=[0.7, 0.1, 0.2]),
            "lease_years_left": known(rng.uniform(0, 6, n), 0.5),
        },
        geometry=shapely.box(*(places * 80).T, *(places * 80 + 70).T),
        crs=4549,
    )
    pairs = pd.DataFrame({"parcel_a": codes[ends[:, 0]], "parcel_b": codes[ends[:, 1]], "type": "shared_edge"})
    return parcels, pairs
