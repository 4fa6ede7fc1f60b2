"""JSON back into the domain's frozen dataclasses, with nothing but the standard library.

Invariant: what is returned has the types that its class declares; anything else is a :class:`ValueError`. Unknown names
are ignored, so that evidence of a newer console can still be read; missing ones have to have a default.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def read(kind: type[T], value: object) -> T:
    """An instance of a dataclass from its JSON. Raises :class:`ValueError`."""
    try:
        made = _read(kind, value)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"this is no {kind.__name__}: {error}") from error
    read_value: T = made
    return read_value


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401 - whatever a field is declared as
    if kind is Any:
        return value
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _read_union(get_args(kind), value)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in _of(list, value))
    if origin is dict:
        return dict(_of(dict, value))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        known = {name: _read(hints[name], each) for name, each in _of(dict, value).items() if name in hints}
        return kind(**known)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if kind is datetime:
        return _moment(value)
    if kind is float and type(value) is int:
        return float(value)
    return _of(kind, value)


def _read_union(kinds: tuple[Any, ...], value: object) -> object:
    if value is None and type(None) in kinds:
        return None
    (kind,) = (each for each in kinds if each is not type(None))
    return _read(kind, value)


def _of(kind: type[T], value: object) -> T:
    # A truth value is an int to Python, and none here.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{str(value)[:40]!r} stands where {kind.__name__} is expected")
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_of(str, value))
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


@functools.cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
