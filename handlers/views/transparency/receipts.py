"""Receipts of votes, and what says why there is none (R39). They never say a verdict (R28)."""

from __future__ import annotations

from domain.transparency.tally import Receipt
from handlers import callbacks
from handlers.callbacks import open_pager
from handlers.localization import Localizer
from handlers.screen import Button, Screen
from handlers.views.mine import menu_rows, told_apart
from services.transparency.tally import OwnVotes, ReceiptAnswer


def choice_screen(votes: OwnVotes, localizer: Localizer) -> Screen:
    """The member's votes, the newest first, to choose one."""
    if not votes.votes and not votes.page:
        return Screen(localizer.html("receipt-none"), menu_rows(localizer))
    labels = told_apart([vote.item.title(localizer.language) for vote in votes.votes])
    rows = [
        (Button(f"🧾 {label}", data=callbacks.ReceiptCallback(vote=vote.id).pack()),)
        for label, vote in zip(labels, votes.votes, strict=True)
    ]
    pages = open_pager(votes.page, votes.more, lambda page: callbacks.ReceiptCallback(page=page).pack())
    return Screen(localizer.html("receipt-choose"), (*rows, *pages))


def file_name(receipt: Receipt) -> str:
    """The name of a receipt's file."""
    return f"receipt-{receipt.day.isoformat()}-{receipt.item}.json"


def receipt_screen(found: ReceiptAnswer, localizer: Localizer) -> Screen:
    """What stands below the file of a receipt."""
    assert found.receipt is not None and found.vote is not None, "this is about a receipt"
    receipt = found.receipt
    return Screen(
        localizer.html(
            "receipt",
            title=found.vote.item.title(localizer.language),
            day=localizer.day(receipt.day),
            member=str(receipt.member),
            acts=receipt.leaves,
            root=receipt.root.hex(),
        )
    )


def no_receipt_screen(found: ReceiptAnswer, localizer: Localizer) -> Screen:
    """Why there is no receipt, or from when on there is one."""
    if found.vote is None:
        return Screen(localizer.html("receipt-no-vote"))
    title = found.vote.item.title(localizer.language)
    if found.expected_at is None:
        return Screen(localizer.html("receipt-not-kept", title=title))
    if found.expected_at <= localizer.now:
        return Screen(localizer.html("receipt-soon", title=title))
    return Screen(localizer.html("receipt-not-yet", title=title, moment=localizer.moment(found.expected_at)))
