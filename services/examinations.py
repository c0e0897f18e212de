"""Votes as the detector of brushing reads them (R28)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.brushing.neighbourhoods import placed
from domain.brushing.votes import CastVote
from services.context import ServiceContext
from services.people import hash_key
from storage.brushing import cast_votes
from storage.brushing.cast_votes import StoredVote


def ref_of(vote: StoredVote) -> str:
    """The item as people know it: the shop's ref, with the listing number where the good came back."""
    return vote.ref if vote.listing_number == 1 else f"{vote.ref}#{vote.listing_number}"


class Examinations:
    """Use cases of the detector."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def votes(
        self, closed_after: datetime | None = None, item_name: Callable[[StoredVote], str] = ref_of
    ) -> list[CastVote]:
        """The standing votes of the rounds that closed after this moment (aware) or are open; of all without one.

        Erased members, of whom only a neighbourhood is kept, have an ID in it; where none is kept any more, the vote is
        left out.
        """
        async with self._context.db.write() as connection:
            key = await hash_key(connection)
        async with self._context.db.read() as connection:
            found = await cast_votes.votes_since(connection, closed_after)
        return _cast_votes(key, found, item_name)


def _cast_votes(key: bytes, found: Sequence[StoredVote], item_name: Callable[[StoredVote], str]) -> list[CastVote]:
    known = {vote.telegram_id for vote in found if vote.telegram_id is not None}
    erased = {vote.member_id: vote.neighbourhood for vote in found if vote.telegram_id is None and vote.neighbourhood}
    places = placed(key, known, erased)
    return [
        CastVote(
            item=item_name(vote),
            shop=vote.shop,
            member=str(vote.member_id),
            telegram_id=telegram_id,
            cast_at=vote.cast_at,
            via=None if vote.owner_id is None else str(vote.owner_id),
            spent_fen=vote.spent_fen,
            refunded_fen=vote.refunded_fen,
            granted=max(0, vote.granted),
        )
        for vote in found
        if (telegram_id := vote.telegram_id or places.get(vote.member_id))
    ]
