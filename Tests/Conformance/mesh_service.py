"""A service of the mesh and a caller of one, in Python: pynng carries, cbor2 writes the envelopes.

Nothing here comes from the services: the envelope is made by hand from its description. `ask` calls
the lab of the Swift tests, `answer` is one that they call.
"""

import os
import sys
import time

import cbor2
import pynng

METHOD, CALLER, CALL, TRACE, TIME, BODY = 1, 2, 3, 4, 5, 6
REPLY, FAULT = 1, 2
DEADLINE = 20_000
LARGEST = 16 << 20


class Fault(Exception):
    """What a service answered instead of a reply."""

    def __init__(self, fault):
        super().__init__(f"{fault['code']}: {fault['message']}")
        self.code = fault["code"]


class Caller:
    """Calls the methods of one running service."""

    def __init__(self, url, name="python"):
        self.socket = pynng.Req0(
            dial=url, recv_timeout=DEADLINE, send_timeout=DEADLINE, resend_time=-1)
        self.socket.recv_max_size = LARGEST
        self.name = name

    def call(self, method, request=None, trace=None):
        envelope = {METHOD: method, CALLER: self.name, CALL: f"req_{time.monotonic_ns()}"}
        if trace:
            envelope[TRACE] = trace
        envelope[TIME] = 10_000
        envelope[BODY] = b"" if request is None else cbor2.dumps(request)
        self.socket.send(cbor2.dumps(envelope))
        answer = cbor2.loads(self.socket.recv())
        if FAULT in answer:
            raise Fault(answer[FAULT])
        return cbor2.loads(answer[REPLY])


def ask(url):
    lab = Caller(url)
    lab.call("ping")
    assert any(line.startswith("echo") for line in lab.call("describe")), lab.call("describe")
    sent = {"text": "grüße", "bytes": bytes(range(256)) * 300}
    assert lab.call("echo", sent) == sent
    who = lab.call("who", {}, trace="00-0af7-b7ad-01")
    assert who["caller"] == "python" and who["trace"] == "00-0af7-b7ad-01", who
    for method, request, code in [
        ("unknown", {}, "not-found"), ("guarded", {}, "denied"), ("echo", {}, "invalid"),
        ("fail", {"code": "of-the-future"}, "of-the-future"),
    ]:
        try:
            lab.call(method, request)
        except Fault as fault:
            assert fault.code == code, fault
        else:
            raise AssertionError(f"{method} brought a reply")


def answer(url, count):
    socket = pynng.Rep0(listen=url, recv_timeout=DEADLINE, send_timeout=DEADLINE)
    socket.recv_max_size = LARGEST
    for _ in range(count):
        request = cbor2.loads(socket.recv())
        if request[METHOD] == "ping":
            answer = {REPLY: cbor2.dumps({})}
        elif request[METHOD] == "echo":
            answer = {REPLY: cbor2.dumps(cbor2.loads(request[BODY]))}
        else:
            fault = {"code": "not-found", "message": f"no {request[METHOD]} in Python"}
            answer = {FAULT: fault}
        socket.send(cbor2.dumps(answer))
    time.sleep(0.2)  # libnng sends on its own time


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask(sys.argv[2])
    else:
        answer(sys.argv[2], int(sys.argv[3]))
    os._exit(0)  # closing may hang in libnng (nanomsg/nng#1543)
