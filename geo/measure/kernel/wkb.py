"""Codes and outlines straight out of COPY's binary stream: a million parcels become arrays, not a million objects.

A row is the count of its columns and each column as its length and bytes, all big-endian (PostgreSQL's *COPY, Binary Format*);
an outline is little-endian WKB (OGC 06-103r4, 8.2), a polygon or a multipolygon of two dimensions.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geo.measure.kernel.plane import jit

_POLYGON, _MULTIPOLYGON = 3, 6
#: bytes before the first row: signature, flags and the length of an extension that there is not
HEADER = 19


@jit
def _big(raw, at, size):
    value = np.int64(0)
    for i in range(size):
        value = (value << 8) | raw[at + i]
    return value - (np.int64(1) << (8 * size)) if raw[at] & 0x80 else value


@jit
def _little(raw, at):
    return np.int64(raw[at]) | np.int64(raw[at + 1]) << 8 | np.int64(raw[at + 2]) << 16 | np.int64(raw[at + 3]) << 24


@jit
def _polygons(raw, at):
    """Where the first polygon of a (multi)polygon begins, and how many there are; -1 where it is something else."""
    if raw[at] != 1:
        return at, -1
    of_type = _little(raw, at + 1)
    if of_type == _POLYGON:
        return at, 1
    return (at + 9, _little(raw, at + 5)) if of_type == _MULTIPOLYGON else (at, -1)


@jit
def sizes(raw):
    """How many rows, bytes of code, polygons, rings and points there are; -1 rows where a row is not as it should be."""
    rows, letters, parts, rings, points = 0, 0, 0, 0, 0
    at = 0
    while at + 2 <= len(raw) and _big(raw, at, 2) != -1:
        size = _big(raw, at + 2, 4)
        letters += size
        at += 6 + size
        size = _big(raw, at, 4)
        at += 4
        rows += 1
        if size < 0:  # a parcel of which no outline is known
            continue
        place, count = _polygons(raw, at)
        if count < 0:
            return -1, 0, 0, 0, 0
        parts += count
        for _ in range(count):
            inner = _little(raw, place + 5)
            place += 9
            rings += inner
            for _ in range(inner):
                corners = _little(raw, place)
                points += corners
                place += 4 + 16 * corners
        at += size
    return rows, letters, parts, rings, points


@jit
def fill(raw, code, letters, parts, rings, corners, xy):
    """Write the rows of a block into arrays as long as :func:`sizes` says.

    ``code`` has the letters of all codes and ``xy`` the coordinates of all points, as bytes; ``letters`` and ``parts`` are
    the numbers of bytes and of polygons of each row, ``rings`` of each polygon, ``corners`` of each ring.
    """
    row, part, ring, byte, letter = 0, 0, 0, 0, 0
    at = 0
    while at + 2 <= len(raw) and _big(raw, at, 2) != -1:
        size = _big(raw, at + 2, 4)
        at += 6
        code[letter : letter + size] = raw[at : at + size]
        letters[row] = size
        letter += size
        at += size
        size = _big(raw, at, 4)
        at += 4
        parts[row] = 0
        if size >= 0:
            place, count = _polygons(raw, at)
            parts[row] = count
            for _ in range(count):
                rings[part] = _little(raw, place + 5)
                place += 9
                for _ in range(rings[part]):
                    corners[ring] = _little(raw, place)
                    place += 4
                    long = 16 * corners[ring]
                    xy[byte : byte + long] = raw[place : place + long]
                    byte += long
                    place += long
                    ring += 1
                part += 1
            at += size
        row += 1
