"""What a run keeps of a judgement, and the records made of it again.

A parcel's row holds outcomes as letters and what the value functions gave; what a rule asks of every parcel alike (titles of
conditions, thresholds, units, clauses, weights) stands once a run in ``published.questions``, and what was found stands once
a parcel in its facts.  The view ``published.current_candidates`` puts the same records together in SQL (migration 0009).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from psycopg import sql

from geo.database import Database
from geo.fields.readers import RECORDS
from geo.fields.results import is_restricted
from geo.judge import records
from geo.judge.conditions import FLAGGED, OUTCOMES, asked_of
from geo.judge.measures import Codes, Floats, is_text, numbers, texts, to_shown
from geo.judge.rules import Judgement
from geo.judge.scores import counted_of
from geo.measure.reading import read_table, to_frame
from geo.policy import Condition, Criterion, Rule

#: the first letter of each word stands for it: f, u, p of conditions, c, u, r of flags
_WORDS = {"reasons": OUTCOMES, "flags": FLAGGED}
#: what of a candidate's row is one value
_PLAIN = ["verdict", "score", "score_low", "score_high", "rank", "route", "target_codes"]

Question = Mapping[str, Any]


def questions(rule: Rule, found: Judgement) -> list[dict[str, Any]]:
    """What a rule asks, as rows of ``published.questions``: part, place (from 1), asked, factor, points, told.

    ``asked`` is what a record says of every parcel alike; ``factor`` turns the parcel's fact into what is shown, null where
    that is a text; ``points`` are those of a criterion by route, null where it does not count; ``told`` whether everybody may
    read what was found.
    """
    of_criteria: list[list[float | None]] = [[None if p != p else float(p) for p in way] for way in found.points.T]
    return [
        *(_question("reasons", place, asked_of(*each), each[1]) for place, each in enumerate(rule.asked, start=1)),
        *(_question("flags", place, asked_of(None, flag), flag) for place, flag in enumerate(rule.flags, start=1)),
        *(
            _question("contributions", place, counted_of(criterion), criterion) | {"points": points}
            for place, (criterion, points) in enumerate(zip(rule.criteria, of_criteria, strict=True), start=1)
        ),
    ]


def _question(part: str, place: int, asked: dict[str, Any], item: Condition | Criterion) -> dict[str, Any]:
    return {
        "part": part,
        "place": place,
        "asked": asked,
        "factor": None if is_text(item.measure) else to_shown(item.measure, item.unit),
        "points": None,
        "told": not is_restricted(item.measure),
    }


def columns(found: Judgement) -> dict[str, Any]:
    """The columns of ``published.candidates`` that hold outcomes, as Arrow arrays or what makes them block by block."""
    return {
        "way": pa.array(found.way.astype(np.int16)),
        "outcomes": letters(found.codes, OUTCOMES),
        "flagged": letters(found.flagged, FLAGGED),
        "results": lambda start, end: array_texts(
            np.where(np.isnan(found.points[found.way[start:end]]), np.nan, found.results[start:end])
        ),
    }


def letters(codes: Codes, words: Sequence[str]) -> pa.Array:
    """A word's first letter for each of (n, k) codes: n texts of k letters."""
    n, k = codes.shape
    table = np.frombuffer("".join(word[0] for word in words).encode("ascii"), dtype=np.uint8)
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(k)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(table[codes].tobytes()))


def codes_of(told: pa.ChunkedArray, k: int, words: Sequence[str]) -> Codes:
    """The (n, k) codes of n texts of k letters."""
    given = np.frombuffer("".join(told.to_pylist()).encode("ascii"), dtype=np.uint8).reshape(len(told), k)
    table = np.zeros(128, dtype=np.uint8)
    for code, word in enumerate(words):
        table[ord(word[0])] = code
    found: Codes = table[given]
    return found


def array_texts(matrix: Floats) -> pa.Array:
    """Each row of (n, k) numbers as an array of PostgreSQL, NULL where NaN."""
    n, k = matrix.shape
    if not k:
        return pa.repeat("{}", n)
    texts_of = [
        pc.fill_null(pa.array(matrix[:, place], from_pandas=True).cast(pa.string()), "NULL") for place in range(k)
    ]
    return pc.binary_join_element_wise("{", pc.binary_join_element_wise(*texts_of, ","), "}", "")


def questions_of(connection: sa.Connection, db: Database, run_id: int) -> dict[str, list[dict[str, Any]]]:
    """What each rule of a run asked, in order; empty for a run that was made before there were questions."""
    table = db.table("published.questions")
    rows = connection.execute(
        sa.select(table).where(table.c.run_id == run_id).order_by(table.c.rule, table.c.part, table.c.place)
    ).mappings()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["rule"], []).append(dict(row))
    return found


def judged_columns(
    connection: sa.Connection, run_id: int, rule: str, parcels: pd.DataFrame, asked: Sequence[Question] | None
) -> dict[str, Any]:
    """What a rule of a run says of its ``parcels``, by column and in the order of their codes, records included.

    ``asked`` are its questions; ``None`` where the run keeps records whole, as runs did before there were questions.
    """
    kept = "reasons, contributions, flags" if asked is None else "way, outcomes, flagged"
    names = [*_PLAIN, *kept.split(", ")]
    k = 0 if asked is None else sum(each["part"] == "contributions" for each in asked)
    taken = [sql.SQL("c.") + sql.Identifier(name) + sql.SQL("::text" if asked is None and name in kept else "")
             for name in names]  # fmt: skip
    taken += [
        sql.SQL("c.results[{0}] AS {1}").format(place + 1, sql.Identifier(f"result_{place}")) for place in range(k)
    ]
    query = sql.SQL(
        "SELECT {} FROM published.parcels p LEFT JOIN published.candidates c ON c.run_id = p.run_id AND c.rule = %(rule)s"
        " AND c.parcel_code = p.parcel_code WHERE p.run_id = %(run)s ORDER BY p.parcel_code"
    ).format(sql.SQL(", ").join(taken))
    rows = read_table(connection, query, {"rule": rule, "run": run_id})
    plain = to_frame(rows.select(_PLAIN))
    found: dict[str, Any] = {name: plain[name] for name in _PLAIN}
    if asked is None:
        return found | {
            name: [json.loads(text or "null") for text in rows.column(name).to_pylist()] for name in RECORDS
        }
    results = np.full((len(rows), k), np.nan, order="F")
    for place in range(k):
        results[:, place] = rows.column(f"result_{place}").to_numpy()
    return found | _records(parcels, asked, rows, results)


def _records(
    parcels: pd.DataFrame, asked: Sequence[Question], rows: pa.Table, results: Floats
) -> dict[str, pd.api.extensions.ExtensionArray]:
    of = {part: [each for each in asked if each["part"] == part] for part in RECORDS}
    found = {}
    for part, name in (("reasons", "outcomes"), ("flags", "flagged")):
        codes = codes_of(rows.column(name), len(of[part]), _WORDS[part])
        shown = [_shown(parcels, each) for each in of[part]]
        found[part] = records.answered([each["asked"] for each in of[part]], codes, _WORDS[part], shown)
    counted = of["contributions"]
    way = rows.column("way").to_numpy()
    found["contributions"] = records.counted(
        [each["asked"] for each in counted],
        results,
        np.array([each["points"] for each in counted], dtype=np.float64).T[way] if counted else results,
        [_shown(parcels, each) for each in counted],
        hidden=[not each["told"] for each in counted],
    )
    return found


def _shown(parcels: pd.DataFrame, question: Question) -> records.Shown:
    field, factor = question["asked"]["field"], question["factor"]
    # What only some may read is in no published table.
    if field not in parcels:
        return None, None
    if factor is None:
        column = parcels[field]
        # Truth values beside unknown ones come out of JSON as objects.
        truths = pd.api.types.infer_dtype(column, skipna=True) == "boolean"
        return None, texts(pd.DataFrame({field: column.astype("boolean") if truths else column}), field)
    return numbers(parcels, field) * factor, None
