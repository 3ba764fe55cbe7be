"""What is said where a scenario cannot be saved, found or compared, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from geo.errors import NotFoundError, ScenarioError
from geo.said import Said

_NAMED = 5
_ANOTHER = Said("Give it another.", "请另取名称。")


def not_open(missing: Sequence[str], run_id: int) -> NotFoundError:
    """Measures are asked for that a run does not have."""
    are = "is" if len(missing) == 1 else "are"
    return NotFoundError(
        Said(
            f"{some(missing)} {are} not open in run {run_id}.",
            f"运行 {run_id} 中没有这些可采取的措施：{some(missing)}。",
        ),
        Said(
            "`shuangbei scenarios --open` lists what is.",
            "可采取的措施见 `shuangbei scenarios --open`，或在本页列出后勾选。",
        ),
    )


def no_such(name: str, there: Sequence[str]) -> NotFoundError:
    """There is no scenario of that name."""
    if there:
        hint = Said(f"Scenarios: {some(there)}.", f"已有：{some(there)}。")
    else:
        hint = Said("Save one: `shuangbei scenarios NAME --save --measure ID`.", "请先保存一个。")
    return NotFoundError(Said(f"There is no scenario {name!r}.", f"没有名为“{name}”的情景方案。"), hint)


def wrong_length(name: str, longest: int) -> ScenarioError:
    """A name that no page and no file can bear."""
    return ScenarioError(
        Said(
            f"A scenario has a name of 1 to {longest} characters; this one has {len(name)}.",
            f"方案名称须有 1 至 {longest} 个字符，现有 {len(name)} 个。",
        ),
        _ANOTHER,
    )


def means_registry(name: str) -> ScenarioError:
    """A name that asks for the registry as it is."""
    return ScenarioError(
        Said(
            f"{name!r} is the registry as it is, and no name for a scenario.", f"“{name}”指登记现状，不能用作方案名称。"
        ),
        _ANOTHER,
    )


def same_land(pairs: Sequence[tuple[str, str]]) -> ScenarioError:
    """Pairs of measures that use the same square metres."""
    one, other = pairs[0]
    more, zh = (f" {len(pairs)} pairs do in all.", f"（共 {len(pairs)} 对）") if len(pairs) > 1 else ("", "")
    return ScenarioError(
        Said(
            f"{one} and {other} use the same square metres, so they cannot both be done.{more}",
            f"{one} 与 {other} 使用同一建筑面积，不能同时采取{zh}。",
        ),
        Said("Leave one of the two out.", "请去掉其中一项。"),
    )


def taken(name: str) -> ScenarioError:
    """There is a scenario of that name."""
    return ScenarioError(
        Said(f"There is a scenario {name!r} already.", f"已有名为“{name}”的情景方案。"),
        Said("Take another name, or replace it (replace=True, --replace).", "请改用其他名称，或选择替换同名方案。"),
    )


def nothing_named() -> ScenarioError:
    """Two are to be compared, and none is named."""
    return ScenarioError(
        Said("Nothing is named to be compared.", "没有指定要对比的方案。"),
        Said("Name one scenario, or two.", "请指定一个或两个方案。"),
    )


def other_runs(first: str, second: str, runs: Iterable[int], older: str) -> ScenarioError:
    """Two that lie over different runs."""
    numbers = [str(run) for run in sorted(runs)]
    return ScenarioError(
        Said(
            f"{first!r} and {second!r} lie over different runs ({', '.join(numbers)}).",
            f"“{first}”与“{second}”依据不同的运行（{'、'.join(numbers)}），不能直接对比。",
        ),
        Said(
            f"Take up the older one on the current run: `shuangbei scenarios {older} --take-up`.",
            f"请先将较早的“{older}”在当前运行上重新落实。",
        ),
    )


def some(names: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
