"""What everybody may ask in the chat and in groups: the voting rules and the figures of rounds (R39)."""

from __future__ import annotations

from tests.journeys.conftest import Town
from tests.journeys.test_groups import bound


async def test_everyone_can_ask_for_the_rules_and_figures_and_an_administrator_has_them_posted_r39(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("Bob")
    group = await bound(town, ann, bob)
    refused = await bob.taps("📊 Figures of each round: off", chat=group)
    assert refused is not None and "Only administrators" in refused.text
    await ann.taps("📊 Figures of each round: off", chat=group)
    await bob.sees("its figures come here", chat=group)
    await bob.says("/rules", chat=group)
    await bob.sees("The voting rules", chat=group)
    await town.stock()
    town.pass_time(days=1)
    posted = await bob.sees("Round of", chat=group)
    assert posted.has_photo and "40 goods" in posted.text


async def test_a_member_reads_the_rules_and_from_there_the_figures_r39(town: Town) -> None:
    ann = await town.person("Ann")
    await town.stock()
    await ann.says("/help")
    await ann.taps("⚖️ Voting rules")
    await ann.sees("Against bought votes")
    await ann.taps("📊 How evenly goods are shown")
    shown = await ann.sees("Round of")
    assert shown.has_photo and "these are the numbers so far" in shown.text
