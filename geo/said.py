"""What long work is at and what it comes to, in both languages: a text in English that has the Chinese with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Said(str):
    """English text as any other, with the same in Chinese as ``zh``."""

    zh: str

    def __new__(cls, en: str, zh: str) -> Said:
        made = super().__new__(cls, en)
        made.zh = zh
        return made

    def __reduce__(self) -> tuple[type[Said], tuple[str, str]]:
        return Said, (str(self), self.zh)

    def __add__(self, more: str) -> Said:
        return Said(str(self) + str(more), self.zh + in_chinese(more))


def in_chinese(text: str) -> str:
    """The Chinese of a text that has one, else the text itself."""
    return text.zh if isinstance(text, Said) else text


_listener: ContextVar[Callable[[Said], None] | None] = ContextVar("listener", default=None)


@contextmanager
def heard(by: Callable[[Said], None]) -> Iterator[None]:
    """Within, long work that has nobody to tell how far it is says it to ``by``."""
    before = _listener.set(by)
    try:
        yield
    finally:
        _listener.reset(before)


def say(what: Said) -> None:
    """Say what long work is at, to whoever listens; to nobody it is nothing."""
    listener = _listener.get()
    if listener is not None:
        listener(what)
