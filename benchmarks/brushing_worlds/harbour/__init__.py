"""The fourth generator, written from the issue without looking at the other three: a table of conventions.

`conventions` draws how a world writes things down: IDs, shops, offsets, popularity, columns that are zero everywhere;
`crowd` lets honest people vote: rush, lunch, evening, couples, fans, colleagues, three bursts; `attacks` buys votes,
most of them with a *twist*.
"""

from benchmarks.brushing_worlds.harbour.world import make

__all__ = ["make"]
