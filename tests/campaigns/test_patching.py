"""Replacing a part of the product that does not exist fails at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns import bugs, inbound_child
from tests.campaigns.patching import NothingToReplace, replace


class Product:
    """A class with parts to replace."""

    patience = 5.0

    def act(self, what: str, *, often: int = 1) -> None:
        """Return its argument."""


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(NothingToReplace, match="has no acts"):
        replace(Product, "acts", lambda self, what, often=1: None)
    with pytest.raises(NothingToReplace, match="patience"):
        replace(Product, "patience", None)


@pytest.mark.parametrize("wrong", [lambda self: None, lambda self, what: None, lambda self, thing, often=1: None])
def test_an_unknown_parameter_is_refused(wrong: Any) -> None:
    with pytest.raises(NothingToReplace, match="takes"):
        replace(Product, "act", wrong)


def test_a_replacement_that_fits_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Product, "act", Product.act)
    replace(Product, "act", lambda self, what, *, often=1: what)
    assert Product().act("this") == "this"  # type: ignore[func-returns-value]


def test_every_bug_that_a_campaign_names_exists() -> None:
    names = {*bugs.BUGS, *inbound_child.BUGS}
    files = Path(__file__).parent.glob("test_*bound*.py")
    asked = {name for file in files for name in re.findall(r'bug="([^"]+)"', file.read_text("utf-8"))}
    assert asked and asked <= names


@pytest.mark.parametrize(
    ("module", "name"),
    [pytest.param(module, name, id=name) for module in (bugs, inbound_child) for name in module.BUGS],
)
def test_every_planted_bug_still_replaces_something(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[tuple[Any, str]] = []

    def check(owner: Any, attribute: str, replacement: Any) -> None:
        original = getattr(owner, attribute, None)
        replace(owner, attribute, replacement)
        setattr(owner, attribute, original)
        places.append((owner, attribute))

    monkeypatch.setattr(module, "replace", check)
    module.BUGS[name]()
    assert places
