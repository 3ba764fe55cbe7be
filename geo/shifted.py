"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, to and from WGS84.

They have no EPSG code and no published definition; the formula used is the one in public circulation since 2013, inverted by
iteration to below 1e-9 degrees.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Krasovsky 1940, the ellipsoid that the GCJ-02 formula is written on
_A = 6_378_245.0
_E2 = 0.006_693_421_622_965_943
_BD_X = math.pi * 3000.0 / 180.0


def shift(lon: Floats, lat: Floats, name: str) -> tuple[Floats, Floats]:
    """WGS84 → GCJ-02 or BD-09, degrees, arrays of one shape."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _E2 * np.sin(phi) ** 2
    g_lat = lat + d_lat * 180.0 / (_A * (1.0 - _E2) / (magic * np.sqrt(magic)) * np.pi)
    g_lon = lon + d_lon * 180.0 / (_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    if name == "GCJ-02":
        return g_lon, g_lat
    z = np.hypot(g_lon, g_lat) + 0.00002 * np.sin(g_lat * _BD_X)
    theta = np.arctan2(g_lat, g_lon) + 0.000003 * np.cos(g_lon * _BD_X)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def unshift(lon: Floats, lat: Floats, name: str) -> tuple[Floats, Floats]:
    """GCJ-02 or BD-09 → WGS84, degrees: fixed-point iteration on :func:`shift` until below 1e-9 degrees (0.1 mm)."""
    w_lon, w_lat = lon.copy(), lat.copy()
    for _ in range(30):
        s_lon, s_lat = shift(w_lon, w_lat, name)
        e_lon, e_lat = s_lon - lon, s_lat - lat
        w_lon, w_lat = w_lon - e_lon, w_lat - e_lat
        if max(np.abs(e_lon).max(initial=0.0), np.abs(e_lat).max(initial=0.0)) < 1e-9:
            break
    return w_lon, w_lat
