"""What becomes of clusters from one run to the next."""

from __future__ import annotations

from geo.publish.lineage import follow

AREAS = dict.fromkeys("ABCDEFGH", 10.0)


def told(now: dict[str, str], before: dict[str, str]) -> tuple[dict[str, str], set[tuple[str, str, str, float]]]:
    names, lines = follow({k: list(v) for k, v in now.items()}, {k: list(v) for k, v in before.items()}, AREAS)
    return names, {(d.cluster_id, d.earlier_cluster_id, d.change, d.shared_area_m2) for d in lines}


def test_a_cluster_that_grew_a_little_keeps_its_id() -> None:
    assert told({"new": "ABCD"}, {"old": "ABC"}) == ({"new": "old"}, {("old", "old", "continued", 30.0)})


def test_a_cluster_that_split_gives_its_id_to_the_larger_part_and_both_are_told() -> None:
    names, lines = told({"x": "ABC", "y": "DE"}, {"old": "ABCDE"})
    assert names == {"x": "old", "y": "y"}
    assert lines == {("old", "old", "split", 30.0), ("y", "old", "split", 20.0)}


def test_a_split_into_halves_leaves_nobody_the_old_id() -> None:
    names, _ = told({"x": "AB", "y": "CD"}, {"old": "ABCD"})
    assert names == {"x": "x", "y": "y"}


def test_two_that_merged_are_both_told() -> None:
    names, lines = told({"all": "ABCDE"}, {"p": "ABC", "q": "DE"})
    assert names == {"all": "p"}
    assert lines == {("p", "p", "merged", 30.0), ("p", "q", "merged", 20.0)}


def test_what_shares_nothing_has_no_lineage() -> None:
    assert told({"x": "AB"}, {"old": "GH"}) == ({"x": "x"}, set())


def test_a_parcel_that_is_gone_weighs_nothing() -> None:
    names, lines = follow({"x": ["A"]}, {"old": ["A", "gone"]}, AREAS)
    assert names == {"x": "old"}
    assert [d.change for d in lines] == ["continued"]


def test_two_clusters_never_get_one_id() -> None:
    # {A, B} once gave its id to {A, B, C}; now C, the larger part, has that id, and {A, B} is on its own again.
    names, lines = follow({"ab": ["A", "B"], "c": ["C"]}, {"ab": ["A", "B", "C"]}, {"A": 10.0, "B": 10.0, "C": 50.0})
    assert names["c"] == "ab"
    assert names["ab"] not in ("ab", "c")
    assert {(d.cluster_id, d.change) for d in lines} == {("ab", "split"), (names["ab"], "split")}
