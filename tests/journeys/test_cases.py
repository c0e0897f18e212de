"""An organiser looks at a case, and decides on it, in the chat (R29)."""

from __future__ import annotations

import asyncio

from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.votes import Pattern
from sandbox.testing import SeenMessage, TestUser
from tests.journeys.conftest import Town
from tests.journeys.test_deciding import at_the_desk


async def a_case(town: Town) -> tuple[TestUser, SeenMessage]:
    """The organiser in front of a new case: two of three votes for a good are suspect."""
    olga = await at_the_desk(town)
    voters = [await town.person(name, yuan="300.00") for name in ("Ann", "Bob", "Eve")]
    for user in voters:
        await user.says("/start")
        await user.sees("Hello")
    await town.stock(1)
    for user in voters:
        await user.sees("Today's goods")
        await user.taps("🙋")
    await town.idle()
    await suspected(town, voters[:2])
    await town.services.cases.tell_organisers()
    await olga.sees("2 votes for it look bought")
    await olga.taps("🔍 Look at the case")
    return olga, await olga.sees("Nobody has decided yet")


async def suspected(town: Town, voters: list[TestUser]) -> None:
    """Let the detector find that these users' votes look bought."""
    item = await town.services.groups.find("g0")
    members = [await town.services.people.find(user.id) for user in voters]
    assert item is not None
    accounts = tuple(SuspectAccount(m.id, Pattern.LOCKSTEP, 2.0, 3) for m in members if m is not None)
    evidence = {"pattern": "lockstep", "score": 9, "votes": len(accounts), "of_all": 3, "accounts": len(accounts)}
    assert await town.services.cases.suspect(Suspicion(item.id, 6.5, accounts, (evidence,)))


async def test_r29_a_case_is_looked_at_as_a_picture_and_a_table_and_its_votes_are_found_false(town: Town) -> None:
    olga, case = await a_case(town)
    assert "2 votes are set aside (67 %) · 🙋 1 counts" in case.text
    await olga.taps("📊 Picture")
    picture = await olga.sees("Accounts are shown by their number")
    assert picture.has_photo
    await olga.taps("📄 CSV", message=case)
    await olga.sees("3 rows")
    await olga.taps("🔍 Look at the case", message=picture)
    assert "2 votes are set aside" in (await olga.sees("Case 1, opened")).text
    await olga.taps("🚫 Votes false", message=picture)
    await olga.sees("Why are these votes false?")
    await olga.says("A rival has bought them")
    first = await olga.sees("2 votes become void")
    assert "A rival has bought them" in first.text and "1 vote still counts" in first.text
    await olga.says("Two accounts of one owner")
    second = await olga.sees("Two accounts of one owner")
    answer = await olga.taps("🚫 Yes", message=first)
    assert answer.alert and "write the reason again" in (answer.text or "")
    assert "Nobody" not in (await olga.sees("Why are these votes false?")).text
    await olga.says("Two accounts of one owner!")
    await olga.sees("Two accounts of one owner!")
    await olga.taps("🚫 Yes")
    decided = await olga.sees("Votes found false by you")
    assert "“Two accounts of one owner!”" in decided.text and "🚫 2 void (67 %)" in decided.text
    answer = await olga.taps("🚫 Yes", message=second)
    assert "decided already" in (answer.text or "")
    await olga.says("/desk")
    await olga.taps("🔍 Cases")
    await olga.sees("votes false: 2 void")
    await olga.taps("1. Thing g0")
    await olga.sees("Votes found false by you")


async def test_r29_a_cleared_case_lets_its_votes_count_and_an_old_screen_says_so(town: Town) -> None:
    olga, case = await a_case(town)
    await olga.says("/desk")
    await olga.taps("🔍 Cases (1)")
    await olga.sees("2 set aside (67 %)")
    await olga.taps("1. Thing g0")
    await olga.taps("✅ Clear")
    assert "Let the 2 votes that are set aside count again?" in (await olga.sees("cannot be undone")).text
    answer = await olga.taps("✅ Yes")
    assert "2 votes count again" in (answer.text or "")
    await olga.sees("Cleared by you")
    answer = await olga.taps("⛔️ Confirm brushing", message=case)
    assert answer.alert and "decided already" in (answer.text or "")
    await olga.sees("Cleared by you")


async def test_r29_confirming_says_for_how_long_the_shop_is_banned_and_that_honest_voters_are_told(town: Town) -> None:
    olga, _ = await a_case(town)
    await olga.taps("⛔️ Confirm brushing")
    await olga.says("The shop paid for them")
    asked = await olga.sees("2 votes become void")
    assert "is banned for 1 month." in asked.text and "1 honest voter gets the ballot" in asked.text
    answer = await olga.taps("⛔️ Yes")
    assert "the good is out, and its shop is banned" in (answer.text or "")
    assert "is banned for 1 month, until" in (await olga.sees("Brushing confirmed by you")).text


async def test_a_case_that_is_decided_while_its_reason_is_written_is_shown_as_it_is(town: Town) -> None:
    olga, _ = await a_case(town)
    await olga.taps("🚫 Votes false")
    await olga.sees("Why are these votes false?")
    (case,) = await town.services.cases.undecided()
    await town.services.cases.clear(case.id, "organiser 99")
    await olga.says("Too late")
    assert "Cleared by organiser 99" in (await olga.sees("It is decided already.")).text


async def test_r29_an_organiser_lets_void_votes_count_again_after_objections(town: Town) -> None:
    olga, _ = await a_case(town)
    (case,) = await town.services.cases.undecided()
    first, second = await town.services.cases.void(case.id, "A rival", "organiser 99") or ()
    await olga.taps("🚫 Votes false")
    await olga.sees("Votes found false by organiser 99")
    await olga.taps("🙋 Let one vote count again")
    await olga.sees("Whose vote counts again?")
    await olga.says("Ann")
    assert "Whose vote" in (await olga.sees("Member Ann has no vote")).text
    await olga.says(f" {first} ")
    stale = await olga.sees(f"Let the vote of member {first} count again?")
    await olga.says(str(second))
    asked = await olga.sees(f"Let the vote of member {second} count again?")
    once, twice = await asyncio.gather(*(olga.taps("🙋 Yes", message=stale) for _ in range(2)))
    assert once.alert and f"The vote of member {first} counts again" in (once.text or "")
    assert twice.alert and f"Member {first} has no vote that is void" in (twice.text or "")
    await olga.sees("1 of these votes counts again")
    assert await town.services.objections.grant(case.id, second, "organiser 99")
    answer = await olga.taps("🙋 Yes", message=asked)
    assert answer.alert and "No vote is void by this case any more" in (answer.text or "")
    file = await town.services.case_files.one(case.id)
    assert file is not None and (file.restored, file.suspect) == (2, 2)
