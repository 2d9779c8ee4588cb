"""pynng, which stands on libnng, as the other side of the mesh's sockets.

`call` and `hear` connect to ours, `serve` and `say` let ours connect; `sign` calls a service that wants
to know who calls. Ends with 0 when all was as it should be.
"""

import base64
import hashlib
import os
import struct
import sys
import time

import pynng

# Not the empty one: pynng 0.9.0 cannot take it.
SIZES = [1, 255, 256, 65_536, 1 << 20]
TOPIC = b"topic\0"
DEADLINE = 20_000


def body(size):
    return bytes((i * 7) & 255 for i in range(size))


def call(url):
    peer = pynng.Req0(dial=url, recv_timeout=DEADLINE, send_timeout=DEADLINE)
    peer.recv_max_size = 16 << 20
    for size in SIZES:
        peer.send(body(size))
        assert peer.recv() == body(size)[::-1], size


def serve(url):
    peer = pynng.Rep0(listen=url, recv_timeout=DEADLINE, send_timeout=DEADLINE)
    peer.recv_max_size = 16 << 20
    message = b""
    while message != b"end":
        message = peer.recv()
        peer.send(message[::-1])
    time.sleep(0.2)  # libnng sends on its own time


def hear(url):
    peer = pynng.Sub0(dial=url, topics=[TOPIC], recv_timeout=DEADLINE)
    assert peer.recv() == TOPIC + b"said"


def say(url):
    peer = pynng.Pub0(listen=url)
    for _ in range(100):
        peer.send(b"topical")
        peer.send(TOPIC + b"said")
        time.sleep(0.01)


class Caller:
    """A caller with the key of a file `<name>.key`, who speaks to the test's lab."""

    def __init__(self, url, key_file):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self.name = os.path.basename(key_file).removesuffix(".key")
        _, self.key_id, seed, _ = open(key_file).read().split()
        seed = base64.urlsafe_b64decode(seed + "=" * (-len(seed) % 4))
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.peer = pynng.Req0(dial=url, recv_timeout=DEADLINE, send_timeout=DEADLINE)
        self.instance = None

    def statement(self, digest=None):
        import cbor2

        now = int(time.time() * 1000)
        told = {1: self.name, 2: "lab", 3: self.instance, 4: self.key_id, 5: now, 6: now + 30_000}
        told[7] = os.urandom(16)
        if digest:
            told[8] = digest
        told = cbor2.dumps(told)
        domain = b"atelier mesh call 1\0" if digest else b"atelier mesh hello 1\0"
        return {1: told, 2: self.key.sign(domain + told)}

    def proof(self, method, call_id, body):
        parts = [method.encode(), call_id.encode(), body]
        joined = b"".join(struct.pack(">Q", len(part)) + part for part in parts)
        return self.statement(hashlib.sha256(joined).digest())

    def ask(self, method, body, proof=None):
        """The answer's bytes, or the code of the fault."""
        import cbor2

        envelope = {1: method, 2: self.name, 3: "from-python", 5: 5_000, 6: body}
        if proof:
            envelope[7] = proof
        self.peer.send(cbor2.dumps(envelope))
        answer = cbor2.loads(self.peer.recv())
        return answer[1] if 1 in answer else answer[2]["code"]

    def greet(self):
        import cbor2

        self.instance = cbor2.loads(self.ask("hello", b""))[2]


def sign(url, key_file):
    import cbor2

    body = cbor2.dumps({"text": "from python"})
    caller = Caller(url, key_file)
    caller.greet()
    for _ in range(3):
        proof = caller.proof("echo", "from-python", body)
        assert cbor2.loads(caller.ask("echo", body, proof)) == {"text": "from python"}
    # Each of these ends the connection; the socket makes another.
    assert caller.ask("echo", body, proof) == "unauthenticated", "used before"
    assert caller.ask("echo", body) == "unauthenticated", "not signed"
    other = caller.proof("echo", "from-python", body + b"\0")
    assert caller.ask("echo", body, other) == "unauthenticated", "for another body"
    caller.name = "ally"
    proof = caller.proof("echo", "from-python", body)
    assert caller.ask("echo", body, proof) == "unauthenticated", "another's name"

    # Introduced once, the connection needs no more signatures.
    caller = Caller(url, key_file)
    caller.greet()
    assert cbor2.loads(caller.ask("hello", cbor2.dumps(caller.statement())))[3] is True
    for _ in range(3):
        assert cbor2.loads(caller.ask("echo", body)) == {"text": "from python"}


if __name__ == "__main__":
    verbs = {"call": call, "serve": serve, "hear": hear, "say": say, "sign": sign}
    verbs[sys.argv[1]](*sys.argv[2:])
    os._exit(0)  # closing may hang in libnng (nanomsg/nng#1543)
