"""The readable text of what is stored about a member (R36)."""

from __future__ import annotations

import json
from typing import Any

from domain.goods import Item
from handlers.localization import Localizer
from handlers.views.privacy_file import ReadableText, StoredJson, item_ids
from tests.handlers.conftest import NOW, item, localizer_in

NOTHING: dict[str, list[dict[str, Any]]] = {
    name: [] for name in ("spendings", "grants", "votes", "follows", "canvass_links", "shown", "notifications")
}
STORED = {
    **NOTHING,
    "spendings": [{"amount_fen": 763_00, "spent_on": "2026-01-05"}],
    "grants": [{"at": NOW, "ballots": 3, "reason": "Thank you"}],
    "votes": [
        {"item_id": 7, "cast_at": NOW, "taken_back_at": None},
        {"item_id": 8, "cast_at": NOW, "taken_back_at": NOW},
        {"item_id": 9, "cast_at": NOW, "taken_back_at": None, "returned_at": NOW},
    ],
    "canvass_links": [{"item_id": 7, "created_at": NOW, "used": used} for used in (True, False, False)],
    "shown": [{"item_id": 7}],
}


def readable(stored: dict[str, list[dict[str, Any]]], known: dict[int, Item], localizer: Localizer) -> str:
    """The text from parts of one row each."""
    text = ReadableText(localizer)
    parts = [text.part(table, part, known) for table, rows in stored.items() for part in ([], *([row] for row in rows))]
    return "".join((text.head(), *parts, text.end()))


def test_it_has_titles_local_times_and_yuan_and_sums_up_prepared_links() -> None:
    assert item_ids(STORED["votes"]) == {7, 8, 9}
    said = readable(STORED, {7: item(), 8: item(title_en="Tin")}, localizer_in("en"))
    assert "- 2026-01-05: ¥763\n" in said and "3 · Thank you" in said
    assert said.count("- Tue 24 Nov 2026, 10:00: Glass teapot\n") == 2, "the vote and the one link that was used"
    assert "#9 · no group came of it; your ballot came back Tue 24 Nov 2026, 10:00" in said
    assert "Tin · taken back Tue 24 Nov 2026, 10:00" in said and "2 links that were only prepared" in said


def test_what_is_not_there_is_said_and_unknown_goods_have_their_number(localizer: Localizer) -> None:
    assert localizer.text("privacy-list-none") in readable(NOTHING, {}, localizer)
    assert "#7" in readable(STORED, {}, localizer)


def test_the_file_for_programs_is_the_same_in_whatever_parts_it_is_written() -> None:
    everything = StoredJson()
    parts = [everything.part(name, part) for name, rows in STORED.items() for part in (rows[:1], rows[1:])]
    assert "".join((*parts, everything.end())) == json.dumps(STORED, ensure_ascii=False, indent=2, default=str)
