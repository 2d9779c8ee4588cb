"""A caller of the mesh that shares no code with it: nng's req/rep on a Unix socket, CBOR by cbor2."""

import itertools
import pathlib
import socket
import struct
import subprocess
import tempfile
import time

import cbor2

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "debug"


class Refused(Exception):
    """The fault that a service answered with."""


class Caller:
    """One connection to one service."""

    def __init__(self, path, name):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.socket.sendall(b"\0SP\0\0\x30\0\0")
        assert self._read(8) == b"\0SP\0\0\x31\0\0"
        self.name = name
        self.numbers = itertools.count(1)

    def call(self, method, **fields):
        """Calls and waits; fields that are None are left out."""
        body = cbor2.dumps({key: value for key, value in fields.items() if value is not None})
        envelope = {1: method, 2: self.name, 3: "conformance", 5: 30_000, 6: body}
        number = 0x8000_0000 | next(self.numbers)
        message = struct.pack(">I", number) + cbor2.dumps(envelope)
        self.socket.sendall(b"\1" + struct.pack(">Q", len(message)) + message)
        kind, length = struct.unpack(">BQ", self._read(9))
        assert kind == 1
        answer = self._read(length)
        assert struct.unpack(">I", answer[:4])[0] == number
        reply = cbor2.loads(answer[4:])
        if 2 in reply:
            raise Refused(reply[2])
        return cbor2.loads(reply[1])

    def _read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            assert part, "the service closed the connection"
            data += part
        return data

    def close(self):
        self.socket.close()


class Service:
    """One service's executable on a folder of its own."""

    def __init__(self, name, **environment):
        self.folder = tempfile.TemporaryDirectory(prefix="atelier-")
        self.path = pathlib.Path(self.folder.name) / "run" / f"{name}.sock"
        self.process = subprocess.Popen(
            [BUILD / f"atelier-{name}", "serve", "--data", self.folder.name],
            env={"PATH": "/usr/bin:/bin", "ATELIER_LOG": "warning", **environment})
        end = time.monotonic() + 30
        while not self.path.exists():
            assert self.process.poll() is None, f"{name} did not start"
            assert time.monotonic() < end, f"{name} did not begin to listen"
            time.sleep(0.02)

    def caller(self, name="gateway"):
        return Caller(self.path, name)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()
