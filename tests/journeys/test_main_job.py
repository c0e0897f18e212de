"""The main journey of a member in the chat, step by step."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from datetime import timedelta

from sqlalchemy import text as statement

from tests.conftest import make_goods, meet
from tests.journeys.conftest import DOUBLE_TAP, Town


async def test_the_days_carousel_comes_once_soon_after_the_opening_r13(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("小博", "zh-hans")
    await ann.says("/start")
    await bob.says("/start")
    await ann.sees("Hello Ann")
    await bob.sees("你好")
    await town.stock()
    card = await ann.sees("Today's goods are here")
    assert card.has_photo and any("1/28" in label for label in card.labels)
    await bob.sees("今天的宝贝上新了")
    await town.shows_nothing_new(ann)


async def test_a_user_who_wrote_before_starting_is_welcomed_at_the_first_start(town: Town) -> None:
    ann, bob = await town.person("Ann"), await town.person("小博", "zh-hans")
    await ann.says("hello?")
    assert "is one ballot. You have none right now" in (await ann.sees("Hello Ann")).text
    await ann.says("hello?")
    await ann.sees("I did not understand")
    await ann.says("/start")
    assert "one ballot" in (await ann.sees("Hello Ann")).text
    await bob.says("/help")
    assert "得一张选票" in (await bob.sees("小博，你好")).text
    await bob.sees("怎么玩")
    await bob.says("/start")
    assert "得一张选票" in (await bob.sees("小博，你好")).text


async def test_paging_shows_28_cards_without_repeats_and_back_the_same_r9(town: Town) -> None:
    ann = await town.person()
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("1/28")
    texts = [ann.last().text.splitlines()[2]]
    for number in range(2, 29):
        answer = await ann.taps("▶️")
        ends = "The last card of this draw. 12 more goods wait: 🎲"
        assert (answer.text or "").startswith(ends) if number == 28 else not answer.text
        texts.append((await ann.sees(f"{number}/28")).text.splitlines()[0])
    assert len(set(texts)) == 28
    await ann.taps("◀️")
    assert (await ann.sees("27/28")).text.splitlines()[0] == texts[26]


async def test_a_double_tap_votes_once_and_never_takes_back_r18(town: Town) -> None:
    ann = await town.person(yuan="763.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    card = await ann.sees("Today's goods")
    first, second = await asyncio.gather(
        ann.taps("🙋", message=card), ann.taps("🙋", message=card), return_exceptions=False
    )
    said = sorted([first.text or "", second.text or ""])
    assert "You have 4 votes left until" in said[0] + said[1]
    assert "You voted for it already" in said[0] + said[1]
    assert (await ann.sees("1 person wants it")).button("✅")
    third = await ann.taps("✅")
    assert not third.alert and "Your vote counts" in (third.text or ""), "✅ came where 🙋 was"
    assert ann.last().button("✅ Voted · 1")
    town.pass_time(seconds=DOUBLE_TAP)
    answer = await ann.taps("✅")
    assert answer.text and "5 votes left" in answer.text and "7 ballots" in answer.text
    assert (await ann.sees("Nobody has asked")).button("🙋")
    assert "tap again in a moment" in ((await ann.taps("🙋")).text or ""), "🙋 came where ✅ was"
    assert ann.last().button("🙋") and "Nobody has asked" in ann.last().text
    town.pass_time(seconds=DOUBLE_TAP)
    await ann.taps("🙋")
    await ann.sees("1 person wants it")


async def test_a_double_tap_on_follow_does_not_unfollow(town: Town) -> None:
    ann = await town.person()
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("Today's goods")
    await ann.taps("🔔")
    await ann.sees("🔕")
    again = await ann.taps("🔕")
    assert not again.alert and "You follow it" in (again.text or "") and ann.last().button("🔕")
    town.pass_time(seconds=DOUBLE_TAP)
    assert "no longer follow" in ((await ann.taps("🔕")).text or "")
    assert "tap again in a moment" in ((await ann.taps("🔔")).text or ""), "🔔 came where 🔕 was"
    assert ann.last().button("🔔")


async def test_a_refusal_says_why_and_what_would_help_r19(town: Town) -> None:
    zhou = await town.person("老周", "zh-hans", yuan="63.00")
    await zhou.says("/start")
    await zhou.sees("老周")
    await town.stock()
    await zhou.sees("今天的宝贝")
    answer = await zhou.taps("🙋")
    assert answer.alert and "¥37" in (answer.text or "") and "已为你关注" in (answer.text or "")
    assert (await zhou.sees("🔕")).button("🙋"), "followed instead, and both can be changed"


async def test_the_sixth_vote_of_a_day_is_refused_with_the_time_of_the_next_r15(town: Town) -> None:
    ann = await town.person(yuan="2000.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("1/28")
    for number in range(1, 6):
        await ann.taps("🙋")
        await ann.sees("✅")
        await ann.taps("▶️")
        await ann.sees(f"{number + 1}/28")
    refused = await ann.taps("🙋")
    assert refused.alert and "Your 5 votes for the day are used" in (refused.text or "")
    assert "You can vote again at 08:00 tomorrow" in (refused.text or "")
    town.pass_time(hours=22, minutes=30)
    await town.stock(30, "next")
    await ann.sees("Today's goods")
    assert "4 votes left" in ((await ann.taps("🙋")).text or "")


async def test_details_and_categories_and_a_new_draw_stay_in_one_message_r12(town: Town) -> None:
    ann = await town.person(yuan="300.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    card = await ann.sees("1/28")
    await ann.taps("🔍")
    details = await ann.sees("in stock")
    assert details.button("🏬") and details.button("🔔") and details.button("↩️")
    await ann.taps("🙋")
    assert (await ann.sees("✅")).id == card.id
    await ann.taps("↩️")
    await ann.sees("1/28")
    await ann.taps("🗂")
    menu = await ann.sees("Food")
    assert "Everything · 40" in " ".join(menu.labels)
    await ann.taps("Food")
    assert (await ann.sees("1/5")).id == card.id
    await ann.taps("🎲")
    assert (await ann.sees("1/5")).id == card.id, "🎲 stays in the category"
    await ann.taps("🗂")
    await ann.taps("Everything")
    assert (await ann.sees("1/28")).id == card.id


async def test_friends_come_by_the_link_and_count_for_its_owner_r22(town: Town) -> None:
    ann = await town.person("Ann", yuan="763.00")
    bob = await town.person("小博", "zh-hans", yuan="500.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("Today's goods")
    title = ann.last().text.splitlines()[2]
    await ann.taps("📣")
    screen = await ann.sees("Your own link")
    link = screen.button("🔗")
    share = screen.button("📤")
    assert link and link.copy and share and share.url
    assert link.copy.startswith(f"https://t.me/{town.kit.bot.username}?start=c")
    assert len(screen.photo_bytes()) > 1000
    await bob.opens(link.copy)
    card = await bob.sees("好友请你投一票")
    assert "小博，你好" in card.text and "你现在有 5 张" in card.text, "a newcomer is greeted on every way in"
    assert card.button("🙋") and "1/28" not in " ".join(card.labels)
    assert "投票成功" in ((await bob.taps("🙋")).text or "")
    await ann.sees("The first vote came by your link")
    await ann.says("/canvass")
    listed = await ann.sees("My links")
    assert title.removeprefix("<b>") in listed.text and "1 friend → 1 vote" in listed.text


async def test_opening_ones_own_link_does_not_count_r22(town: Town) -> None:
    ann = await town.person("Ann", yuan="763.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("Today's goods")
    await ann.taps("📣")
    link = (await ann.sees("Your own link")).button("🔗")
    assert link and link.copy
    await ann.opens(link.copy)
    await ann.sees("This is your own link")
    await ann.taps("🙋")
    await ann.says("/canvass")
    assert "0 friends → 0 votes" in (await ann.sees("My links")).text


async def test_voters_and_followers_get_three_alerts_r24(town: Town) -> None:
    olga = await town.organiser()
    ann = await town.person("Ann", yuan="763.00")
    bob = await town.person("小博", "zh-hans")
    eve = await town.person("Eve")
    for user in (olga, ann, bob, eve):
        await user.says("/start")
        await user.sees("🎲")
    await town.stock(1)
    await ann.sees("Today's goods")
    await ann.taps("🙋")
    await bob.sees("今天的宝贝")
    await bob.taps("🔍")
    await bob.taps("🔔")
    await bob.sees("🔕")
    await eve.sees("Today's goods")

    await olga.says("/desk")
    await olga.sees("Desk")
    await olga.taps("🏆")
    await olga.sees("What members want")
    await olga.taps("1. Thing")
    await olga.sees("When shall its group open?")
    await olga.taps("✍️")
    await olga.sees("Write it as")
    await olga.says("2020-01-01 10:00")
    await olga.sees("over already")
    await olga.says("2026-11-24 14:00")
    assert "2 people are told at once" in (await olga.sees("today at 14:00")).text
    await olga.taps("✅ Yes")
    await olga.sees("opens today 14:00")

    alert = await ann.sees("Your group is coming")
    assert alert.has_photo and "in 4 hours" in alert.text
    button = alert.button("🏬")
    assert button and button.url == "https://shop.example.com/g0"
    await bob.sees("要开团了")
    town.pass_time(hours=3, minutes=31)
    await ann.sees("Your group opens in")
    await bob.sees("后开团")
    town.pass_time(minutes=30)
    await ann.sees("Your group is open!")
    await bob.sees("开团了！")
    await ann.says("/mine")
    assert "the group is open" in (await ann.sees("📋 My votes\n")).text
    assert not any("our group" in message.text for message in eve.messages())


async def test_the_middle_alert_is_omitted_where_time_is_short_r24(town: Town) -> None:
    olga, ann = await town.organiser(), await town.person("Ann", yuan="763.00")
    await olga.says("/start")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(1)
    await ann.sees("Today's goods")
    await ann.taps("🙋")
    await olga.says("/desk")
    await olga.taps("🏆")
    await olga.taps("1. Thing")
    await olga.taps("🗓 today 10:2")
    await olga.taps("✅ Yes")
    first = await ann.sees("Your group is coming")
    assert "in 20 minutes" in first.text and "told again" not in first.text
    town.pass_time(minutes=21)
    await ann.sees("Your group is open!")
    assert not any("Your group opens in" in m.text for m in ann.messages())


async def test_a_member_with_alerts_off_is_promised_none_r26(town: Town) -> None:
    ann = await town.person("Ann", yuan="763.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(1)
    await ann.sees("Today's goods")
    await ann.says("/settings")
    await ann.sees("Settings")
    await ann.taps("🔔 Group alerts")
    assert "The first alert" not in (await ann.sees("Group alerts are off")).text
    answer = await ann.taps("🔔 Follow")
    assert answer.text and "alerts are off" in answer.text and "/settings" in answer.text
    await ann.taps("🙋")
    await ann.sees("1 person wants it")
    town.pass_time(days=1)
    await town.services.rounds.tick()
    await ann.says("/mine")
    await ann.sees("My votes")
    await ann.taps("👀")
    assert (await ann.sees("Voting is over")).button("✅ Voted, but your alerts are off")
    answer = await ann.taps("🔍")
    assert not answer.text and (await ann.sees("in stock")).button("✅ Voted, but your alerts are off")


async def test_settings_change_language_and_stop_the_carousel_r35(town: Town) -> None:
    ann = await town.person("Ann")
    await ann.says("/settings")
    await ann.sees("Settings")
    await ann.taps("中文")
    await ann.sees("免打扰时段")
    await ann.taps("☀️")
    await ann.sees("每日上新：关")
    assert "请稍后再点" in ((await ann.taps("☀️")).text or ""), "the second half of a double tap"
    await ann.taps("🌙 免打扰：22")
    await ann.sees("什么时候免打扰")
    await ann.says("25:99")
    await ann.sees("没看懂")
    await ann.says("23:15-06:45")
    await ann.sees("23:15-06:45")
    await town.stock()
    await town.shows_nothing_new(ann)
    await ann.says("/goods")
    await ann.sees("期望价")


async def test_privacy_shows_exports_and_deletes_the_data_r36(town: Town) -> None:
    ann = await town.person("Ann", yuan="763.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("Today's goods")
    await ann.taps("🙋")
    await ann.says("/privacy")
    await ann.sees("What is stored about you")
    await ann.taps("📦")
    file = await ann.sees("Everything that is stored")
    files = [one for one in ann.messages() if "document" in one.message.content]
    said = files[0].file_bytes().decode()
    assert "Tue 24 Nov 2026, 10:00 (China Time): Thing g" in said and "¥763" in said, "titles, local times, yuan"
    stored = json.loads(file.file_bytes())
    assert stored["member"][0]["chat_id"] == ann.id and len(stored["votes"]) == 1
    await ann.taps("🗑 Delete")
    await ann.sees("Really?")
    await ann.taps("🗑 Yes")
    await ann.sees("your data is gone")
    await ann.says("/start")
    await ann.sees("Hello Ann")
    ranking = await town.services.goods.ranking(1)
    assert ranking[0][0].wants == 1


async def test_an_organiser_imports_goods_from_a_zip_in_the_chat(town: Town) -> None:
    olga = await town.organiser()
    await olga.says("/desk")
    await olga.sees("Desk")
    table = make_goods(town.folder / "zip", 3, "z")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in table.parent.iterdir():
            archive.write(path, f"goods/{path.name}")
    await olga.sends_file(packed.getvalue(), "goods.zip")
    await olga.sees("3 new")
    await olga.taps("📥 Import 3")
    await olga.sees("Imported")
    await olga.sends_file(packed.getvalue(), "goods.zip")
    await olga.sees("3 as before")
    await olga.sends_file(b"ref,shop\n1", "bad.csv")
    await olga.sees("the column is missing")


async def test_a_good_with_an_address_that_telegram_refuses_loses_the_button_not_the_message(town: Town) -> None:
    ann = await town.person("Ann", yuan="300.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(1)
    async with town.services.context.db.write() as connection:  # as earlier versions imported it
        await connection.execute(statement("UPDATE items SET url = 'http://shop/item/1'"))
    await ann.says("/goods")
    await ann.sees("Thing g0")
    await ann.taps("🔍")
    assert not any("🛒" in label for label in (await ann.sees("A very good thing")).labels)
    await ann.taps("🙋")
    (item, _), *_ = await town.services.goods.ranking(1)
    opens_at = town.box.clock.now() + timedelta(hours=2)
    await town.services.groups.schedule(item.id, opens_at, None, "test", even_late=True)
    await town.idle()
    assert (await ann.sees("Thing g0", among=1)).has_photo
    assert "dead" not in await town.services.outbox.states()


async def test_the_desk_does_not_exist_for_members(town: Town) -> None:
    ann = await town.person("Ann")
    await ann.says("/start")
    await ann.sees("Hello Ann")
    await ann.says("/desk")
    await ann.sees("did not understand")


async def test_a_button_of_an_old_round_gets_an_answer_and_a_fresh_screen_r19(town: Town) -> None:
    ann = await town.person("Ann", yuan="763.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    old = await ann.sees("1/28")
    town.pass_time(hours=23)
    await town.stock(30, "next")
    await ann.sees("1/28")
    answer = await ann.taps("🙋", message=old)
    assert answer.alert and "round is over" in (answer.text or "")


async def test_a_link_with_clinging_characters_and_a_name_with_invisible_ones_r21(town: Town) -> None:
    ann, eve = await town.person("\u202eAn\u200bn", yuan="300.00"), await town.person("\u3164")
    await ann.says("/start")
    await ann.sees("Hello Ann")
    await town.stock(1)
    await ann.says("/canvass")
    (item, _), *_ = await town.services.goods.ranking(1)
    link = await town.services.canvassing.link(await meet(town.services, ann.id), item.id)
    assert link is not None
    await eve.says(f"/start c{link.token}。")
    await eve.sees("Thing g0")
    await eve.says("/start")
    await eve.sees("Hello 👤")


async def test_every_other_message_gets_an_answer(town: Town) -> None:
    ann = await town.person("Ann")
    for text in ("/help", "/mine", "/canvass", "/goods", "/privacy", "what?", "/start ../../x", "/start cNOSUCHLINK"):
        await ann.says(text)
    await ann.sees("How it works")
    await ann.sees("nothing on display", among=30)
    await ann.sees("no longer leads anywhere", among=30)


async def test_a_card_shows_the_vote_after_a_delayed_edit_r19(town: Town) -> None:
    ann = await town.person("Ann", yuan="763.00")
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock()
    await ann.sees("1/28")
    town.box.backend.faults.add({"method": "editMessageCaption", "kind": "429", "retry_after": 1, "count": 1})
    answer = await ann.taps("🙋")
    assert answer and "Your vote counts" in answer.text
    assert (await ann.sees("1 person wants it")).button("✅")
