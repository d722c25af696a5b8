"""The Merkle log: known vectors, proofs of every kind, and tampering that is found."""

import base64
import json
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from hues.cli import log as command
from hues.kernel import journal
from hues.kernel.actors import SYSTEM
from hues.kernel.log import notes, queries, tree
from hues.kernel.log.verify import verify
from hues.kernel.models import LogLeaf
from hues.kernel.relay import run_once

# The test vectors of RFC 6962's reference implementation (certificate-transparency: merkletree/merkle_tree_test).
INPUTS = [bytes.fromhex(x) for x in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes]) -> tuple[tree.Frontier, dict[tree.Coordinates, bytes]]:
    frontier, nodes = tree.Frontier(0, lambda _where: b""), {}
    for place, leaf in enumerate(leaves):
        nodes[0, place] = leaf
        nodes.update(frontier.add(leaf))
    return frontier, nodes


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else tree.EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(plain_root(leaves[:k]), plain_root(leaves[k:]))


def test_roots_are_those_of_the_known_vectors() -> None:
    for size, expected in enumerate(ROOTS, 1):
        frontier, nodes = grown([tree.leaf_hash(data) for data in INPUTS[:size]])
        assert frontier.root().hex() == expected
        assert tree.root(size, nodes.__getitem__).hex() == expected
    assert tree.root(0, {}.__getitem__).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_proofs_are_those_of_the_known_vectors() -> None:
    _frontier, nodes = grown([tree.leaf_hash(data) for data in INPUTS])
    assert [n.hex()[:8] for n in tree.inclusion_proof(5, 8, nodes.__getitem__)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [n.hex()[:8] for n in tree.consistency_proof(6, 8, nodes.__getitem__)] == [
        "0ebc5d34",
        "ca854ea1",
        "d37ee418",
    ]
    assert tree.consistency_proof(8, 8, nodes.__getitem__) == []


@given(st.integers(1, 70), st.data())
def test_every_proof_proves_its_own_leaf_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = [tree.leaf_hash(bytes([n])) for n in range(size)]
    _frontier, nodes = grown(leaves)
    root = plain_root(leaves)
    place, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(place, size, nodes.__getitem__)
    assert tree.verify_inclusion(leaves[place], place, size, proof, root)
    if other != place:
        assert not tree.verify_inclusion(leaves[other], place, size, proof, root)
        assert not tree.verify_inclusion(leaves[place], other, size, proof, root)
    assert not tree.verify_inclusion(leaves[place], place, size, [*proof, root], root)


@given(st.integers(1, 70), st.data())
def test_a_log_can_prove_that_it_only_grew(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    leaves = [tree.leaf_hash(bytes([n])) for n in range(size)]
    _frontier, nodes = grown(leaves)
    proof = tree.consistency_proof(old, size, nodes.__getitem__)
    assert tree.verify_consistency(old, size, proof, plain_root(leaves[:old]), plain_root(leaves))
    rewritten = plain_root([tree.leaf_hash(b"x"), *leaves[1:old]])
    assert not tree.verify_consistency(old, size, proof, rewritten, plain_root(leaves))


def test_a_frontier_read_from_stored_nodes_grows_on() -> None:
    leaves = [tree.leaf_hash(bytes([n])) for n in range(37)]
    _frontier, nodes = grown(leaves[:21])
    frontier = tree.Frontier(21, nodes.__getitem__)
    for leaf in leaves[21:]:
        frontier.add(leaf)
    assert frontier.root() == plain_root(leaves)


def test_a_checkpoint_is_a_signed_note() -> None:
    checkpoint = notes.Checkpoint("hue.example/log", 7, bytes(32))
    note = notes.sign(checkpoint)
    lines = note.split("\n")
    assert lines[:4] == ["hue.example/log", "7", base64.b64encode(bytes(32)).decode(), ""]
    assert lines[4].startswith("— hue.example/log ")
    assert notes.open_note(note) == checkpoint
    with pytest.raises(notes.BadNote):
        notes.open_note(note.replace("\n7\n", "\n8\n"))
    with pytest.raises(notes.BadNote):
        notes.open_note(note, verifier="other+00000000+AAAA")
    for broken in ("", "a\nb\n", note.partition("\n\n")[0], note.replace("— ", "- ")):
        with pytest.raises(notes.BadNote):
            notes.open_note(broken)


def test_the_verifier_key_alone_checks_a_note() -> None:
    note = notes.sign(notes.Checkpoint(notes.origin(), 1, bytes(32)))
    assert notes.open_note(note, notes.verifier_key()).size == 1


# ── With the journal ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def logged(db: None) -> list[UUID]:
    ids = [
        journal.record(actor=SYSTEM, action="case.opened", subject_kind="case", subject_id=uuid4(), public={"n": n})
        for n in range(11)
    ]
    run_once()
    return ids


def tamper(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # a superuser switches the triggers off
        cursor.execute(sql, values)
        cursor.execute("set local session_replication_role = origin")


def test_an_untouched_log_is_sound(logged: list[UUID]) -> None:
    verdict = verify()
    assert verdict.problems == []
    assert verdict.entries >= 11
    assert verdict.checkpoints >= 1
    assert verdict.root == bytes(queries.newest_checkpoint().root)


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ('update kernel_journalentry set parts = \'{"public": {"n": 99}}\' where id = %s', "is not what it was"),
        ("update kernel_journalentry set actor_kind = 'guest' where id = %s", "is not what it was"),
        ("update kernel_journalentry set parts = '{}', salt = '' where id = %s", "no entry says who did it"),
        ("delete from kernel_journalentry where id = %s", "was removed from the journal"),
        ("update kernel_logleaf set leaf_hash = sha256('x') where entry_id = %s", "do not give the root"),
        ("delete from kernel_logleaf where entry_id = %s", "missing"),
    ],
)
def test_tampering_is_found(logged: list[UUID], sql: str, finding: str) -> None:
    tamper(sql, logged[4])
    assert any(finding in problem for problem in verify().problems)


def test_a_log_that_was_cut_and_signed_again_is_found_by_a_witness(logged: list[UUID]) -> None:
    seen = queries.newest_checkpoint().note
    last = LogLeaf.objects.get(entry_id=logged[-1]).place
    tamper("delete from kernel_logcheckpoint where size > %s", last)
    tamper("delete from kernel_logleaf where place >= %s", last)
    tamper("delete from kernel_journalentry where id = %s", logged[-1])
    tamper("delete from kernel_lognode where (index + 1) * (1::bigint << level) > %s", last)
    assert verify().problems == []
    assert any("covers more than the log holds" in problem for problem in verify(seen).problems)


def test_a_changed_inner_node_is_found(logged: list[UUID]) -> None:
    tamper("update kernel_lognode set hash = sha256('x') where level = 1 and index = 0 and %s is not null", "")
    assert any("not the hash of its children" in problem for problem in verify().problems)


def test_erased_content_leaves_every_proof_standing(logged: list[UUID], client: Client) -> None:
    journal.erase_entry(actor=SYSTEM, entry_id=logged[3], ground="a decision")
    run_once()
    verdict = verify()
    assert verdict.problems == []
    assert verdict.erased >= 1
    assert client.get(f"/log/proof/{logged[3]}").status_code == 200


def test_a_witness_can_check_one_entry_and_the_growth_of_the_log(logged: list[UUID], client: Client) -> None:
    old = notes.open_note(client.get("/log/checkpoint").content.decode(), client.get("/log/key").content.decode())
    told = client.get(f"/log/proof/{logged[5]}").json()
    proof = [base64.b64decode(node) for node in told["proof"]]
    assert told["size"] == old.size
    assert tree.verify_inclusion(base64.b64decode(told["leaf_hash"]), told["place"], told["size"], proof, old.root)
    for n in range(5):
        journal.record(actor=SYSTEM, action="case.opened", subject_kind="case", subject_id=uuid4(), public={"n": n})
    run_once()
    new = notes.open_note(client.get("/log/checkpoint").content.decode())
    answer = client.get("/log/consistency", {"from": old.size, "to": new.size}).json()
    growth = [base64.b64decode(node) for node in answer["proof"]]
    assert tree.verify_consistency(old.size, new.size, growth, old.root, new.root)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/log/proof/{UUID(int=4 << 76)}", 404),
        ("/log/proof/nonsense", 404),
        ("/log/consistency", 422),
        ("/log/consistency?from=5&to=2", 422),
        ("/log/consistency?from=0&to=1", 422),
        ("/log/consistency?from=1&to=99999999999999999", 422),
        ("/log/consistency?from=-1&to=%F0%9F%98%80", 422),
    ],
)
def test_questions_without_an_answer_get_a_clear_no(
    logged: list[UUID], client: Client, address: str, status: int
) -> None:
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert json.loads(answer.content)["status"] == status


def test_the_command_says_what_it_found(logged: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    assert command.run(parser.parse_args(["log", "verify"])) == 0
    assert "the log is sound" in capsys.readouterr().out
    tamper("update kernel_journalentry set action = 'case.closed' where id = %s", logged[0])
    assert command.run(parser.parse_args(["log", "verify"])) == 1
    assert str(logged[0]) in capsys.readouterr().out
    assert command.run(parser.parse_args(["log", "key"])) == 0
    assert capsys.readouterr().out.strip() == notes.verifier_key()
