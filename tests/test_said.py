"""Texts in both languages: English where nobody asks, the Chinese with it, through pickles and a job's row."""

from __future__ import annotations

import copy
import pickle

from geo.jobs.records import _read, kept
from geo.said import Said, heard, in_chinese, say


def test_a_text_keeps_its_chinese() -> None:
    said = Said("over 100 mu", "面积大于 100 亩") + Said(": best 3", "：已得 3 分")
    for one in (said, copy.deepcopy(said), pickle.loads(pickle.dumps(said)), _read(kept(said))):
        assert (one, in_chinese(one or "")) == ("over 100 mu: best 3", "面积大于 100 亩：已得 3 分")


def test_a_plain_text_is_itself_in_both() -> None:
    assert in_chinese("branching") == "branching"
    assert kept("branching") == "branching"
    assert _read("branching") == "branching"
    assert _read(None) is None


def test_what_is_said_is_heard_by_whoever_listens_and_by_nobody_else() -> None:
    first: list[str] = []
    second: list[str] = []
    say(Said("to nobody", "无人"))
    with heard(first.append):
        say(Said("one", "一"))
        with heard(second.append):
            say(Said("two", "二"))
        say(Said("three", "三"))
    say(Said("to nobody", "无人"))
    assert (first, second) == (["one", "three"], ["two"])
