"""What is wrong with a policy, told of the very key: where the whole is checked, the part that is at fault is named."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from geo.errors import PolicyError
from geo.policy.lines import Path as KeyPath
from geo.policy.lines import dotted, key_lines, line_of


class KeyFaultError(ValueError):
    """One or more faults, each with the path of its key below what was checked; pydantic takes it as a ``ValueError``."""

    def __init__(self, *faults: tuple[KeyPath, str]) -> None:
        super().__init__("; ".join(f"{dotted(path)}: {told}" for path, told in faults))
        self.faults = faults


def told_faults(error: ValidationError, text: str) -> list[str]:
    """Each fault as a line of a message: the line of ``text`` on which its key stands, the key, and what is wrong."""
    lines = key_lines(text)
    found = []
    for fault in error.errors():
        raised = (fault.get("ctx") or {}).get("error")
        said = _no_such_key(fault["loc"][-1]) if fault["type"] == "extra_forbidden" else fault["msg"]
        given: tuple[tuple[KeyPath, str], ...] = (((), said.removeprefix("Value error, ")),)
        for below, told in raised.faults if isinstance(raised, KeyFaultError) else given:
            path = (*fault["loc"], *below)
            line = line_of(lines, path)
            found.append(f"{dotted(path) if line is None else f'line {line}, {dotted(path)}'}: {told}")
    return list(dict.fromkeys(found))


def _no_such_key(key: Any) -> str:
    """That a section has no such key, and which one is probably meant."""
    from geo.policy.settings import Frozen  # not above: settings tells its faults by this room

    classes, known = [Frozen], set[str]()
    while classes:
        one = classes.pop()
        known |= set(one.model_fields)
        classes += one.__subclasses__()
    near = get_close_matches(str(key), known, n=1)
    return f"there is no such key here{f'; {near[0]} may be meant' if near else ''}"


def policy_text(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a policy file, and what TOML reads in it.

    Raises
    ------
    PolicyError
        It cannot be read, is not saved as UTF-8, or is no sound TOML.
    """
    try:
        # Editors on Windows begin a file with a byte-order mark, which is no part of it.
        text = path.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text)
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror or error}.", "Check that it may be read.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PolicyError(
            f"{path.name} is not saved as UTF-8 (line {line}){_looks_like(error.object)}.",
            "Open it in an editor, save it with the encoding UTF-8 (in Notepad: 另存为 → 编码 → UTF-8), and check it again.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(
            f"{path.name} is not sound TOML: {error}{_line_told(text, error)}.", "Mend that line."
        ) from None


def _line_told(text: str, error: tomllib.TOMLDecodeError) -> str:
    """The line at which reading stopped as it stands in the file, where the error says one."""
    found = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    return f": {lines[int(found[1]) - 1].strip()}" if found and int(found[1]) <= len(lines) else ""


def _looks_like(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ", but as UTF-16 (“Unicode”)"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return ", but probably as GB18030 (GBK, “ANSI”), as editors on Chinese Windows do by themselves"
