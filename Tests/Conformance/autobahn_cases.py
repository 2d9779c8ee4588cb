"""Autobahn's own cases for WebSocket servers against one: python autobahn_cases.py SOURCES PORT

The suite (PyPI `autobahntestsuite`) is Python 2 and does not start under Python 3. Its cases are small
classes that speak to a protocol object; they are read here with their few words of Python 2 changed, and
the object is one of our own, over asyncio. Compression (12, 13) is left out: it is not spoken.
"""
import asyncio
import base64
import builtins
import codecs
import importlib
import os
import pathlib
import re
import struct
import sys
import tempfile
import types

AT_ONCE = 24
WORDS = [
    (r"^(\s*)print\b.*$", r"\1pass"),
    (r'\.encode\("utf-8"\)', '.encode("utf-8", "surrogatepass").decode("latin-1")'),
    (r"binascii\.b2a_hex\(", "_hex("),
    (r"\(object, Case, \)", "(Case, )"),
    (r"len\(self\.payload\) / self", "len(self.payload) // self"),
]


class Validator:
    """What the cases ask of Autobahn's: whether text is UTF-8, and ends with a character."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def validate(self, text):
        try:
            self.decoder.decode(text.encode("latin-1"))
        except UnicodeDecodeError:
            return False, False
        return True, self.decoder.getstate()[0] == b""


class WebSocketProtocol:
    STATE_CLOSED, STATE_CONNECTING, STATE_CLOSING, STATE_OPEN = range(4)


def read_cases(sources):
    """The cases in the folder of the suite's package."""
    folder = tempfile.mkdtemp(prefix="atelier-autobahn-")
    names = []
    for path in sorted(pathlib.Path(sources, "case").glob("case*.py")):
        if path.stem in ("case12_x_x", "case9_9_1"):
            continue
        text = path.read_text(encoding="latin-1")  # a byte is a character in their words
        for old, new in WORDS:
            text = re.sub(old, new, text, flags=re.M)
        pathlib.Path(folder, path.name).write_text(text.expandtabs(8), encoding="utf-8")
        names.append(path.stem)
    builtins.xrange, builtins.unichr = range, chr
    builtins._hex = lambda text: text.encode("latin-1").hex()
    for name in ("autobahn", "autobahn.websocket", "autobahn.websocket.protocol",
                 "autobahn.websocket.utf8validator"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["autobahn.websocket.protocol"].WebSocketProtocol = WebSocketProtocol
    sys.modules["autobahn.websocket.utf8validator"].Utf8Validator = Validator
    sys.path.insert(0, folder)
    base = importlib.import_module("case").Case
    for name in names:
        importlib.import_module(name)
    found, left = {}, [base]
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            number = re.fullmatch(r"Case(\d+)_(\d+)(?:_(\d+))?", kind.__name__)
            if number:
                found[tuple(int(part) for part in number.groups() if part)] = kind
    return dict(sorted(found.items()))


class Peer:
    """The protocol object of one case: sends what it is told to and tells what comes."""

    CLOSE_STATUS_CODE_NORMAL, CLOSE_STATUS_CODE_PROTOCOL_ERROR = 1000, 1002
    CLOSE_STATUS_CODE_INVALID_PAYLOAD = 1007

    def __init__(self, case):
        self.factory = types.SimpleNamespace(isServer=False)
        self.createWirelog = self.connectionWasOpen = self.closedByMe = self.wasClean = False
        self.droppedByMe = self.failedByMe = self.sentClose = False
        self.remoteCloseCode = self.localCloseReason = self.trafficStats = None
        self.state, self.autoFragmentSize = WebSocketProtocol.STATE_CONNECTING, 0
        self.txFrameStats, self.message, self.kind = {}, b"", 0
        self.case = case(self)

    async def run(self, port, patience=60):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write((f"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(f"no upgrade: {head}")
        self.state, self.connectionWasOpen = WebSocketProtocol.STATE_OPEN, True
        try:
            self.case.onOpen()
            await asyncio.wait_for(self.listen(), patience)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.TimeoutError:
            self.droppedByMe = True
        self.state = WebSocketProtocol.STATE_CLOSED
        self.writer.close()
        self.case.onConnectionLost(self.failedByMe)
        return self.case

    # What comes

    async def listen(self):
        while True:
            first, second = await self.reader.readexactly(2)
            size = second & 127
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            if second & 128 or first & 0x70:
                raise SystemExit("a server's frame with a mask or reserved bits")
            self.take(first, await self.reader.readexactly(size))

    def take(self, first, payload):
        opcode, text = first & 15, payload.decode("latin-1")
        if opcode == 8:
            return self.farewell(payload)
        if opcode == 9:
            self.sendFrame(10, text)
        elif opcode == 10:
            self.case.onPong(text)
        else:
            self.kind = opcode or self.kind
            self.message += payload
            if first & 128:
                whole, self.message = self.message.decode("latin-1"), b""
                if self.state == WebSocketProtocol.STATE_OPEN:
                    self.case.onMessage(whole, self.kind == 2)

    def farewell(self, payload):
        self.remoteCloseCode = struct.unpack("!H", payload[:2])[0] if payload else None
        self.wasClean = True
        if not self.sentClose:
            self.sendFrame(8, payload[:2].decode("latin-1"))
            self.sentClose = True
        self.state = WebSocketProtocol.STATE_CLOSING
        self.case.onClose(True, self.remoteCloseCode, payload[2:])

    # What the cases do

    def put(self, data, chop=None):
        if self.writer.is_closing():
            return
        for start in range(0, len(data), chop or max(len(data), 1)):
            self.writer.write(data[start:start + (chop or len(data))])

    def sendFrame(self, opcode, payload="", fin=True, rsv=0, mask=None, payload_len=None,
                  chopsize=None, sync=False):
        body = payload.encode("latin-1")
        if payload_len is not None:
            body = (body * (payload_len // max(len(body), 1) + 1))[:payload_len]
        self.txFrameStats[opcode] = self.txFrameStats.get(opcode, 0) + 1
        self.put(head(opcode, len(body), fin, rsv) + masked(body), chopsize)

    def sendMessage(self, payload, isBinary=False, fragmentSize=None, sync=False, **_):
        size = fragmentSize or self.autoFragmentSize or max(len(payload), 1)
        pieces = [payload[at:at + size] for at in range(0, len(payload), size)] or [""]
        for index, piece in enumerate(pieces):
            opcode = (2 if isBinary else 1) if index == 0 else 0
            self.sendFrame(opcode, piece, fin=index == len(pieces) - 1)

    def beginMessage(self, isBinary=False, **_):
        self.begun = 2 if isBinary else 1

    def beginMessageFrame(self, length):
        self.put(head(self.begun, length, False, 0) + KEY)
        self.begun, self.at = 0, 0

    def sendMessageFrameData(self, payload, sync=False):
        self.put(bytes(byte ^ KEY[(self.at + index) % 4]
                       for index, byte in enumerate(payload.encode("latin-1"))))
        self.at += len(payload)

    def endMessage(self):
        self.sendFrame(0, "")

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        self.localCloseReason = reasonUtf8
        self.sentClose, self.closedByMe = True, not isReply
        self.state = WebSocketProtocol.STATE_CLOSING
        payload = "" if code is None else struct.pack("!H", code).decode("latin-1")
        self.sendFrame(8, payload + (reasonUtf8 or ""))

    def sendClose(self, code=None, reason=None):
        if not self.sentClose:
            self.sendCloseFrame(code, reason)

    def continueLater(self, delay, then, tag=None):
        self.later(delay, then)

    def killAfter(self, delay):
        self.later(delay, self.kill)

    def closeAfter(self, delay):
        self.later(delay, self.sendClose)

    def later(self, delay, then):
        def run():
            if self.state != WebSocketProtocol.STATE_CLOSED:
                then()
        asyncio.get_running_loop().call_later(delay, run)

    def kill(self):
        self.failedByMe = True
        if self.sentClose:
            self.droppedByMe = True
            self.writer.close()
        else:
            self.sendCloseFrame(1001)

    def enableWirelog(self, enable):
        pass


KEY = b"\x37\xfa\x21\x3d"


def head(opcode, length, fin, rsv):
    first = opcode | (128 if fin else 0) | rsv << 4
    if length < 126:
        return bytes([first, 128 | length])
    if length < 65_536:
        return struct.pack("!BBH", first, 254, length)
    return struct.pack("!BBQ", first, 255, length)


def masked(body):
    size = len(body)
    key = (KEY * (size // 4 + 1))[:size]
    mixed = int.from_bytes(body, "big") ^ int.from_bytes(key, "big")
    return KEY + mixed.to_bytes(size, "big")


async def run_all(cases, port):
    gate, results = asyncio.Semaphore(AT_ONCE), {}

    async def one(number, kind):
        async with gate:
            results[number] = await Peer(kind).run(port)
    # The large ones one behind the other: this side would be too slow for their waits.
    await asyncio.gather(*(one(*item) for item in cases.items() if item[0][0] != 9))
    for item in cases.items():
        if item[0][0] == 9:
            await one(*item)
    return results


def verdicts(sources, port):
    """How each case ended: the behaviour, and that of the close."""
    results = asyncio.run(run_all(read_cases(sources), port))
    return {".".join(map(str, number)): (case.behavior, case.behaviorClose, case.result,
                                         case.resultClose)
            for number, case in sorted(results.items())}


def main():
    told = verdicts(sys.argv[1], int(sys.argv[2]))
    counts = {}
    for number, (behavior, close, result, why) in told.items():
        counts[behavior, close] = counts.get((behavior, close), 0) + 1
        if (behavior, close) != ("OK", "OK"):
            print(f"{number}: {behavior}, close {close}: {result[:200]}; {why}")
    for (behavior, close), count in sorted(counts.items()):
        print(f"{count} {behavior}, close {close}")


if __name__ == "__main__":
    main()
