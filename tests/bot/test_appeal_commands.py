"""`votes notice`, `votes appeal` and `votes decide-appeal`: what they do, and what they say (R29)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services import Services
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.votes import Pattern
from domain.goods import ItemState
from services.brushing.cases import Confirmed
from tests.bot.conftest import Terminal
from tests.bot.test_commands import look, stored
from tests.conftest import make_goods, meet, spend

pytestmark = pytest.mark.usefixtures("migrated_database")


async def _suspect(services: Services) -> None:
    ann = await meet(services)
    await spend(services, ann.chat_id, "500")
    good = await services.groups.find("g1")
    assert good is not None and (await services.voting.cast(ann, good.id)).voted
    accounts = (SuspectAccount(ann.id, Pattern.LOCKSTEP, 2.0, 3),)
    await services.cases.suspect(Suspicion(good.id, 6.5, accounts, ()))


async def _confirm(services: Services) -> None:
    await _suspect(services)
    (case,) = await services.cases.undecided()
    assert isinstance(await services.cases.confirm(case.id, "same phone", "command"), Confirmed)


async def _meet_organisers(services: Services) -> None:
    """They become the members 2 and 3; the voter is 1."""
    assert [(await meet(services, chat, name)).id for chat, name in ((8, "Bo"), (9, "Cy"))] == [2, 3]


@pytest.fixture
def confirmed(terminal: Terminal, own_folder: Path) -> Terminal:
    """A confirmed case on the good g1, and two organisers."""
    terminal.set(ORGANISER_IDS="8,9")
    terminal.ok("goods", "import", str(make_goods(own_folder, 3)))
    terminal.ok("rounds", "open")
    look(_confirm)
    look(_meet_organisers)
    return terminal


def test_r29_a_shop_is_told_in_both_languages_what_was_decided_and_how_to_appeal(confirmed: Terminal) -> None:
    said = confirmed.ok("votes", "notice", "1")
    for words in ("same phone", "1 vote is void", "appeal once, until", "banned for 1 month,", "Another organiser"):
        assert words in said
    for words in ("1 票作废", "可以在", "封禁 1 个月", "另一位团长"):
        assert words in said
    assert "A ban of 6 months was proposed" in said, "all votes are false, and nobody has agreed"
    assert "1001" not in said and "Ann" not in said
    assert confirmed.fails("votes", "notice", "2") == "There is no confirmed case 2.\n"


def test_r29_an_appeal_is_recorded_and_decided_by_another_person_at_the_terminal(
    confirmed: Terminal, own_folder: Path
) -> None:
    grant = ("votes", "decide-appeal", "1", "--grant", "--reason", "true customers")
    assert confirmed.fails(*grant) == "The shop has not appealed.\n"
    assert "--words" in confirmed.fails("votes", "appeal", "1", "--words", " ")
    assert confirmed.ok("votes", "appeal", "1", "--words", "no") == "The appeal is recorded.\n"
    assert confirmed.fails("votes", "appeal", "1", "--words", "no").startswith("The shop has appealed already")
    assert "waits for a decision" in confirmed.ok("votes", "notice", "1")
    assert "--by" in confirmed.fails(*grant)
    assert "--reason" in confirmed.fails(*grant[:-1], " ")
    said = confirmed.ok(*grant, "--by", "2")
    assert said == "The appeal is granted: 1 vote counts again, and the ban is lifted. The good is back.\n"
    assert stored(own_folder)["g1"] is ItemState.ON_DISPLAY
    told = confirmed.ok("votes", "notice", "1")
    assert "Your appeal was granted" in told and "is lifted" in told and "The good is out" not in told
    assert confirmed.fails(*grant, "--by", "2") == "This appeal is decided already.\n"


async def _deciders(services: Services) -> list[str | None]:
    file = await services.case_files.one(1)
    assert file is not None and file.ban is not None
    return [file.record.decided_by, file.ban.agreed_by]


def test_r29_history_names_the_organiser_of_by_and_takes_no_one_else(confirmed: Terminal) -> None:
    agree = ("votes", "agree", "1")
    assert "--by" in confirmed.fails(*agree), "the operator has decided"
    for no_one in ("Bo", "1", "7", " "):
        said = confirmed.fails(*agree, "--by", no_one)
        assert "--by" in said and "2 (Bo), 3 (Cy)" in said
    confirmed.set(LANG="zh_CN.UTF-8")
    assert "2 (Bo)" in confirmed.fails(*agree, "--by", "1") and "编号" in confirmed.fails(*agree, "--by", "1")
    confirmed.ok(*agree, "--by", "3")
    assert look(_deciders) == ["command", "organiser 3"]


@pytest.mark.parametrize(
    "decision", [("clear", "1"), ("void", "1", "--reason", "a rival"), ("confirm", "1", "--reason", "bought")]
)
def test_r29_every_decision_at_the_terminal_can_name_its_organiser(
    decision: tuple[str, ...], terminal: Terminal, own_folder: Path
) -> None:
    terminal.set(ORGANISER_IDS="8,9")
    terminal.ok("goods", "import", str(make_goods(own_folder, 3)))
    terminal.ok("rounds", "open")
    look(_suspect)
    look(_meet_organisers)
    assert "2 (Bo)" in terminal.fails("votes", *decision, "--by", "9")
    terminal.ok("votes", *decision, "--by", "3")
    assert look(_decided_by) == "organiser 3"


async def _decided_by(services: Services) -> str | None:
    file = await services.case_files.one(1)
    return file.record.decided_by if file is not None else None


def test_r29_a_refused_appeal_leaves_the_decision_as_it_is(confirmed: Terminal, own_folder: Path) -> None:
    confirmed.ok("votes", "appeal", "1", "--words", "no")
    refuse = ("votes", "decide-appeal", "1", "--refuse", "--reason", "the same phone", "--by", "2")
    assert confirmed.ok(*refuse) == "The appeal is refused; the decision stands.\n"
    assert stored(own_folder)["g1"] is ItemState.REJECTED
    assert "Your appeal was refused" in confirmed.ok("votes", "notice", "1")
    assert confirmed.fails("votes", "decide-appeal", "7", "--refuse", "--reason", "x") == (
        "There is no confirmed case 7.\n"
    )


def test_r29_a_void_vote_counts_again_at_the_terminal_and_one_that_is_not_void_is_refused(confirmed: Terminal) -> None:
    restore = ("votes", "restore", "1", "--member")
    assert confirmed.ok(*restore, "1", "--by", "2") == "The vote of member 1 counts again, and they are told.\n"
    assert confirmed.fails(*restore, "1") == "Member 1 has no vote that case 1 made void.\n"
    confirmed.set(LANG="zh_CN.UTF-8")
    assert "没有被案件 1 作废的票" in confirmed.fails(*restore, "1")
