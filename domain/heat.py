"""Heat: how warmly an item is received, 0 to 5 flames beside its vote count (R11)."""

MAX_HEAT = 5

_DOUBT = 40
"""Imagined members who saw the item and did not want it: a handful of views proves little."""

_FLAMES_AT_PERCENT = (2, 5, 10, 20, 35)


def heat(votes: int, shown: int) -> int:
    """Rate the share of those who saw an item that want it, from 0 (no one) to `MAX_HEAT`.

    `votes` counts the valid votes, `shown` the exposures. More votes never make it cooler, more exposures never hotter.
    Votes that came without an exposure, by a canvass link, count as seen. Negative numbers raise ValueError.
    """
    if votes < 0 or shown < 0:
        raise ValueError("Votes and exposures cannot be negative.")
    witnesses = max(shown, votes) + _DOUBT
    return sum(votes * 100 >= percent * witnesses for percent in _FLAMES_AT_PERCENT)
