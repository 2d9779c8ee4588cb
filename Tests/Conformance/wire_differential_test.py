"""Thousands of random documents, judged by Python's cbor2 and by Wire: both must mean the same."""

import os
import random
import struct
import subprocess

import cbor2
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROUNDS = int(os.environ.get("WIRE_ROUNDS", "3000"))
TEXTS = ["", "a", "key", "ü", "水", "𐅑", "\0", '"', "0123456789" * 30]


class Peer:
    def __init__(self, path):
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


@pytest.fixture(scope="module")
def peer():
    path = os.environ.get("WIRE_PEER")
    if not path:
        build = ["swift", "build", "--product", "wire-peer", "--quiet", "--package-path", ROOT]
        subprocess.run(build, check=True)
        path = os.path.join(ROOT, ".build", "debug", "wire-peer")
    peer = Peer(path)
    yield peer
    peer.end()


def number(chance):
    """A number with a fraction, of each width that CBOR has."""
    form, size = chance.choice([("<e", 2), ("<f", 4), ("<d", 8)])
    return struct.unpack(form, chance.randbytes(size))[0]


def value(chance, depth):
    kind = chance.randrange(12 if depth > 0 else 8)
    if kind == 0:
        return None
    if kind == 1:
        return chance.random() < 0.5
    if kind == 2:
        return chance.getrandbits(chance.randrange(1, 65))
    if kind == 3:
        return -1 - chance.getrandbits(chance.randrange(1, 64))
    if kind in (4, 5):
        return number(chance)
    if kind == 6:
        return "".join(chance.choice(TEXTS) for _ in range(chance.randrange(5)))
    if kind == 7:
        return chance.randbytes(chance.choice([0, 1, 23, 24, 255, 256]))
    if kind in (8, 9):
        return [value(chance, depth - 2) for _ in range(chance.randrange(30))]
    if kind == 10:
        return cbor2.CBORTag(5_000_000 + chance.getrandbits(30), value(chance, depth - 2))
    size = chance.randrange(30)
    return {chance.choice(TEXTS) + str(index): value(chance, depth - 1) for index in range(size)}


def test_what_cbor2_writes_has_the_same_canonical_form_in_wire(peer):
    for seed in range(ROUNDS):
        document = value(random.Random(seed), 5)
        answer = peer.ask("canonical " + cbor2.dumps(document).hex())
        assert answer == cbor2.dumps(document, canonical=True).hex(), f"seed {seed}"


def test_what_wire_writes_has_the_same_canonical_form_in_cbor2(peer):
    for seed in range(ROUNDS):
        plain, canonical = peer.ask(f"make {seed}").split()
        for form in (plain, canonical):
            document = cbor2.loads(bytes.fromhex(form))
            assert cbor2.dumps(document, canonical=True).hex() == canonical, f"seed {seed}"


def test_what_wire_accepts_of_changed_bytes_cbor2_reads_as_well(peer):
    accepted = 0
    for seed in range(ROUNDS):
        chance = random.Random(seed)
        document = bytearray(cbor2.dumps(value(chance, 3)))
        document[chance.randrange(len(document))] ^= 1 << chance.randrange(8)
        answer = peer.ask("canonical " + document.hex())
        if not answer.startswith("refused"):
            accepted += 1
            # Tags with a meaning that cbor2 minds are its own affair.
            try:
                read = cbor2.loads(bytes(document))
            except cbor2.CBORDecodeValueError:
                continue
            if b"CBORTag" not in repr(read).encode():
                assert cbor2.loads(bytes.fromhex(answer)) == read or "nan" in repr(read), seed
    assert accepted > ROUNDS // 20
