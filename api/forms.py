"""Questions that a page's form sends: read, with no more of it than a form of ours has, and checked by their model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from geo.said import Said

Asked = TypeVar("Asked", bound=BaseModel)

#: a form of ours is a few hundred letters; codes of a thousand parcels are 20 kB
_FORM_BYTES = 64_000
_TOO_LONG = Said("the form is too long", "所填内容过长")
_TOO_MANY = Said("the form has too many fields", "所填项目过多")
#: one code of a text: in quotes, else up to what stands between codes
_BETWEEN = re.compile(r"[\s,，、;；]")
_ONE = re.compile(r"""["“”]([^"“”]+)["“”]|([^\s,，、;；"“”]+)""")


async def sent_fields(request: Request, *, most: int = 100) -> dict[str, str]:
    """What the form says, ``most`` fields at most; several values of one name are one text, and empty ones are left out.

    Raises
    ------
    RequestValidationError
        The form is too long.
    """
    sent = b""
    async for part in request.stream():
        sent += part
        if len(sent) > _FORM_BYTES:
            raise RequestValidationError([{"loc": ("body",), "msg": _TOO_LONG, "type": "too_long"}])
    try:
        fields = parse_qs(sent.decode("utf-8", "replace"), keep_blank_values=False, max_num_fields=most)
    except ValueError:
        raise RequestValidationError([{"loc": ("body",), "msg": _TOO_MANY, "type": "too_long"}]) from None
    return {name: " ".join(values) for name, values in fields.items()}


async def sent_question(request: Request, model: type[Asked], *, most: int = 100) -> Asked:
    """What the form says, as its model reads it.

    Raises
    ------
    RequestValidationError
        The form is too long, or cannot be asked.
    """
    fields = await sent_fields(request, most=most)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def nothing(value: object) -> object:
    """An empty text is nothing said."""
    return None if value == "" else value


def taken_apart(text: str) -> list[str]:
    """The codes in a text as somebody types them; what stands in quotes is one."""
    return ["".join(found) for found in _ONE.findall(text)]


def codes_typed(value: object) -> object:
    """Codes in one text are taken apart; what a program sends as a list is left as it is."""
    return taken_apart(value) if isinstance(value, str) else value


def put_together(codes: Iterable[str]) -> str:
    """The text that is taken apart into these codes."""
    return " ".join(f'"{code}"' if _BETWEEN.search(code) else code for code in codes)
