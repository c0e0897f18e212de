"""What costs much is refused kindly after a while, says when it works again, and then does (R42)."""

from __future__ import annotations

from domain.limits import Act
from sandbox.testing import TestUser
from tests.journeys.conftest import Town
from tests.journeys.test_canvass import canvasser, gets, link_on, poster_of, sees_buttons


def use_up(town: Town, user: TestUser, act: Act) -> None:
    """As if the user had asked for this as often as they may."""
    while town.services.limits.take(user.id, act, town.services.context.clock.now()) is None:
        pass


async def test_r42_draws_are_refused_after_many_and_work_again_as_the_refusal_says(town: Town) -> None:
    ann, ben = await canvasser(town), await town.person("Ben")
    use_up(town, ann, Act.DRAW)
    told = await ann.taps("🎲")
    assert told is not None and told.alert and told.text.endswith("🎲 works again in 1 minute.")
    assert "works again in 1 minute" in (await gets(ann, "/goods")).text
    await ben.says("/goods")
    await ben.sees("1/1")
    town.pass_time(minutes=1)
    assert (await gets(ann, "/goods")).has_photo


async def test_r42_new_links_and_exports_are_refused_after_many(town: Town) -> None:
    ann = await canvasser(town)
    screen = await poster_of(ann)
    old = link_on(screen)
    for act in (Act.LINK, Act.EXPORT):
        use_up(town, ann, act)
    await ann.taps("♻️", message=screen)
    await sees_buttons(ann, screen, "♻️ Yes")
    told = await ann.taps("♻️ Yes", message=screen)
    assert told is not None and told.alert and "the one you have goes on working" in told.text
    await ann.taps("↩️", message=screen)
    await sees_buttons(ann, screen, "🔗")
    assert link_on(screen) == old
    await gets(ann, "/privacy")
    told = await ann.taps("📦")
    assert told is not None and told.alert and "sent again in" in told.text


async def test_r42_without_a_poster_the_link_is_shown_all_the_same(town: Town) -> None:
    ann = await canvasser(town)
    use_up(town, ann, Act.POSTER)
    screen = await gets(ann, "📣 Share", "Your own link")
    assert not screen.has_photo and screen.button("🔗") is not None


async def test_r42_searches_are_refused_after_many_and_work_again(town: Town) -> None:
    ann = await canvasser(town)
    use_up(town, ann, Act.SEARCH)
    assert not (await ann.asks("")).results
    town.pass_time(seconds=2)
    assert (await ann.asks("")).results
