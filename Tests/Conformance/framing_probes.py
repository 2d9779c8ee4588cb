"""Sends ambiguous and malformed HTTP/1.1 to a running gateway: python3 framing_probes.py PORT

Each probe names the statuses it must be answered with, and whether the connection must be closed
after them. Prints one line for each that differs, and "N passed, N failed" at the end. The probes are
those with which HTTP servers were compared before this one was written.
"""
import re
import socket
import sys
import time

H = b"Host: a\r\n"
POST = b"POST /api/v1/auth/login HTTP/1.1\r\n" + H
GET = b"GET /health HTTP/1.1\r\n"

# name: (bytes or pieces, acceptable status sequences, must the connection end)
PROBES = {
    "plain GET": (GET + H + b"\r\n", ["200"], False),
    "HTTP/1.0": (b"GET /health HTTP/1.0\r\n\r\n", ["200"], True),
    "pipelining 3 deep": ((GET + H + b"\r\n") * 3, ["200 200 200"], False),
    "chunked body": (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n", ["400"], False),
    "chunk extension": (POST + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", ["400"], False),
    "chunk size 0x5": (POST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", ["400"], True),
    "chunk size negative": (POST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", ["400"], True),
    "chunk size overlong": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n", ["400", "413"], True),
    "trailers": (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n", ["400"], False),
    "TE and CL": (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ["400"], True),
    "two CL, differing": (POST + b"Content-Length: 5\r\nContent-Length: 3\r\n\r\nhello", ["400"], True),
    "two CL, equal": (POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", ["400"], True),
    "CL with a sign": (POST + b"Content-Length: +5\r\n\r\nhello", ["400"], True),
    "CL with letters": (POST + b"Content-Length: 5x\r\n\r\nhello", ["400"], True),
    "CL negative": (POST + b"Content-Length: -1\r\n\r\nhello", ["400"], True),
    "blank before colon": (POST + b"Content-Length : 5\r\n\r\nhello", ["400"], True),
    "TE xchunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ["400", "501"], True),
    "TE chunked, identity": (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ["400", "501"], True),
    "folded line": (GET + H + b"X: a\r\n b\r\n\r\n", ["400"], True),
    "bare LF": (b"GET /health HTTP/1.1\nHost: a\n\n", ["400"], True),
    "NUL in a header": (GET + H + b"X: a\0b\r\n\r\n", ["400"], True),
    "header of 7 KB": (GET + H + b"X: " + b"a" * 7000 + b"\r\n\r\n", ["200"], False),
    "header of 20 KB": (GET + H + b"X: " + b"a" * 20000 + b"\r\n\r\n", ["431"], True),
    "1000 headers": (GET + H + b"".join(b"X%d: a\r\n" % i for i in range(1000)) + b"\r\n", ["431"], True),
    "body over the limit": (POST + b"Content-Length: 2000000\r\n\r\n" + b"x" * 2000000, ["413"], True),
    "chunked over the limit": (POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"x" * 32768 + b"\r\n") * 10, ["413"], True),
    "expect 100": ([POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", b"hello"], ["100 400"], False),
    "absolute form": (b"GET http://a/health HTTP/1.1\r\n" + H + b"\r\n", ["200"], False),
    "no Host": (GET + b"\r\n", ["400"], True),
    "two Hosts": (GET + H + H + b"\r\n", ["400"], True),
    "dot segments": (b"GET /../../health HTTP/1.1\r\n" + H + b"\r\n", ["400", "404", "200"], None),
}


def ask(port, data, patience=3.0):
    """Statuses that came back, and whether the other side closed."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.settimeout(patience)
        got, closed = b"", False
        try:
            for piece in data if isinstance(data, list) else [data]:
                link.sendall(piece)
                time.sleep(0.05 if isinstance(data, list) else 0)
        except OSError:
            closed = True
        link.settimeout(0.4)
        try:
            while piece := link.recv(65536):
                got += piece
            closed = True
        except socket.timeout:
            pass
        except OSError:
            closed = True
    return " ".join(s.decode() for s in re.findall(rb"HTTP/1\.[01] (\d\d\d)", got)), closed


def main():
    port, failed = int(sys.argv[1]), 0
    for name, (data, wanted, ends) in PROBES.items():
        statuses, closed = ask(port, data)
        if statuses not in wanted or (ends is not None and ends != closed):
            failed += 1
            print(f"{name}: got {statuses or 'nothing'}, {'closed' if closed else 'open'}; wanted {wanted}")
    print(f"{len(PROBES) - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
