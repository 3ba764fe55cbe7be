"""Questions that a page's form sends: read, with no more of it than a form of ours has, and checked by their model."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Asked = TypeVar("Asked", bound=BaseModel)

#: a form of ours is a few hundred letters; codes of a thousand parcels are 20 kB
_FORM_BYTES = 64_000


async def sent_question(request: Request, model: type[Asked], *, most: int = 100) -> Asked:
    """What the form says, ``most`` fields at most; several values of one name are one text, and empty ones are left out.

    Raises
    ------
    RequestValidationError
        The form is too long, or cannot be asked.
    """
    sent = b""
    async for part in request.stream():
        sent += part
        if len(sent) > _FORM_BYTES:
            raise RequestValidationError([{"loc": ("body",), "msg": "the form is too long", "type": "too_long"}])
    try:
        fields = parse_qs(sent.decode("utf-8", "replace"), keep_blank_values=False, max_num_fields=most)
    except ValueError:
        raise RequestValidationError(
            [{"loc": ("body",), "msg": "the form has too many fields", "type": "too_long"}]
        ) from None
    try:
        return model.model_validate({name: " ".join(values) for name, values in fields.items()})
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def nothing(value: object) -> object:
    """An empty text is nothing said."""
    return None if value == "" else value


def taken_apart(value: object) -> object:
    """Codes in one text, as somebody types them, are taken apart."""
    if isinstance(value, str):
        return [code for code in re.split(r"[\s,，、;；]+", value) if code]
    return value
