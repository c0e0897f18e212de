"""The tamper-evident tally of a voting day: its acts are the leaves of a Merkle tree, whose root is published (R39).

The tree is that of RFC 9162, section 2.1: leaves and nodes are hashed in different domains, so that no node can pass
for a leaf. A leaf names its act, its good and its day in the open, and the member under a seal, which only who has the
salt can open: by the leaves everyone can count the acts of each good, and no one learns whose they are.

All hashes are SHA-256, in bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

CHUNK = 1024
"""Leaves of a piece of the tree. A power of two, so that each piece is a subtree."""
SALT_BYTES = 16
HASH_BYTES = 32
_LEAF, _NODE, _SEAL = b"\x00", b"\x01", b"\x02"
"""What each hash begins with; the first two as RFC 9162 has them."""


class TallyAct(StrEnum):
    """What is counted. A vote that is set aside was cast like any other, and there is no word for it here (R28)."""

    CAST = "cast"
    TAKEN_BACK = "taken-back"
    RETURNED = "returned"
    """The vote stands; its member has the ballot back (R5)."""
    USED_AGAIN = "used-again"
    """The ballot that had returned is in use for this vote again: a granted appeal has brought the good back (R29)."""
    VOID = "void"
    RESTORED = "restored"
    """A void vote counts again."""


class Leaf(NamedTuple):
    """One act for an item, without its day; `seal` hides the member."""

    act: TallyAct
    item: int
    seal: bytes


def seal_of(salt: bytes, member: int, act: TallyAct, item: int, day: date) -> bytes:
    """What hides the member of an act. Without its salt, of `SALT_BYTES` random bytes, it cannot be guessed."""
    return sha256(_SEAL + salt + f"{day.isoformat()} {act.value} {item} {member}".encode()).digest()


def leaf_hash(leaf: Leaf, day: date) -> bytes:
    """The hash of a leaf of this day."""
    return sha256(_LEAF + f"{day.isoformat()} {leaf.act.value} {leaf.item} ".encode() + leaf.seal).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


class Tree:
    """The root of a tree whose leaves come one after the other; memory holds one hash for each level."""

    def __init__(self) -> None:
        self.leaves = 0
        self._complete: list[bytes] = []
        """The roots of the complete subtrees on the left, the largest first: one for each bit of `leaves`."""

    def append(self, hashed: bytes) -> None:
        """The next leaf, or the root of a subtree where all are of one size."""
        number = self.leaves
        while number & 1:
            hashed, number = _node(self._complete.pop(), hashed), number >> 1
        self._complete.append(hashed)
        self.leaves += 1

    def root(self) -> bytes:
        """The root of what has come; that of no leaves is the hash of nothing."""
        if not self._complete:
            return sha256().digest()
        root = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            root = _node(left, root)
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root of a tree of these leaves."""
    tree = Tree()
    for hashed in hashes:
        tree.append(hashed)
    return tree.root()


def path_of(hashes: Sequence[bytes], position: int) -> list[bytes]:
    """The proof that a leaf is in the tree: the neighbours on its way to the root. Raises IndexError."""
    if not 0 <= position < len(hashes):
        raise IndexError(position)
    path: list[bytes] = []
    while len(hashes) > 1:
        left = 1 << (len(hashes) - 1).bit_length() - 1
        inside, beside = (hashes[:left], hashes[left:]) if position < left else (hashes[left:], hashes[:left])
        path.append(root_of(beside))
        hashes, position = inside, position % left if position < left else position - left
    return path[::-1]


def path_in_chunks(chunk: Sequence[bytes], chunk_roots: Sequence[bytes], position: int) -> list[bytes]:
    """The same, from the leaves of the one chunk and the roots of all. Raises IndexError."""
    number, place = divmod(position, CHUNK)
    return path_of(chunk, place) + path_of(chunk_roots, number)


def root_by_path(hashed: bytes, position: int, leaves: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a leaf's proof leads (RFC 9162, section 2.1.3.2); None for what is no proof of such a tree."""
    if not 0 <= position < leaves:
        return None
    last = leaves - 1
    for beside in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            hashed = _node(beside, hashed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            hashed = _node(hashed, beside)
        position, last = position >> 1, last >> 1
    return hashed if last == 0 else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a member's vote is in the tally of a day. It names the member: who has it can pass it on."""

    day: date
    item: int
    member: int
    salt: bytes
    position: int
    leaves: int
    path: tuple[bytes, ...]
    root: bytes
    act: TallyAct = TallyAct.CAST

    @property
    def leaf(self) -> Leaf:
        """The leaf that it speaks of."""
        return Leaf(self.act, self.item, seal_of(self.salt, self.member, self.act, self.item, self.day))

    def is_sound(self) -> bool:
        """Whether it leads to its root."""
        return root_by_path(leaf_hash(self.leaf, self.day), self.position, self.leaves, self.path) == self.root
