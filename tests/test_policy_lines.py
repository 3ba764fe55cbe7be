"""Where a key of a policy file stands: the scanner against tomllib's own reading, and faults told with their line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import PolicyError
from geo.policy import policy
from geo.policy.lines import key_lines, line_of
from geo.settings import data_dir

WRITTEN = '''# a remark = [not a table]
title = "a # b = [c]"
long = """
[no.table]
key = "no key"
"""
raw = \'\'\'
x = 1 \'\'\'
when = 1979-05-27 07:32:00
"odd.key" . inner = 1

[a.b]   # trailing
list = [ 1, # one
  "two, ]", { p = 3, q.r = [4] },
]

[[a.rows]]
id = "first"
[[a.rows]]
id = "second"
[a.rows.sub]
x = {}
  [[a.rows.deep]]
  y = true
  [[a.rows.deep]]
  y = false
[[a.rows]]
[a]
z = []
'''


def paths(node: Any, at: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    """Every path of what tomllib read, by plain walking."""
    found: dict[tuple[str | int, ...], Any] = {at: node} if at else {}
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        found |= paths(child, (*at, key))
    return found


def test_every_key_has_the_line_on_which_one_reads_it() -> None:
    lines = key_lines(WRITTEN)
    assert set(lines) == set(paths(tomllib.loads(WRITTEN)))
    told = {
        ("title",): 2,
        ("long",): 3,
        ("raw",): 7,
        ("when",): 9,
        ("odd.key", "inner"): 10,
        ("a", "b"): 12,
        ("a", "b", "list"): 13,
        ("a", "b", "list", 1): 14,
        ("a", "b", "list", 2, "q", "r", 0): 14,
        ("a", "rows", 0): 17,
        ("a", "rows", 1, "id"): 20,
        ("a", "rows", 1, "sub", "x"): 22,
        ("a", "rows", 1, "deep", 0, "y"): 24,
        ("a", "rows", 1, "deep", 1, "y"): 26,
        ("a", "rows", 2): 27,
        ("a",): 28,
        ("a", "z"): 29,
    }
    assert {path: lines[path] for path in told} == told


@pytest.mark.parametrize("file", sorted((data_dir() / "policy").glob("*.toml")), ids=lambda file: file.stem)
def test_every_key_of_a_policy_stands_on_the_line_that_names_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines, rows = key_lines(text), text.splitlines()
    found = paths(tomllib.loads(text))
    assert set(lines) == set(found)
    for path, number in lines.items():
        name = next(str(key) for key in reversed(path) if isinstance(key, str))
        if isinstance(path[-1], str):
            assert name in rows[number - 1], path
    assert len(lines) > 100


_KEY = st.text("abc_-é \"'.#[]=", min_size=1, max_size=6)
_PLAIN = st.one_of(
    st.integers(-5, 5), st.booleans(), st.floats(-3, 3), st.text("ab\"'\\\n#]},= é", max_size=8)
)  # fmt: skip
_TREE = st.recursive(_PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEY, inner, max_size=3))


def written(value: Any) -> str:
    """A value as TOML, in the plainest way."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join({"\\": "\\\\", '"': '\\"', "\n": "\\n"}.get(c, c) for c in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {written(item)}" for key, item in value.items()) + "}"
    return repr(value)


@given(st.lists(st.tuples(_KEY, _TREE), min_size=1, max_size=6, unique_by=lambda pair: pair[0]), st.data())
def test_whatever_stands_in_values_moves_no_key_to_another_line(
    pairs: list[tuple[str, Any]], data: st.DataObject
) -> None:
    text, expected = "", {}
    for key, value in pairs:
        text += data.draw(st.sampled_from(["", "\n", "# = [x]\n", "  \n"]))
        expected[key] = text.count("\n") + 1
        text += f"{written(key)} = {written(value)}\n"
    lines = key_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    for path, number in lines.items():
        assert number == expected[str(path[0])]


def test_a_fault_is_told_with_its_line_and_a_missing_key_where_it_is_missing(tmp_path: Path) -> None:
    text = (data_dir() / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
    rows = text.splitlines()
    wrong = next(n for n, row in enumerate(rows, 1) if row == 'measure = "office_share"')
    header = next(n for n, row in enumerate(rows, 1) if row == "[[rules.industrial_to_rnd.criteria]]")
    weight = next(n for n, row in enumerate(rows[header:], header + 1) if row.startswith("weight"))
    lane = next(n for n, row in enumerate(rows, 1) if row.startswith("lane_width"))
    rows[wrong - 1] = 'measure = "offices"'
    rows[weight - 1] = "# no weight"
    rows[lane - 1] = rows[lane - 1].replace('unit = "m"', 'unit = "亩"')
    file = tmp_path / "broken.toml"
    file.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        policy(file)
    said = str(caught.value)
    assert "3 fault(s)" in said
    assert f"line {wrong}, rules.office_to_rnd.conditions.1.measure: unknown measure 'offices'" in said
    assert f"line {header}, rules.industrial_to_rnd.criteria.0.weight: Field required" in said
    assert f"line {lane}, clusters.lane_width: unit '亩' is one of area" in said


def test_a_path_that_is_not_there_is_told_where_its_holder_stands() -> None:
    lines = key_lines("[a]\nb = 1\n")
    assert line_of(lines, ("a", "c", "d")) == 1
    assert line_of(lines, ("x",)) is None


def broken(tmp_path: Path, old: str, new: str) -> str:
    text = (data_dir() / "policy" / "hongkou-2025.toml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError) as told:
        policy(file)
    return str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("weight = 3", "weight = 3\nweigth = 2", ".weigth: there is no such key here; weight may be meant"),
        ("direction = ", "directoin = ", ".directoin: there is no such key here; direction may be meant"),
        ("weight = 3", "weight = 3\nxyzzy = 2", ".xyzzy: there is no such key here\n"),
    ],
)
def test_a_key_that_there_is_not_is_told_with_the_one_that_is_probably_meant(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert told in broken(tmp_path, old, new)


def test_where_toml_itself_is_broken_the_line_is_shown_as_it_stands(tmp_path: Path) -> None:
    said = broken(tmp_path, "effective_to = 2026-12-31", "effective_to = 2026-13-01")
    assert "at line 10" in said
    assert ": effective_to = 2026-13-01." in said
