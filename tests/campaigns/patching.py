"""Replaces a part of the product in a process of a campaign, and fails if that part does not exist."""

from __future__ import annotations

import inspect
from typing import Any


class NothingToReplace(AssertionError):
    """The product has no such name, or the replacement takes other parameters: the planted bug would have no effect."""


def replace(owner: Any, name: str, replacement: Any) -> None:
    """Replace an existing attribute of a class or a module by a value of the same kind.

    A function must accept the parameters of the one that it replaces. Its own `_name` stands for any parameter.
    Raises NothingToReplace.
    """
    if not hasattr(owner, name):
        raise NothingToReplace(f"{owner.__name__} has no {name}")
    original = getattr(owner, name)
    if callable(original):
        _check_parameters(f"{owner.__name__}.{name}", inspect.signature(original), inspect.signature(replacement))
    elif type(original) is not type(replacement):
        raise NothingToReplace(f"{owner.__name__}.{name} is {original!r}, not of the kind of {replacement!r}")
    setattr(owner, name, replacement)


def _check_parameters(name: str, original: inspect.Signature, replacement: inspect.Signature) -> None:
    parameters = [one for one in original.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    by_position = [one for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    kinds = [one.kind for one in replacement.parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL not in kinds:  # optional parameters may be passed by name
        by_position = by_position[: kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    by_name = [one for one in parameters if one not in by_position]
    try:
        bound = replacement.bind(*by_position, **{one.name: one for one in by_name})
    except TypeError as error:
        raise NothingToReplace(f"{name} takes {original}, what replaces it {replacement}: {error}") from None
    for taken, parameter in bound.arguments.items():
        if isinstance(parameter, inspect.Parameter) and not taken.startswith("_") and taken != parameter.name:
            raise NothingToReplace(f"{name} takes {parameter}, what replaces it calls that {taken}")
