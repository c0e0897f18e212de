"""/receipt in the chat: from the vote to the proof (R39)."""

from __future__ import annotations

from datetime import date

from domain.limits import Act
from domain.transparency.tally_table import read_receipt
from tests.journeys.conftest import Town
from tests.journeys.test_canvass import canvasser, gets
from tests.journeys.test_limits import use_up
from tests.waiting import until

DAY = date(2026, 11, 24)


async def test_r39_a_vote_has_a_receipt_once_the_tally_of_its_day_is_published(town: Town) -> None:
    ann = await canvasser(town, yuan="500")
    assert "no vote that stands" in (await gets(ann, "/receipt")).text
    await ann.says("/goods")
    await ann.sees("1/1")
    await ann.taps("🙋")
    choice = await gets(ann, "/receipt")
    assert "Of which vote?" in choice.text
    told = await gets(ann, "🧾", on=choice)
    assert "get the receipt from Wed 25 Nov, 09:00" in told.text or "from tomorrow 09:00" in told.text
    town.pass_time(days=1)

    async def is_published() -> bool:
        return await town.services.tally.published(DAY) is not None

    await until(is_published)
    file = await gets(ann, "🧾", on=choice)
    receipt = read_receipt(file.file_bytes())
    assert receipt is not None and receipt.is_sound() and receipt.day == DAY
    assert receipt.root.hex() in file.text and "like a screenshot" in file.text
    use_up(town, ann, Act.RECEIPT)
    refused = await ann.taps("🧾", message=choice)
    assert refused is not None and "many receipts" in (refused.text or "")
