"""What a shop is told of a confirmed case, as a text to copy (R29). It names no member and no account."""

from __future__ import annotations

from domain.people import LANGUAGES
from handlers.localization import Localizer
from services.brushing.appeals import ShopNotice


def notices_to_shop(notice: ShopNotice, reader: Localizer) -> list[str]:
    """The notice in every language, that of its reader first: no one knows which one the shop reads."""
    languages = sorted(LANGUAGES, key=lambda language: language != reader.language)
    return [notice_to_shop(notice, Localizer.for_anyone(each, reader.zone, reader.now)) for each in languages]


def notice_to_shop(notice: ShopNotice, localizer: Localizer) -> str:
    """What was decided and why, how long the ban lasts, and how to appeal until when; as plain text."""
    case = notice.case
    title = (case.title_en or case.title) if localizer.language == "en" else case.title
    granted = case.appeal is not None and case.appeal.granted
    lines = [
        localizer.text("shop-notice-about", shop=case.shop, title=title, ref=case.ref, number=case.id),
        localizer.text(
            "shop-notice-decided-once" if granted else "shop-notice-decided",
            moment=localizer.exact(case.decided_at),
            void=case.void,
            counted=case.counted,
            reason=case.reason,
        ),
        *(() if granted else _ban(notice, localizer)),
        *_appeal(notice, localizer),
    ]
    return "\n\n".join(lines)


def _ban(notice: ShopNotice, localizer: Localizer) -> list[str]:
    ban = notice.case.ban
    if ban is None:
        return []
    if ban.ends_at <= localizer.now:
        return [localizer.text("shop-notice-ban-over", ends=localizer.exact(ban.ends_at))]
    good, ends = "open" if notice.group_is_open else "out", localizer.exact(ban.ends_at)
    lines = [localizer.text("shop-notice-ban", good=good, months=ban.months, ends=ends)]
    if ban.waits:
        lines.append(localizer.text("shop-notice-ban-asked", months=ban.asked_months))
    return lines


def _appeal(notice: ShopNotice, localizer: Localizer) -> list[str]:
    appeal = notice.case.appeal
    until = localizer.exact(notice.appeal_until)
    if appeal is None:
        key = "may-appeal" if notice.may_appeal else "too-late"
        who = localizer.text("shop-notice-decides-alone" if notice.alone else "shop-notice-decides-another")
        return [localizer.text(f"shop-notice-{key}", until=until, who=who)]
    if appeal.decided_at is None:
        return [localizer.text("shop-notice-appealed", moment=localizer.exact(appeal.recorded_at))]
    same = appeal.decided_by == notice.case.decided_by
    said = localizer.text(
        "shop-notice-granted" if appeal.granted else "shop-notice-refused",
        moment=localizer.exact(appeal.decided_at),
        reason=appeal.reason or "",
    )
    # a paragraph of its own: the reason before it is an organiser's words, which may end without a full stop
    return [said, localizer.text("shop-notice-same-organiser")] if same else [said]
