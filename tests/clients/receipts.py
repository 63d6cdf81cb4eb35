"""proofbundle, an independent verifier of transparency logs: python receipts.py URL RECEIPT, of a running service."""

import base64
import hashlib
import json
import struct
import sys
import urllib.request

from proofbundle import merkle
from proofbundle.checkpoint import verify_checkpoint
from proofbundle.tlogproof import parse_tlog_proof, verify_tlog_proof

URL, RECEIPT = sys.argv[1:]


def get(path):
    with urllib.request.urlopen(f"{URL}{path}", timeout=60) as answer:
        return answer.read()


def log():
    query = json.dumps({"query": "{ transparencyLog { origin verifierKeys size rootHash checkpoint } }"})
    request = urllib.request.Request(f"{URL}graphql", query.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]["transparencyLog"]


def verify_receipt(receipt, key, origin):
    opening = next(line for line in receipt.splitlines() if line.startswith("extra ")).removeprefix("extra ")
    opening = base64.b64decode(opening)
    verdict = verify_tlog_proof(receipt, hashlib.sha256(opening).digest(), key, expected_origin=origin)
    assert verdict["ok"], verdict
    line = json.loads(opening[32:])
    assert line["type"] == "write-for-rights.report-revision.v1", line
    # Without its salt, or with another line, it is no leaf of the log.
    for other in [opening[32:], opening.replace(b"ACCEPTED", b"REJECTED")]:
        refused = verify_tlog_proof(receipt, hashlib.sha256(other).digest(), key, expected_origin=origin)
        assert not refused["inclusion_ok"], refused
    return verdict, line


def entries(size):
    """The entries of a log that fits into one bundle."""
    bundle = get(f"log/tile/entries/000.p/{size}")
    found = []
    while bundle:
        (length,) = struct.unpack(">H", bundle[:2])
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return found


def main():
    head = log()
    (key,) = head["verifierKeys"]
    with open(RECEIPT, encoding="utf-8", newline="") as file:
        receipt = file.read()
    verdict, line = verify_receipt(receipt, key, head["origin"])
    assert line["lines"] == [{"case": None, "kind": "APPEAL_LETTER", "quantity": 12}], line
    checkpoint = get("log/checkpoint").decode()
    newest = verify_checkpoint(checkpoint, key)
    assert newest["ok"] and checkpoint == head["checkpoint"], newest
    size = newest["tree_size"]
    assert size == head["size"] and verdict["index"] < size, head
    leaves = entries(size)
    assert merkle.merkle_tree_hash(leaves) == newest["root"]
    tile = b"".join(merkle.leaf_hash(leaf) for leaf in leaves)
    assert tile == get(f"log/tile/0/000.p/{size}")
    # The proofs are those that the package computes from the entries.
    assert parse_tlog_proof(receipt)["proof"] == merkle.inclusion_proof(leaves[: verdict["tree_size"]], verdict["index"])
    for first in range(1, size):
        old, *hashes = get(f"log/proof/consistency?from={first}").decode().partition("\n\n")[0].splitlines()
        assert old == f"old {first}", old
        proof = [base64.b64decode(one) for one in hashes]
        assert proof == merkle.consistency_proof(leaves, first), first
        root = merkle.merkle_tree_hash(leaves[:first])
        assert merkle.verify_consistency(first, size, proof, root, newest["root"]), first


main()
print("proofbundle: a receipt, the head, its tiles and its history")
