"""Bot API methods: the effects and results of accepted calls."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.sandbox.harness import ANN, BLOCKER, KEYBOARD, MEMBER, TOKEN, Harness, png


def message(harness: Harness, id: int, chat: str = f"p{ANN}:100001") -> Any:
    return harness.box.world.state.messages[chat][id]


async def test_parameters_in_every_encoding_and_method_names_in_any_case_are_accepted(harness: Harness) -> None:
    base = f"{harness.box.url}/bot{TOKEN}"
    params = {"chat_id": str(ANN), "text": "x", "no_such_parameter": "1"}
    async with harness.http.get(f"{base}/SENDmessage", params=params) as response:
        assert (await response.json())["ok"]
    async with harness.http.post(f"{base}/sendmessage", data=params) as response:
        assert (await response.json())["ok"]
    async with harness.http.post(f"{base}/sendMessage?chat_id={ANN}", json={"text": "x"}) as response:
        assert (await response.json())["ok"]
    assert (await harness.form("sendMessage", params)).result["text"] == "x"
    nested = await harness.call("sendMessage", chat_id=ANN, text="x", reply_markup=json.dumps(KEYBOARD))
    assert nested.result["reply_markup"] == KEYBOARD


async def test_a_sent_message_has_sender_chat_date_and_detected_entities(harness: Harness) -> None:
    sent = (await harness.call("sendMessage", chat_id=ANN, text="  see /help at example.com  ")).result
    assert sent["from"] == {"id": 100001, "is_bot": True, "first_name": "Probe", "username": "probe_bot"}
    assert sent["chat"]["id"] == ANN and isinstance(sent["date"], int)
    assert sent["text"] == "see /help at example.com"
    assert sent["entities"] == [
        {"type": "bot_command", "offset": 4, "length": 5},
        {"type": "url", "offset": 13, "length": 11},
    ]


@pytest.mark.parametrize(
    ("mode", "source", "text", "entities"),
    [
        ("HTML", "😀<b>b</b>", "😀b", [{"type": "bold", "offset": 2, "length": 1}]),
        ("HTML", "<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("HTML", "&lt;b&gt; &amp; &#9731;", "<b> & ☃", []),
        ("HTML", '<a href="tg://user?id=1001">A</a>', "A", [("text_mention", 0, 1)]),
        ("HTML", '<a href="example.com/x">A</a>', "A", [("text_link", 0, 1)]),
        ("HTML", '<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ("HTML", "<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("HTML", '<tg-time unix="1800000000" format="wDT">soon</tg-time>', "soon", [("date_time", 0, 4)]),
        ("HTML", "<b> </b>x", "x", []),
        (
            "MarkdownV2",
            "*b* __u__ ~s~ ||p||",
            "b u s p",
            [("bold", 0, 1), ("underline", 2, 1), ("strikethrough", 4, 1), ("spoiler", 6, 1)],
        ),
        ("MarkdownV2", "*b _i_*", "b i", [("bold", 0, 3), ("italic", 2, 1)]),
        ("MarkdownV2", "```py\nx\n```", "x", [("pre", 0, 1)]),
        ("MarkdownV2", ">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 3)]),
        ("MarkdownV2", "1\\. \\*", "1. *", []),
        ("Markdown", "*b* _i_ `c`", "b i c", [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1)]),
    ],
)
async def test_each_parse_mode_yields_text_and_entities(
    harness: Harness, mode: str, source: str, text: str, entities: list[Any]
) -> None:
    sent = (await harness.call("sendMessage", chat_id=ANN, text=source, parse_mode=mode)).result
    assert sent["text"] == text
    found = [(one["type"], one["offset"], one["length"]) for one in sent.get("entities", [])]
    assert found == [tuple(one.values()) if isinstance(one, dict) else one for one in entities]


async def test_lengths_count_after_parsing(harness: Harness) -> None:
    text = "<b>" + "😀" * 4096 + "</b>"
    assert len((await harness.call("sendMessage", chat_id=ANN, text=text, parse_mode="HTML")).result["text"]) == 4096


async def test_a_button_keeps_its_first_action_and_empty_buttons_are_dropped(harness: Harness) -> None:
    markup = {
        "inline_keyboard": [
            [
                {"text": "x", "callback_data": "a", "url": "example.com", "style": "danger"},
                {"text": "", "callback_data": "b"},
            ],
            [],
            [{"text": str(number), "callback_data": str(number)} for number in range(14)],
        ]
    }
    rows = (await harness.call("sendMessage", chat_id=ANN, text="x", reply_markup=markup)).result["reply_markup"][
        "inline_keyboard"
    ]
    assert rows[0] == [{"text": "x", "style": "danger", "url": "http://example.com/"}]
    assert len(rows) == 2 and len(rows[1]) == 12


async def test_a_reply_contains_the_original_message(harness: Harness) -> None:
    wanted = {"message_id": harness.ids["text"]}
    sent = (await harness.call("sendMessage", chat_id=ANN, text="x", reply_parameters=wanted)).result
    assert sent["reply_to_message"]["message_id"] == harness.ids["text"]
    lenient = {"message_id": 9999, "allow_sending_without_reply": True}
    assert (
        "reply_to_message"
        not in (await harness.call("sendMessage", chat_id=ANN, text="x", reply_parameters=lenient)).result
    )


async def test_an_edit_without_a_keyboard_removes_the_keyboard(harness: Harness) -> None:
    edited = (await harness.call("editMessageText", chat_id=ANN, message_id=harness.ids["text"], text="new")).result
    assert edited["text"] == "new" and "reply_markup" not in edited and edited["edit_date"] >= edited["date"]


async def test_a_message_with_a_reply_keyboard_cannot_be_edited(harness: Harness) -> None:
    keyboard = {"keyboard": [[{"text": "Yes"}]], "resize_keyboard": True}
    sent = (await harness.call("sendMessage", chat_id=ANN, text="x", reply_markup=keyboard)).result
    assert "reply_markup" not in sent
    edit = await harness.call("editMessageText", chat_id=ANN, message_id=sent["message_id"], text="y")
    assert edit.refusal == (400, "Bad Request: message can't be edited")


async def test_pictures_are_stored_as_jpeg_in_several_sizes(harness: Harness) -> None:
    original = png(1600, 1000, "navy")
    sent = (await harness.form("sendPhoto", {"chat_id": str(ANN), "photo": "attach://p"}, p=original)).result
    assert [(one["width"], one["height"]) for one in sent["photo"]] == [(90, 56), (320, 200), (800, 500), (1280, 800)]
    file = (await harness.call("getFile", file_id=sent["photo"][-1]["file_id"])).result
    assert file["file_path"].startswith("photos/file_") and file["file_path"].endswith(".jpg")
    async with harness.http.get(f"{harness.box.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        data = await response.read()
    assert data != original and len(data) == file["file_size"]
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    again = (await harness.call("sendPhoto", chat_id=ANN, photo=sent["photo"][0]["file_id"])).result
    assert again["photo"] == sent["photo"]
    fresh = (await harness.form("sendPhoto", {"chat_id": str(ANN), "photo": "attach://p"}, p=original)).result
    assert fresh["photo"][-1]["file_unique_id"] != sent["photo"][-1]["file_unique_id"], "each upload is a new file"


async def test_a_document_in_the_field_of_its_name_is_stored_unchanged(harness: Harness) -> None:
    sent = (
        await harness.form(
            "sendDocument", {"chat_id": str(ANN), "caption": "<i>c</i>", "parse_mode": "HTML"}, document=b"raw"
        )
    ).result
    assert sent["caption_entities"] == [{"type": "italic", "offset": 0, "length": 1}]
    file = (await harness.call("getFile", file_id=sent["document"]["file_id"])).result
    async with harness.http.get(f"{harness.box.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        assert await response.read() == b"raw"


async def test_a_text_can_be_edited_to_a_picture_but_not_back(harness: Harness) -> None:
    media = {"type": "photo", "media": harness.ids["photo_file"], "caption": "now a picture"}
    edited = await harness.call("editMessageMedia", chat_id=ANN, message_id=harness.ids["text"], media=media)
    assert edited.result["caption"] == "now a picture" and "text" not in edited.result
    back = await harness.call("editMessageText", chat_id=ANN, message_id=harness.ids["text"], text="x")
    assert back.refusal == (400, "Bad Request: there is no text in the message to edit")


async def test_messages_of_an_album_share_a_group_id_and_keep_their_captions(harness: Harness) -> None:
    media = [
        {"type": "photo", "media": "attach://a", "caption": "one"},
        {"type": "photo", "media": harness.ids["photo_file"]},
    ]
    sent = (await harness.form("sendMediaGroup", {"chat_id": str(ANN), "media": media}, a=png(30, 30))).result
    assert len(sent) == 2 and sent[0]["media_group_id"] == sent[1]["media_group_id"]
    assert sent[0]["caption"] == "one" and "caption" not in sent[1]


async def test_copies_and_forwards_keep_the_content_and_protected_messages_are_refused(harness: Harness) -> None:
    copied = (
        await harness.call("copyMessage", chat_id=ANN, from_chat_id=ANN, message_id=harness.ids["photo"], caption="new")
    ).result
    assert list(copied) == ["message_id"] and message(harness, copied["message_id"]).text == "new"
    forwarded = (
        await harness.call("forwardMessage", chat_id=ANN, from_chat_id=ANN, message_id=harness.ids["from_ann"])
    ).result
    assert forwarded["forward_origin"]["sender_user"]["id"] == ANN
    kept = (await harness.call("sendMessage", chat_id=ANN, text="x", protect_content=True)).result
    refused = await harness.call("forwardMessage", chat_id=ANN, from_chat_id=ANN, message_id=kept["message_id"])
    assert refused.refusal == (400, "Bad Request: message can't be forwarded")


async def test_deleting_several_messages_skips_missing_ones(harness: Harness) -> None:
    assert (await harness.call("deleteMessages", chat_id=ANN, message_ids=[harness.ids["text"], 9999])).result is True
    assert harness.ids["text"] not in harness.box.world.state.messages[f"p{ANN}:100001"]


async def test_blocking_and_restarting_queue_membership_updates(harness: Harness) -> None:
    actions, world = harness.box.backend.actions, harness.box.world
    ann, ben, bot = world.person(ANN), world.person(BLOCKER), world.state.bots[100001]
    actions.block(ann, bot)
    actions.start(ben, bot, "back")
    found = await harness.updates()
    kinds = [(list(one)[1], one[list(one)[1]].get("new_chat_member", {}).get("status")) for one in found]
    assert kinds == [("my_chat_member", "kicked"), ("my_chat_member", "member"), ("message", None)]
    assert found[2]["message"]["text"] == "/start back"
    assert found[2]["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert (await harness.call("sendMessage", chat_id=BLOCKER, text="welcome back")).result


async def test_deep_links_open_the_bot(harness: Harness) -> None:
    actions, person = harness.box.backend.actions, harness.box.world.person(MEMBER)
    opened = actions.open_link(person, "https://t.me/probe_bot?start=abc_-1")
    assert opened == {"kind": "chat", "chat": f"p{MEMBER}:100001", "bot": "probe_bot", "started": True}
    assert [one["message"]["text"] for one in await harness.updates()] == ["/start abc_-1"]
    assert (
        actions.open_link(person, "https://t.me/share/url?url=https%3A%2F%2Fa.bc&text=hi")["text"] == "https://a.bc\nhi"
    )
    assert actions.open_link(person, "https://example.com")["kind"] == "external"
    assert actions.open_link(person, "https://t.me/big_group") == {"kind": "chat", "chat": f"g{harness.ids['super']}"}


async def test_a_callback_query_contains_its_message_and_its_answer_is_stored(harness: Harness) -> None:
    world = harness.box.world
    done = harness.box.backend.actions.tap(
        world.person(ANN), world.private_chat(ANN, 100001), harness.ids["text"], 0, 0
    )
    query = (await harness.updates())[0]["callback_query"]
    assert query["id"] == done["callback_query_id"] and query["data"] == "want" and query["chat_instance"]
    assert query["message"]["text"] == "hello" and query["message"]["reply_markup"] == KEYBOARD
    link = "https://t.me/probe_bot?start=go"
    await harness.call("answerCallbackQuery", callback_query_id=query["id"], text="ok", show_alert=True, url=link)
    assert world.state.callbacks[query["id"]].answer == {"text": "ok", "show_alert": True, "url": link}


async def test_commands_are_resolved_by_scope_and_language(harness: Harness) -> None:
    one = [{"command": "help", "description": "h"}]
    zh = [{"command": "help", "description": "帮助"}]
    mine = [{"command": "desk", "description": "d"}]
    await harness.call("setMyCommands", commands=one)
    await harness.call("setMyCommands", commands=zh, language_code="zh")
    await harness.call("setMyCommands", commands=mine, scope={"type": "chat", "chat_id": ANN})
    assert (await harness.call("getMyCommands")).result == one
    assert (await harness.call("getMyCommands", language_code="zh")).result == zh
    harness.box.world.person(MEMBER).language_code = "zh-hans"
    _, world = await harness.api("GET", "/api/world")
    resolved = world["bots"][0]["commands"]["resolved"]
    assert resolved[str(ANN)] == mine and resolved[str(MEMBER)] == zh
    await harness.call("setMyCommands")
    assert (await harness.call("getMyCommands")).result == []


async def test_descriptions_by_language_and_the_menu_button_are_stored(harness: Harness) -> None:
    await harness.call("setMyDescription", description="about")
    await harness.call("setMyDescription", description="关于", language_code="zh")
    assert (await harness.call("getMyDescription", language_code="zh")).result == {"description": "关于"}
    assert (await harness.call("getMyDescription", language_code="de")).result == {"description": "about"}
    assert (await harness.call("setChatMenuButton", menu_button={"type": "commands"})).result is True
    assert (await harness.call("getChatMenuButton", chat_id=ANN)).result == {"type": "commands"}


async def test_an_ephemeral_message_is_seen_edited_and_deleted_for_one_member(harness: Harness) -> None:
    group = harness.ids["super"]
    sent = (
        await harness.call(
            "sendMessage", chat_id=group, text="psst", ephemeral_message_parameters={"receiver_user_id": MEMBER}
        )
    ).result
    assert sent["message_id"] == 0 and sent["receiver_user"]["id"] == MEMBER
    known = {"chat_id": group, "receiver_user_id": MEMBER, "ephemeral_message_id": sent["ephemeral_message_id"]}
    assert (await harness.call("editEphemeralMessageText", **known, text="pssst")).result is True
    assert message(harness, sent["ephemeral_message_id"], f"g{group}").only_for == MEMBER
    assert (await harness.call("deleteEphemeralMessage", **known)).result is True
    private = await harness.call(
        "sendMessage", chat_id=ANN, text="x", ephemeral_message_parameters={"receiver_user_id": ANN}
    )
    assert private.refusal[0] == 400


async def test_bots_and_people_react_to_messages(harness: Harness) -> None:
    await harness.call("getUpdates", allowed_updates=["message_reaction"])
    heart = [{"type": "emoji", "emoji": "❤"}]
    wanted = {"chat_id": ANN, "message_id": harness.ids["from_ann"], "reaction": heart}
    assert (await harness.call("setMessageReaction", **wanted)).result is True
    bad = await harness.call("setMessageReaction", **{**wanted, "reaction": [{"type": "emoji", "emoji": "🦖"}]})
    assert bad.refusal == (400, "Bad Request: REACTION_INVALID")
    await harness.api(
        "POST", f"/api/people/{ANN}/react", chat=f"p{ANN}:100001", message_id=harness.ids["text"], emoji=["🔥"]
    )
    told = (await harness.updates())[0]["message_reaction"]
    assert told["new_reaction"] == [{"type": "emoji", "emoji": "🔥"}] and told["old_reaction"] == []


async def test_rich_messages_are_built_from_html_markdown_and_blocks(harness: Harness) -> None:
    html = (
        "<h2>Round</h2><p>Now <b>28</b> items</p><table bordered><tr><th>Item</th><th align='right'>Votes</th></tr>"
        "<tr><td>Pear</td><td>3</td></tr></table><tg-slideshow><img src='tg://photo?id=p'/></tg-slideshow>"
        "<tg-button-row><tg-button type='callback_data' data='v' style='danger'>Vote</tg-button></tg-button-row>"
    )
    rich = {"html": html, "media": [{"id": "p", "media": {"type": "photo", "media": harness.ids["photo_file"]}}]}
    sent = (await harness.call("sendRichMessage", chat_id=ANN, rich_message=rich)).result["rich_message"]
    assert [one["type"] for one in sent["blocks"]] == ["heading", "paragraph", "table", "slideshow", "buttons"]
    assert sent["blocks"][1]["text"] == ["Now ", {"type": "bold", "text": "28"}, " items"]
    assert sent["blocks"][2]["cells"][0][1] == {
        "align": "right",
        "valign": "middle",
        "text": "Votes",
        "is_header": True,
    }
    assert sent["blocks"][3]["blocks"][0]["photo"][0]["file_unique_id"]
    done = await harness.api(
        "POST",
        f"/api/people/{ANN}/press",
        chat=f"p{ANN}:100001",
        message_id=harness.box.world.state.bots[100001].last_message_id,
        callback_data="v",
    )
    assert done[1]["kind"] == "callback"
    marked = {"markdown": "# Hi\n\n- a\n- b\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n\n> q"}
    blocks = (await harness.call("sendRichMessage", chat_id=ANN, rich_message=marked)).result["rich_message"]["blocks"]
    assert [one["type"] for one in blocks] == ["heading", "list", "table", "blockquote"]
    deep: dict[str, Any] = {"type": "paragraph", "text": "x"}
    for _ in range(17):
        deep = {"type": "blockquote", "blocks": [deep]}
    too_deep = await harness.call("sendRichMessage", chat_id=ANN, rich_message={"blocks": [deep]})
    assert too_deep.refusal[0] == 400


async def test_getme_and_getchat_describe_bot_and_chat(harness: Harness) -> None:
    me = (await harness.call("getMe")).result
    assert me["username"] == "probe_bot" and me["supports_inline_queries"] is True
    chat = (await harness.call("getChat", chat_id=ANN)).result
    assert chat["id"] == ANN and chat["type"] == "private"


async def test_a_picture_can_be_sent_by_a_loopback_url(harness: Harness) -> None:
    unique = (await harness.send_photo())["photo"][-1]["file_unique_id"]
    sent = await harness.call("sendPhoto", chat_id=ANN, photo=f"{harness.box.url}/media/{unique}")
    assert sent.result["photo"]
