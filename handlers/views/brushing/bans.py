"""The organiser's desk for bans: which shops are out, and until when (R29)."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.callbacks import back_row, desk_data, open_pager
from handlers.localization import Localizer
from handlers.screen import Button, Row, Screen
from handlers.views.mine import told_apart
from services.brushing.case_files import StoredBan


def bans_screen(bans: Sequence[StoredBan], page: int, size: int, localizer: Localizer) -> Screen:
    """The bans in force, a page of `size`, the one that ends first first. A button leads to the case of each."""
    first = page * size
    shown = bans[first : first + size]
    lines = [_line(place, ban, localizer) for place, ban in enumerate(shown, first + 1)]
    text = "\n\n".join((localizer.html("bans"), "\n".join(lines) if lines else localizer.html("bans-none")))
    labels = told_apart([ban.shop for ban in shown])
    rows: list[Row] = [
        (Button(f"{place}. {label}", data=desk_data("case", ban.case_id)),)
        for place, (label, ban) in enumerate(zip(labels, shown, strict=True), first + 1)
    ]
    rows += open_pager(page, len(bans) > first + size, lambda number: desk_data("bans", page=number))
    return Screen(text, (*rows, back_row(localizer, "cases")))


def _line(place: int, ban: StoredBan, localizer: Localizer) -> str:
    months = localizer.text("case-months", number=ban.months)
    until, case = localizer.moment(ban.ends_at), str(ban.case_id)
    line = localizer.html("bans-line", place=place, shop=ban.shop, months=months, until=until, case=case)
    if not ban.waits:
        return line
    asked = localizer.text("case-months", number=ban.asked_months)
    return f"{line}\n    {localizer.html('case-ban-asked', months=asked)}"
