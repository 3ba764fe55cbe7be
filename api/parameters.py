"""Parameters of an address that a route does not take are refused: what is ignored in silence looks like an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from geo.said import Said

T = TypeVar("T")


def only_known(request: Request) -> None:
    """Refuse parameters that the route of a request does not take; ``lang`` is every page's.

    Raises
    ------
    RequestValidationError
        One is unknown; the message names those that there are.
    """
    endpoint = request.scope.get("endpoint")
    if getattr(endpoint, "takes_any", False):
        return
    known = sorted({*_taken(request.scope["route"].dependant), "lang"})
    strange = sorted(set(request.query_params) - set(known))
    if not strange:
        return
    more: Said = getattr(endpoint, "instead", Said("", ""))
    told = Said(
        f"There is no such parameter here; there are: {', '.join(known)}.",
        f"没有这个参数；可用的有：{'、'.join(known)}。",
    )
    raise RequestValidationError(
        [{"loc": ("query", name), "msg": told + more, "type": "unknown_parameter"} for name in strange]
    )


def takes_any(endpoint: Any) -> Any:
    """Mark a route whose parameters are names of columns."""
    endpoint.takes_any = True
    return endpoint


def instead(said: Said) -> Callable[[T], T]:
    """What a route says besides to whoever gives it a parameter that it does not take."""

    def mark(endpoint: T) -> T:
        setattr(endpoint, "instead", said)  # noqa: B010 (functions have no such attribute to mypy)
        return endpoint

    return mark


def _taken(dependant: Any) -> Iterator[str]:
    for parameter in dependant.query_params:
        yield parameter.alias
    for one in dependant.dependencies:
        yield from _taken(one)


OnlyKnown = Depends(only_known)
