"""What is wrong with a question, field by field and in both languages: as the checks of its model have it, or ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.text import field_title
from geo.said import Said, in_chinese
from maps.text import Lang


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the field (empty: the question as a whole), what is wrong, and what to do."""

    field: str
    message: str
    hint: str = ""
    #: whether the field is one that a form has a title for, and not a name that somebody made up
    is_titled: bool = True

    def told(self, lang: Lang) -> dict[str, str]:
        """The fault in one language, as an answer has it."""
        said = {name: in_chinese(text) if lang == "zh" else str(text) for name, text in self._texts().items()}
        return {"field": self.field} | said

    def sentence(self, lang: Lang) -> str:
        """The fault as one text, the field called as the pages call it."""
        told = self.told(lang)
        title = field_title(self.field, lang) if self.is_titled else self.field
        mark = "：" if lang == "zh" else ": "
        gap = "" if lang == "zh" else " "
        return f"{title}{mark if title else ''}{told['message']}{gap + told['hint'] if 'hint' in told else ''}"

    def _texts(self) -> dict[str, str]:
        return {"message": self.message} | ({"hint": self.hint} if self.hint else {})


class RefusedError(Exception):
    """A question that cannot be asked, with everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.sentence("en") for fault in self.faults))


_NO_FIELD = ("extra_forbidden", "unknown_parameter")
#: by the type of a fault that pydantic finds: what it is in Chinese, with the limit in it
_CHINESE = {
    "missing": "必须填写",
    "extra_forbidden": "没有这个参数",
    "unknown_parameter": "没有这个参数",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "string_too_long": "文字过长，最多 {max_length} 字",
    "string_too_short": "文字过短，至少 {min_length} 字",
    "string_pattern_mismatch": "不是可用的选项",
    "literal_error": "不是可用的选项，可选：{expected}",
    "enum": "不是可用的选项，可选：{expected}",
    "too_long": "内容过多",
    "too_short": "内容过少",
    "finite_number": "不是可用的数值",
    "json_invalid": "不是 JSON",
}
#: by how the type of such a fault begins
_CHINESE_OF_KIND = (
    (("int_", "float_", "decimal_"), "不是可用的数值"),
    (("date_", "datetime_", "timezone_"), "不是可用的日期，写作 2026-12-31"),
    (("bool_",), "应为是或否"),
    (("list_", "dict_", "model_", "set_", "tuple_"), "格式不对"),
    (("string_",), "应为文字"),
)


def of_model(errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """The faults that the checks of a model or of a route's parameters found."""
    return [Fault(_field(fault["loc"]), _message(fault), is_titled=fault["type"] not in _NO_FIELD) for fault in errors]


def _field(place: Sequence[str | int]) -> str:
    """The innermost field of a place in what was sent, not the number of one of its items."""
    return next((part for part in reversed(place) if isinstance(part, str)), "")


def _message(fault: Mapping[str, Any]) -> str:
    message, kind = fault["msg"], str(fault["type"])
    if isinstance(message, Said):
        return message
    if isinstance(said := (fault.get("ctx") or {}).get("said"), Said):
        return said
    template = _CHINESE.get(kind) or next(
        (text for begins, text in _CHINESE_OF_KIND if kind.startswith(begins)), "这个值无法使用"
    )
    limits = {
        name: f"{value:,.10g}" if isinstance(value, float) else value
        for name, value in (fault.get("ctx") or {}).items()
    }
    try:
        return Said(str(message), template.format(**limits))
    except (KeyError, IndexError):
        return Said(str(message), "这个值无法使用")
