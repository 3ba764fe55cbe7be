"""The documentation says what the program says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md")]


def test_the_page_of_columns_is_made_from_the_catalogue() -> None:
    space: dict[str, object] = {"__name__": "page", "__file__": str(ROOT / "scripts" / "write_field_page.py")}
    exec((ROOT / "scripts" / "write_field_page.py").read_text(encoding="utf-8"), space)
    made = space["page"]()  # type: ignore[operator]
    assert (ROOT / "docs" / "fields.md").read_text(encoding="utf-8") == made, "run scripts/write_field_page.py"


def test_the_pages_of_rules_and_measures_are_made_from_the_policy_and_the_catalogue() -> None:
    file = ROOT / "scripts" / "write_rule_pages.py"
    space: dict[str, object] = {"__name__": "pages", "__file__": str(file)}
    exec(file.read_text(encoding="utf-8"), space)
    made = space["pages"]()  # type: ignore[operator]
    assert {path: path.read_text(encoding="utf-8") for path in made} == made, "run scripts/write_rule_pages.py"
    # A rule that is gone leaves no page behind.
    assert set((ROOT / "docs" / "rules").glob("*.md")) == {path for path in made if path.parent.name == "rules"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_documentation_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documentation_exist(page: Path) -> None:
    import typer.main

    from api.cli import app

    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    said = set(re.findall(r"shuangbei (?:--database \S+ )?([a-z]+)\b", page.read_text(encoding="utf-8")))
    assert said <= known | {"at", "is"}
