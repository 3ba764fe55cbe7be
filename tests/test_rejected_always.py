"""Whatever order files, undos, retries and dismissals come in: a code is open exactly where the last word on it was no."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from intake_files import EAST, NORTH, table
from mending import give_out, mend
from registry_states import MAPPING, empty

import geo
from geo.database import Database
from geo.errors import UndoError
from geo.intake import dismiss, load, retry, undo
from geo.intake.invariants import invariants

CODES = ("A", "B", "C")
BAD, GOOD = ("file", [False] * 3), ("file", [True] * 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.lists(st.booleans(), min_size=3, max_size=3)),
        st.tuples(st.just("undo"), st.integers(0, 20)),
        st.tuples(st.just("dismiss"), st.sampled_from(CODES)),
        st.tuples(st.just("mend"), st.sampled_from(CODES)),
        st.tuples(st.just("mend_badly"), st.sampled_from(CODES)),
    ),
    min_size=1,
    max_size=7,
)


class Office:
    """What the registry should say, kept as a list of what was done: the oracle looks back from the end."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.words: dict[int, dict[str, bool]] = {}  # import → code → whether it was good
        self.undoes: dict[int, int] = {}
        self.dismissed: set[tuple[int, str]] = set()
        self.n = 0

    def in_force(self, number: int) -> bool:
        return not any(self.in_force(one) for one, target in self.undoes.items() if target == number)

    def open(self) -> set[tuple[int, str]]:
        found = set()
        for code in CODES:
            said = [number for number, word in self.words.items() if code in word and self.in_force(number)]
            last = max(said, default=None)
            if last is not None and not self.words[last][code] and (last, code) not in self.dismissed:
                found.add((last, code))
        return found

    def file(self, good: list[bool]) -> None:
        self.n += 1
        waiting = {code for _, code in self.open()}
        lines = ["code,name,gfa,use,wkt"]
        for i, (code, fine) in enumerate(zip(CODES, good, strict=True)):
            x = EAST + 200 * i
            ring = f"{x} {NORTH}, {x + 100} {NORTH}, {x + 100} {NORTH + 100}, {x} {NORTH + 100}, {x} {NORTH}"
            lines.append(f'{code},{self.n},{"5" if fine else "约5"},C8,"POLYGON (({ring}))"')
        path, plan = self.folder / "rows.csv", self.folder / "rows.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        plan.write_text(MAPPING, encoding="utf-8")
        report = load(self.db, path, kind="parcels", mapping=plan, effective=date(2024, 1, 1), accept_valid=True)
        assert report.import_id is not None
        word = self.words[report.import_id] = dict(zip(CODES, good, strict=True))
        assert report.counts.get("settled", 0) == sum(word[code] for code in waiting)

    def undo(self, which: int) -> None:
        numbers = sorted({*self.words, *self.undoes})
        if not numbers:
            return
        target = numbers[which % len(numbers)]
        before = self.open()
        with suppress(UndoError):
            report = undo(self.db, target)
            self.undoes[report.import_id] = target
            assert report.counts.get("reopened", 0) == len(
                {(number, code) for number, code in self.open() - before if number < target}
                if target in self.words
                else ()
            )

    def mend(self, code: str, cell: object = 5) -> None:
        rows = geo.rejected(self.db)
        chosen = rows[rows["key"] == code]
        if chosen.empty:
            return
        others = tuple(rows[rows["key"] != code]["rejected_id"])
        path = mend(give_out(self.db, self.folder), {chosen["rejected_id"].iat[0]: {"gfa": cell}}, drop=others)
        (report,) = retry(self.db, path, accept_valid=True).reports
        assert report.import_id is not None
        self.words[report.import_id] = {code: cell == 5}

    def mend_badly(self, code: str) -> None:
        self.n += 1
        self.mend(code, f"约{self.n}x")

    def dismiss(self, code: str) -> None:
        rows = geo.rejected(self.db)
        chosen = rows[rows["key"] == code]
        if not chosen.empty:
            dismiss(self.db, chosen["rejected_id"].tolist(), why="道路")
            self.dismissed |= {(number, code) for number in chosen["import_id"]}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=[BAD, BAD, GOOD])
@example(steps=[BAD, BAD, BAD, ("undo", 1)])
@example(steps=[BAD, ("undo", 0), BAD, ("undo", 1)])
@example(steps=[BAD, BAD, GOOD, ("undo", 1), ("undo", 2)])
@example(steps=[BAD, ("mend_badly", "A"), GOOD, ("undo", 1)])
@example(steps=[BAD, ("mend", "A"), ("undo", 1), ("dismiss", "A"), ("undo", 2)])
def test_a_code_is_open_exactly_where_the_last_import_in_force_that_has_it_rejected_it(
    db: Database, tmp_path: Path, steps: list[tuple[str, Any]]
) -> None:
    empty(db)
    office = Office(db, tmp_path)
    for name, argument in steps:
        getattr(office, name)(argument)
        rows = geo.rejected(db)
        assert set(zip(rows["import_id"], rows["key"], strict=True)) == office.open()
        assert invariants(db) == []
    assert table(db, "SELECT count(*) FROM registry.rejected_rows").iat[0, 0] == sum(
        not good for word in office.words.values() for good in word.values()
    )
