"""pynng, which stands on libnng, as the other side of the mesh's sockets.

`call` and `hear` connect to ours, `serve` and `say` let ours connect. Ends with 0 when all was as it
should be.
"""

import os
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


if __name__ == "__main__":
    {"call": call, "serve": serve, "hear": hear, "say": say}[sys.argv[1]](sys.argv[2])
    os._exit(0)  # closing may hang in libnng (nanomsg/nng#1543)
