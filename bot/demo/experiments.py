"""Experiments of the local chat's lab: sixty accounts brush a good, and their votes are examined at once (R28).

The accounts do what bought ones do: they have neighbouring IDs, and tap for the same goods within minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import count, islice
from typing import TYPE_CHECKING

from bot.demo import ORGANISER
from bot.services import Services
from domain.csv_files import Parsed, SpendingRecord
from domain.goods import Item
from domain.voting import why_not_on_display
from sandbox.experiments import Experiment, ExperimentChoice, ExperimentFailed, Tell, Words
from sandbox.testing import Kit, NotSeen, SeenMessage, TestUser
from services.jobs import JobKind

if TYPE_CHECKING:
    from sandbox import Sandbox

ACCOUNTS = 60
BESIDE = 3
"""Goods that they vote for beside the chosen one, so that the lockstep shows."""
BUYERS = 8
"""Honest people who vote, too: a group stands out against what others want, not against nothing."""
FIRST_ID, FIRST_BUYER = 7_340_000_000, 610_000_000
_GAP, _BUYERS_GAP = 7, 37_000_000
"""Telegram IDs between two of the accounts, and between two of the buyers."""
_SPENT_FEN = 100_00 * (1 + BESIDE)
_AT_ONCE = 6
"""Accounts that tap at the same time."""
_PATIENCE = 60.0
"""Seconds that an account waits for the bot."""
_PAUSE = 1.0
"""Seconds between two goods of an account: a chat gets no more messages than one a second."""
_EVERY = 0.3


def experiments_of(box: Sandbox, services: Services, accounts: int = ACCOUNTS) -> list[Experiment]:
    """What the lab offers, with so many bought accounts."""
    brushing, examining = _Brushing(box, services, accounts), _Examining(box, services)
    return [
        Experiment(
            "brush",
            {"en": f"Let {accounts} accounts brush it", "zh": f"让 {accounts} 个账号刷票"},
            {
                "en": f"{accounts} new accounts with neighbouring IDs get spending, tap through the bot and vote for "
                f"one good and {BESIDE} others, within minutes. {BUYERS} honest buyers vote for what they like.",
                "zh": f"新注册 {accounts} 个编号相邻的账号，给它们消费记录，让它们在几分钟内通过机器人为一件宝贝和另外 "
                f"{BESIDE} 件投票。另有 {BUYERS} 位普通买家各投所好。",
            },
            brushing.run,
            brushing.choices,
        ),
        Experiment(
            "examine",
            {"en": "Examine the votes now", "zh": "立即检查投票"},
            {
                "en": "The detector of brushing runs every hour. This asks for a run now: what looks bought is set "
                "aside, and the organiser is told.",
                "zh": "刷票检测每小时运行一次。这里立即运行：可疑的票暂不计票，并通知团长。",
            },
            examining.run,
        ),
    ]


class _Brushing:
    """Accounts that were bought."""

    def __init__(self, box: Sandbox, services: Services, accounts: int) -> None:
        self._box = box
        self._services = services
        self._number = accounts
        self._kit = Kit(box, limit=_PATIENCE)

    async def _on_display(self) -> list[Item]:
        now = self._services.context.clock.now()
        found = [item for item, _ in await self._services.goods.ranking() if why_not_on_display(item, now) is None]
        return sorted(found, key=lambda item: item.id)

    async def choices(self) -> list[ExperimentChoice]:
        """The goods on display."""
        return [
            ExperimentChoice(str(item.id), {code: f"🙋 {item.wants} · {item.title(code)}" for code in ("en", "zh")})
            for item in await self._on_display()
        ]

    async def run(self, choice: str, tell: Tell) -> Words:
        """The accounts vote for the chosen good, and for those that follow it on display; a few buyers for others."""
        goods = await self._on_display()
        at = next((at for at, item in enumerate(goods) if str(item.id) == choice), None)
        if at is None:
            raise ExperimentFailed({"en": "This good is not on display any more.", "zh": "这件宝贝已不在展示。"})
        buyers = self._register("路人", "买家 · buyer", BUYERS, range(FIRST_BUYER, FIRST_ID, _BUYERS_GAP))
        accounts = self._register("刷手", "刷票 · brushing", self._number, count(FIRST_ID, _GAP))
        await self._give_spending([*buyers, *accounts])
        for number, buyer in enumerate(buyers):
            tell(number, BUYERS, _looking(number))
            await self._vote_for(buyer, [goods[(5 * number + 11 * step) % len(goods)] for step in range(BESIDE)])
        goods = (goods[at:] + goods[:at])[: 1 + BESIDE]
        done, votes = 0, 0
        slots = asyncio.Semaphore(_AT_ONCE)

        async def act(account: TestUser) -> None:
            nonlocal done, votes
            async with slots:
                cast = await self._vote_for(account, goods)
            done, votes = done + 1, votes + cast
            tell(done, len(accounts), _progress(goods[0], done, len(accounts), votes))

        async with asyncio.TaskGroup() as group:
            for account in accounts:
                group.create_task(act(account))
        return _brushed(goods, votes)

    def _register(self, name: str, note: str, number: int, ids: Iterable[int]) -> list[TestUser]:
        """New people with the first of these IDs that are free."""
        free = islice((id for id in ids if id not in self._box.people), number)
        made = [
            self._box.add_person(f"{name} {at:02}", id=id, language_code="zh-hans", role_note=note)
            for at, id in enumerate(free, 1)
        ]
        return [self._kit.known(person.id) for person in made]

    async def _give_spending(self, accounts: Sequence[TestUser]) -> None:
        rules, now = self._services.context.rules, self._services.context.clock.now()
        today = now.astimezone(rules.zone).date()
        rows = [
            SpendingRecord(line, account.id, _SPENT_FEN, today, f"brush-{account.id}")
            for line, account in enumerate(accounts, 2)
        ]
        await self._services.goods.import_spending(Parsed(tuple(rows), ()), "demo")

    async def _vote_for(self, account: TestUser, goods: Sequence[Item]) -> int:
        """Open each good by its link and tap its vote button; how many votes were answered."""
        votes = 0
        for item in goods:
            sent = await account.starts(f"i{item.id}")
            try:
                await account.taps("🙋", message=await _card_after(account, sent))
                votes += 1
            except NotSeen:
                continue  # the others of its goods may still come
            await self._services.context.clock.sleep(_PAUSE)
        return votes


async def _card_after(account: TestUser, sent: SeenMessage) -> SeenMessage:
    """The card that answers this message. Raises NotSeen."""

    def find() -> SeenMessage | None:
        newer = [seen for seen in account.messages() if seen.id > sent.id]
        return next((seen for seen in newer if seen.button("🙋") is not None), None)

    found = await account.box.world.feed.wait_for(find, _PATIENCE)
    if found is None:
        raise NotSeen("the bot shows no card")
    return found


def _looking(number: int) -> Words:
    return {
        "en": f"Honest buyers vote first: {number} of {BUYERS}.",
        "zh": f"普通买家先投票：{number} / {BUYERS}。",
    }


def _progress(item: Item, done: int, of: int, votes: int) -> Words:
    return {
        "en": f"{done} of {of} accounts have tapped for “{item.title('en')}” and {BESIDE} others: {votes} votes.",
        "zh": f"{of} 个账号中已有 {done} 个为“{item.title('zh')}”和另外 {BESIDE} 件点了投票：{votes} 票。",
    }


def _brushed(goods: Sequence[Item], votes: int) -> Words:
    others = {code: ", ".join(f"“{item.title(code)}”" for item in goods[1:]) for code in ("en", "zh")}
    return {
        "en": f"Done: {votes} bought votes for “{goods[0].title('en')}”, {others['en']}. Every card counts them. "
        "Now examine the votes.",
        "zh": f"完成：“{goods[0].title('zh')}”、{others['zh'].replace(', ', '、')} 共收到 {votes} 张刷出来的票，"
        "卡片上都计入。接下来检查投票。",
    }


class _Examining:
    """A run of the hourly job, now."""

    def __init__(self, box: Sandbox, services: Services) -> None:
        self._box = box
        self._services = services

    async def run(self, _choice: str, tell: Tell) -> Words:
        """Ask for a run, wait for its end, and say what it found."""
        await self._meet_the_organiser(tell)
        before = {case.id for case in await self._services.cases.undecided()}
        tell(0, 0, {"en": "The detector reads the votes…", "zh": "检测程序正在读取投票……"})
        jobs, now = self._services.jobs, self._services.context.clock.now()
        job_id = await jobs.enqueue(f"examine {now.isoformat()}", JobKind.EXAMINE, None, {})
        while job_id is not None and (state := await jobs.state(job_id)) == "waiting":
            await self._services.context.clock.sleep(_EVERY)
        if job_id is None or state != "done":
            raise ExperimentFailed(
                {"en": "The examination has failed. The program's log says why.", "zh": "检查失败，原因见程序日志。"}
            )
        undecided = await self._services.cases.undecided()
        tallies = await self._services.goods.tallies([case.item_id for case in undecided])
        new = [case for case in undecided if case.id not in before]
        return _examined(len(new), len(undecided), sum(tally.set_aside for tally in tallies.values()))

    async def _meet_the_organiser(self, tell: Tell) -> None:
        """Only an organiser who has met the bot can be told."""
        organiser = Kit(self._box, limit=_PATIENCE).known(ORGANISER)
        if organiser.chat().started:
            return
        tell(0, 0, {"en": "The organiser 团长 meets the bot first…", "zh": "团长先启动机器人……"})
        sent = await organiser.starts()
        await self._box.world.feed.wait_for(lambda: organiser.last().id > sent.id or None, _PATIENCE)


def _examined(new: int, undecided: int, votes: int) -> Words:
    if not undecided:
        return {
            "en": "Done: nothing looks bought. No vote is set aside.",
            "zh": "完成：没有发现可疑的票，没有暂不计的票。",
        }
    if not new:
        return {
            "en": f"Done: nothing new. Undecided cases: {undecided}; votes set aside: {votes}. Open 团长, then /desk.",
            "zh": f"完成：没有新情况。待处理案件 {undecided} 件，暂不计 {votes} 票。打开“团长”，发送 /desk。",
        }
    return {
        "en": f"Done: new cases: {new}; votes set aside: {votes}. Cards and the accounts show nothing of it. "
        "The organiser 团长 is told: open that chat, then /desk.",
        "zh": f"完成：新增案件 {new} 件，暂不计 {votes} 票，卡片和这些账号都看不出来。"
        "团长已收到通知：打开他的聊天，再发 /desk。",
    }
