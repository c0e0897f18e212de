"""The files of a tally: the table of a day that everyone can check, and a member's receipt (R39).

Below the names of its columns the table has a line with the day, the number of acts and the root, then one for each
act: its place, from 0, the act, the item, the seal, and the leaf's hash.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.transparency.tally import HASH_BYTES, SALT_BYTES, Leaf, Receipt, TallyAct, Tree, leaf_hash

TALLY_COLUMNS = ("position", "act", "item", "seal", "leaf")
_HEAD = "root"
_FORMAT = "want-to-group receipt 1"
_MOST = 2**63
_LONGEST_PATH = 64
LONGEST_RECEIPT = 100_000
"""Bytes; a larger file is no receipt."""


class FaultKind(StrEnum):
    """What is wrong with the table of a day."""

    UNREADABLE = "unreadable"
    OUT_OF_PLACE = "out-of-place"
    """The place does not follow: lines are missing before it, or it was put in."""
    OUT_OF_ORDER = "out-of-order"
    """Seals ascend, and none comes twice."""
    CHANGED = "changed"
    """Its hash is another one."""
    OTHER_DAY = "other-day"
    OTHER_NUMBER = "other-number"
    """It has not as many acts as it says."""
    OTHER_ROOT = "other-root"


@dataclass(frozen=True, slots=True)
class TableFault:
    """The first thing that is wrong, with the line of the file where one can be named."""

    kind: FaultKind
    line: int | None = None


@dataclass(slots=True)
class TallyCount:
    """What the acts of a day add up to: the tree, and the acts of each item."""

    tree: Tree = field(default_factory=Tree)
    acts: Counter[tuple[int, TallyAct]] = field(default_factory=Counter)

    def items(self) -> list[int]:
        """The items, in order."""
        return sorted({item for item, _ in self.acts})

    def moved(self, item: int) -> int:
        """By how many votes the day moves the count of an item."""
        plus, minus = (TallyAct.CAST, TallyAct.RESTORED), (TallyAct.TAKEN_BACK, TallyAct.VOID)
        return sum(self.acts[item, act] for act in plus) - sum(self.acts[item, act] for act in minus)


def row_of(position: int, leaf: Leaf, day: date) -> list[str | int]:
    """The line of an act."""
    return [position, leaf.act.value, leaf.item, leaf.seal.hex(), leaf_hash(leaf, day).hex()]


def head_row(day: date, leaves: int, root: bytes) -> list[str | int]:
    """The line above the acts."""
    return [_HEAD, day.isoformat(), leaves, "", root.hex()]


def check_table(lines: Iterable[tuple[int, Sequence[str]]], day: date, root: bytes | None) -> TallyCount | TableFault:
    """Check the lines of a table, each with its number in the file, against the day's root, or without one against that
    in the table. Memory holds what the acts of each item add up to."""
    told = _TableHead()
    count, before = TallyCount(), b""
    for number, cells in lines:
        if told.root is None:
            fault = told.read(cells, day)
        else:
            leaf = _leaf(cells)
            fault = FaultKind.UNREADABLE if leaf is None else _fault(leaf, cells, before, count, day)
            if leaf is not None:
                before = leaf.seal
                count.tree.append(leaf_hash(leaf, day))
                count.acts[leaf.item, leaf.act] += 1
        if fault is not None:
            return TableFault(fault, number)
    if told.root is None:
        return TableFault(FaultKind.UNREADABLE, 1)
    if count.tree.leaves != told.leaves:
        return TableFault(FaultKind.OTHER_NUMBER)
    return count if count.tree.root() == told.root and root in (None, told.root) else TableFault(FaultKind.OTHER_ROOT)


@dataclass(slots=True)
class _TableHead:
    """The two lines above the acts."""

    named: bool = False
    leaves: int = 0
    root: bytes | None = None

    def read(self, cells: Sequence[str], day: date) -> FaultKind | None:
        """Take the next of them in."""
        if not self.named:
            self.named = tuple(cells) == TALLY_COLUMNS
            return None if self.named else FaultKind.UNREADABLE
        leaves = _whole(cells[2]) if len(cells) == len(TALLY_COLUMNS) and cells[0] == _HEAD else None
        if leaves is None or _hash(cells[4]) is None:
            return FaultKind.UNREADABLE
        self.leaves, self.root = leaves, _hash(cells[4])
        return None if cells[1] == day.isoformat() else FaultKind.OTHER_DAY


def _fault(leaf: Leaf, cells: Sequence[str], before: bytes, count: TallyCount, day: date) -> FaultKind | None:
    if cells[0] != str(count.tree.leaves):
        return FaultKind.OUT_OF_PLACE
    if leaf.seal <= before:
        return FaultKind.OUT_OF_ORDER
    return None if cells[4] == leaf_hash(leaf, day).hex() else FaultKind.CHANGED


def _leaf(cells: Sequence[str]) -> Leaf | None:
    if len(cells) != len(TALLY_COLUMNS) or cells[1] not in set(TallyAct):
        return None
    item, seal = _whole(cells[2]), _hash(cells[3])
    return None if item is None or seal is None else Leaf(TallyAct(cells[1]), item, seal)


def _whole(text: str) -> int | None:
    """A number as it is written here, in one way only."""
    known = text.isascii() and text.isdecimal() and len(text) < 20 and str(int(text)) == text and int(text) < _MOST
    return int(text) if known else None


def _hash(text: str, size: int = HASH_BYTES) -> bytes | None:
    """Bytes as they are written here, in one way only."""
    try:
        read = bytes.fromhex(text)
    except ValueError:
        return None
    return read if read.hex() == text and len(read) == size else None


def root_of_text(text: str) -> bytes | None:
    """A root as people copy it from a page; None for what is none."""
    return _hash("".join(text.split()).lower())


def receipt_text(receipt: Receipt) -> str:
    """A receipt as a JSON document."""
    return json.dumps(
        {
            "format": _FORMAT,
            "day": receipt.day.isoformat(),
            "act": receipt.act.value,
            "item": receipt.item,
            "member": receipt.member,
            "salt": receipt.salt.hex(),
            "seal": receipt.leaf.seal.hex(),
            "leaf": leaf_hash(receipt.leaf, receipt.day).hex(),
            "position": receipt.position,
            "leaves": receipt.leaves,
            "path": [beside.hex() for beside in receipt.path],
            "root": receipt.root.hex(),
        },
        indent=2,
    )


def read_receipt(content: bytes) -> Receipt | None:
    """The receipt in a file; None for what is none, or says two different things."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
        receipt = Receipt(
            day=date.fromisoformat(found["day"]),
            act=TallyAct(found["act"]),
            item=_number(found["item"]),
            member=_number(found["member"]),
            salt=_bytes(found["salt"], SALT_BYTES),
            position=_number(found["position"]),
            leaves=_number(found["leaves"]),
            path=tuple(_bytes(beside) for beside in found["path"][:_LONGEST_PATH]),
            root=_bytes(found["root"]),
        )
        same = json.loads(receipt_text(receipt)) == found
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return receipt if same else None


def _number(value: object) -> int:
    number = _whole(str(value)) if isinstance(value, int) else None
    if number is None:
        raise ValueError(value)
    return number


def _bytes(value: object, size: int = HASH_BYTES) -> bytes:
    read = _hash(value, size) if isinstance(value, str) else None
    if read is None:
        raise ValueError(value)
    return read
