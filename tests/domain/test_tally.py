"""R39: the tree of a voting day's acts. What is changed, added, dropped or moved is found; proofs lead to the root."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.transparency import tally
from domain.transparency.tally import (
    CHUNK,
    Leaf,
    Receipt,
    TallyAct,
    leaf_hash,
    path_in_chunks,
    path_of,
    root_by_path,
    root_of,
    seal_of,
)
from domain.transparency.tally_table import (
    TALLY_COLUMNS,
    FaultKind,
    TableFault,
    TallyCount,
    check_table,
    head_row,
    read_receipt,
    receipt_text,
    root_of_text,
    row_of,
)

DAY = date(2026, 11, 24)
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=40)
leaves = st.lists(
    st.builds(Leaf, st.sampled_from(TallyAct), st.integers(1, 9), st.binary(min_size=32, max_size=32)),
    min_size=1,
    max_size=24,
    unique_by=lambda leaf: leaf.seal,
).map(lambda found: sorted(found, key=lambda leaf: leaf.seal))


def by_definition(parts: list[bytes]) -> bytes:
    """The root as RFC 9162 defines it, of leaves that are hashed already."""
    if len(parts) < 2:
        return parts[0] if parts else sha256(b"").digest()
    left = 1
    while left * 2 < len(parts):
        left *= 2
    return sha256(b"\x01" + by_definition(parts[:left]) + by_definition(parts[left:])).digest()


def table(found: list[Leaf], day: date = DAY) -> list[list[str]]:
    root = root_of(leaf_hash(leaf, day) for leaf in found)
    rows = [row_of(position, leaf, day) for position, leaf in enumerate(found)]
    return [[str(cell) for cell in row] for row in ([*TALLY_COLUMNS], head_row(day, len(found), root), *rows)]


def check(rows: list[list[str]], root: bytes | None = None, day: date = DAY) -> TallyCount | TableFault:
    return check_table(enumerate(rows, 1), day, root)


@given(hashes)
def test_the_root_is_that_of_rfc_9162(parts: list[bytes]) -> None:
    assert root_of(parts) == by_definition(parts)


@given(hashes, st.data())
def test_every_proof_leads_to_the_root_and_that_of_another_leaf_or_place_does_not(
    parts: list[bytes], data: st.DataObject
) -> None:
    root = root_of(parts)
    for position, hashed in enumerate(parts):
        path = path_of(parts, position)
        assert root_by_path(hashed, position, len(parts), path) == root
        assert root_by_path(sha256(hashed).digest(), position, len(parts), path) != root
        other = data.draw(st.integers(0, len(parts) + 2))
        if other != position:
            assert root_by_path(hashed, other, len(parts), path) != root or parts[position] == parts[other]
        assert root_by_path(hashed, position, len(parts), [*path, hashed]) != root
        if path:
            assert root_by_path(hashed, position, len(parts), path[:-1]) != root
    with pytest.raises(IndexError):
        path_of(parts, len(parts))


@given(st.integers(1, 40), st.integers(0, 3))
def test_a_proof_from_one_chunk_and_the_roots_of_all_is_the_proof_of_the_whole(number: int, power: int) -> None:
    parts = [sha256(bytes([n])).digest() for n in range(number)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "CHUNK", size := 1 << power)
        chunks = [parts[start : start + size] for start in range(0, number, size)]
        roots = [root_of(chunk) for chunk in chunks]
        assert root_of(roots) == root_of(parts)
        for position in range(number):
            assert path_in_chunks(chunks[position // size], roots, position) == path_of(parts, position)


def test_a_chunk_is_a_power_of_two() -> None:
    assert CHUNK.bit_count() == 1


def test_no_node_passes_for_a_leaf_and_no_seal_for_either() -> None:
    leaf = Leaf(TallyAct.CAST, 1, seal_of(b"s" * 16, 7, TallyAct.CAST, 1, DAY))
    said = b"2026-11-24 cast 1 "
    assert leaf.seal == sha256(b"\x02" + b"s" * 16 + said + b"7").digest()
    assert leaf_hash(leaf, DAY) == sha256(b"\x00" + said + leaf.seal).digest()


@pytest.mark.parametrize("change", [{"member": 8}, {"item": 2}, {"act": TallyAct.VOID}, {"day": date(2026, 11, 25)}])
def test_a_seal_holds_member_good_act_and_day(change: dict[str, object]) -> None:
    values: dict[str, object] = {"salt": b"s" * 16, "member": 7, "act": TallyAct.CAST, "item": 1, "day": DAY}
    assert seal_of(**values) != seal_of(**{**values, **change})  # type: ignore[arg-type]


@given(leaves)
def test_a_whole_table_adds_up_to_the_acts_of_each_item(found: list[Leaf]) -> None:
    whole = check(table(found), root_of(leaf_hash(leaf, DAY) for leaf in found))
    assert isinstance(whole, TallyCount)
    assert whole.items() == sorted({leaf.item for leaf in found})
    worth = {TallyAct.CAST: 1, TallyAct.RESTORED: 1, TallyAct.VOID: -1, TallyAct.TAKEN_BACK: -1}
    for item in whole.items():
        assert whole.moved(item) == sum(worth.get(leaf.act, 0) for leaf in found if leaf.item == item)


@given(leaves, st.data())
def test_an_act_that_is_changed_added_dropped_or_moved_is_found_with_its_line(
    found: list[Leaf], data: st.DataObject
) -> None:
    rows = table(found)
    at = data.draw(st.integers(0, len(found) - 1))
    place = at + 2
    acts = [act for act in TallyAct if act is not found[at].act]
    changed = [
        *rows[:place],
        [rows[place][0], data.draw(st.sampled_from(acts)).value, *rows[place][2:]],
        *rows[place + 1 :],
    ]
    assert check(changed) == TableFault(FaultKind.CHANGED, place + 1)
    dropped = [*rows[:place], *rows[place + 1 :]]
    last = at == len(found) - 1
    assert check(dropped) == (
        TableFault(FaultKind.OTHER_NUMBER) if last else TableFault(FaultKind.OUT_OF_PLACE, place + 1)
    )
    twice = [*rows[: place + 1], *rows[place:]]
    assert check(twice) == TableFault(FaultKind.OUT_OF_PLACE, place + 2)
    if not last:
        moved = [*rows[:place], rows[place + 1], rows[place], *rows[place + 2 :]]
        assert check(moved) == TableFault(FaultKind.OUT_OF_PLACE, place + 1)


@given(leaves, st.data())
def test_a_table_that_was_made_anew_has_another_root_than_the_published_one(
    found: list[Leaf], data: st.DataObject
) -> None:
    """One who changes the acts can write fitting hashes beside them, but not the root that others have."""
    root = root_of(leaf_hash(leaf, DAY) for leaf in found)
    at = data.draw(st.integers(0, len(found) - 1))
    added = Leaf(TallyAct.CAST, 1, data.draw(st.binary(min_size=32, max_size=32)))
    forged = [
        [*found[:at], found[at]._replace(item=found[at].item + 1), *found[at + 1 :]],
        [*found[:at], *found[at + 1 :]],
        sorted([*found, added], key=lambda leaf: leaf.seal),
    ]
    for others in forged:
        if others != found and len({leaf.seal for leaf in others}) == len(others):
            assert check(table(others), root) == TableFault(FaultKind.OTHER_ROOT)
            kept_root = table(others)
            kept_root[1][4] = root.hex()
            assert check(kept_root, root) == TableFault(FaultKind.OTHER_ROOT)


def test_seals_that_do_not_ascend_are_found_even_under_a_fitting_root() -> None:
    found = [Leaf(TallyAct.CAST, 1, bytes([n]) * 32) for n in (2, 1)]
    assert check(table(found)) == TableFault(FaultKind.OUT_OF_ORDER, 4)
    assert check(table([found[0], found[0]])) == TableFault(FaultKind.OUT_OF_ORDER, 4)


def test_what_is_no_table_of_this_day_is_named() -> None:
    rows = table([Leaf(TallyAct.CAST, 1, b"a" * 32)])
    assert check(rows, day=date(2026, 11, 25)) == TableFault(FaultKind.OTHER_DAY, 2)
    assert check([]) == TableFault(FaultKind.UNREADABLE, 1)
    assert check(rows[1:]) == TableFault(FaultKind.UNREADABLE, 1)
    assert check(rows[:1]) == TableFault(FaultKind.UNREADABLE, 1)
    assert check(rows[:2]) == TableFault(FaultKind.OTHER_NUMBER)
    for wrong in (["0", "bought", "1", rows[2][3], rows[2][4]], ["0"], ["0", "cast", "١", *rows[2][3:]]):
        assert check([*rows[:2], wrong]) == TableFault(FaultKind.UNREADABLE, 3)


def a_receipt() -> Receipt:
    members = {4: b"4" * 16, 7: b"7" * 16, 9: b"9" * 16}
    found = sorted(
        Leaf(TallyAct.CAST, 1, seal_of(salt, member, TallyAct.CAST, 1, DAY)) for member, salt in members.items()
    )
    parts = [leaf_hash(leaf, DAY) for leaf in found]
    mine = found.index(Leaf(TallyAct.CAST, 1, seal_of(members[7], 7, TallyAct.CAST, 1, DAY)))
    return Receipt(DAY, 1, 7, members[7], mine, 3, tuple(path_of(parts, mine)), root_of(parts))


def test_a_receipt_is_read_as_it_was_written_and_is_sound() -> None:
    receipt = a_receipt()
    assert read_receipt(receipt_text(receipt).encode()) == receipt
    assert receipt.is_sound()


@pytest.mark.parametrize(
    "change",
    [
        *({"member": 8}, {"item": 2}, {"day": "2026-11-25"}, {"act": "void"}, {"root": "00" * 32}, {"position": 3}),
        *({"leaves": 2**62}, {"salt": "00" * 16}, {"path": []}, {"path": ["00" * 32] * 99}, {"seal": "00" * 32}),
        *({"leaf": "00" * 32}, {"format": "another"}, {"member": True}, {"member": None}, {"more": 1}, {"salt": 5}),
    ],
)
def test_a_receipt_that_was_changed_is_no_proof(change: dict[str, object]) -> None:
    changed = json.dumps({**json.loads(receipt_text(a_receipt())), **change}).encode()
    read = read_receipt(changed)
    assert read is None or not read.is_sound()


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_receipt_is_none(content: bytes) -> None:
    assert read_receipt(content) is None


def test_a_root_is_read_as_people_copy_it() -> None:
    assert root_of_text(" AB" * 16 + "\n" + "00" * 16) == b"\xab" * 16 + bytes(16)
    assert root_of_text("ab") is None and root_of_text("") is None and root_of_text("x" * 64) is None
