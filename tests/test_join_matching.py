"""Which row is which: what must hold of any two lists of codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from intake_files import square

from geo.fields.land import PARCELS
from geo.intake.joining import join_sources
from geo.intake.outlines import Outlines
from geo.intake.read import Source
from geo.intake.specs import Join, On

CODE = st.sampled_from(["A", "B", "C", "D", None])


@given(table_codes=st.lists(CODE, max_size=6), outline_codes=st.lists(CODE, max_size=6), first=st.booleans())
def test_every_row_of_both_files_is_joined_once_or_told_of(
    table_codes: list[str | None], outline_codes: list[str | None], first: bool
) -> None:
    """Pure: whichever file is imported, no row of a table is lost, no outline is given twice, and nothing is silent."""
    sheet = plain_source("t", table_codes, None)
    drawn = plain_source("o", outline_codes, [square(i) for i in range(len(outline_codes))])
    own, other = (drawn, sheet) if first else (sheet, drawn)
    made, _ = join_sources(own, other, Join(on=On("k", "k")), PARCELS, None, other.file_name)
    places = made.places
    assert places is not None
    rows = list(zip(places.own.tolist(), places.other.tolist(), strict=True))
    shapes = made.geometry.shapes() if made.geometry is not None else []
    for position, (here, there) in enumerate(rows):
        row_of_sheet, row_of_drawn = (there, here) if first else (here, there)
        expected = outline_codes[row_of_drawn - 1] if row_of_drawn else None
        if row_of_sheet and row_of_drawn:
            assert table_codes[row_of_sheet - 1] == expected is not None
        assert (shapes[position] is None) == (row_of_drawn == 0)
    # Each row of the table stands there once: that is what is to be imported.
    tabled = [there if first else here for here, there in rows]
    matched_twice = {code for code in table_codes if code is not None and table_codes.count(code) > 1}
    silent = {n for n in range(1, len(table_codes) + 1) if n not in tabled}
    assert all(table_codes[n - 1] in matched_twice and table_codes[n - 1] in outline_codes for n in silent)
    assert len(set(made.rows.tolist())) == len(rows)
    # A code that one side alone has is told, at its row or for the whole file.
    told = {item.rule for item in made.remarks.items}
    lone_rows = {code for code in table_codes if code is not None} - set(outline_codes)
    assert ("no_outline" in told) == bool(lone_rows)
    lone_outlines = [code for code in outline_codes if code is None or code not in table_codes]
    if first:
        assert ("no_attributes" in told) == any(code is not None for code in lone_outlines)
    else:
        assert ("left_over" in told) == bool(lone_outlines)


def plain_source(name: str, codes: list[Any], shapes: list[Any] | None) -> Source:
    frame = pd.DataFrame({"k": pd.Series(codes, dtype=object)})
    n = len(codes)
    outlines = None if shapes is None else Outlines.of(np.array([*shapes, None], dtype=object)[:n])
    return Source(name, "0", None, frame, np.arange(1, n + 1, dtype=np.int64), outlines, np.zeros(n, dtype=bool), None)
