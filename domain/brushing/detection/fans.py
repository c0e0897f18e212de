"""Fans of a shop: they vote for most of what it brings, each at their own hours. Votes are bought for some goods."""

from __future__ import annotations

import numpy as np

from domain.brushing.detection.ballot_box import BallotBox, Flags
from domain.brushing.detection.groups import LockstepGroup
from domain.brushing.detection.null_model import expected_rates

_LEAST, _PART = 2, 1 / 3
"""So many of the shop's other goods, and this part of them, fans vote for `_MORE` often than others do."""
_MORE = 2.0
_NEARLY = 0.85
"""With this part of the rate of the group's goods, or more, a further good is one of them that was overlooked."""


def are_fans(box: BallotBox, group: LockstepGroup) -> bool:
    """Whether the accounts of a group that needs no hours like the shop, and not only the goods of the group."""
    shops = {box.shops[good] for good in group.goods.tolist()}
    if len(shops) != 1 or group.timed or shops == {""}:
        return False
    (shop,) = shops
    explained = set(group.goods.tolist())
    others = np.array([at for at, of in enumerate(box.shops) if of == shop and at not in explained], np.int64)
    inside: Flags = np.zeros(len(box.members), bool)
    inside[group.accounts] = True
    rates = box.voted[inside].mean(0)
    liked = others[rates[others] > _MORE * expected_rates(box, inside, group.goods)[others]]
    if len(liked) < max(_LEAST, _PART * len(others)):
        return False
    return float(rates[liked].mean()) < _NEARLY * float(np.median(rates[group.goods]))
