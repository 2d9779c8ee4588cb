"""Independent clients judge the WebSocket of Shared/HTTP: Autobahn's cases, and PyPI's `websockets`."""

import asyncio
import os
import pathlib
import subprocess
import sys

import pytest
import websockets

from live_stack import ROOT
import autobahn_cases

SUITE = "autobahntestsuite==25.10.1"
# Cases in which the suite itself says that nothing is defined.
OPEN = {"7.1.6", "7.13.1", "7.13.2"}


def peer_program():
    named = os.environ.get("ATELIER_PROGRAMS")
    for place in (named, ROOT / ".build/debug", ROOT / ".build/release"):
        if place and pathlib.Path(place, "socket-peer").exists():
            return pathlib.Path(place, "socket-peer")
    return None


@pytest.fixture(scope="module")
def port():
    program = peer_program()
    if program is None:
        pytest.skip("swift build --product socket-peer comes first")
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield int(process.stdout.readline())
    process.stdin.close()
    process.wait(10)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The suite as PyPI has it; it is read, not run."""
    folder = tmp_path_factory.mktemp("suite")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile",
         "--disable-pip-version-check", "--target", folder, SUITE], check=True)
    return pathlib.Path(folder, "autobahntestsuite")


def test_every_case_of_autobahn(port, sources):
    told = autobahn_cases.verdicts(sources, port)
    assert len(told) > 300
    assert OPEN <= told.keys()
    bad = {number: verdict for number, verdict in told.items()
           if number not in OPEN and verdict[:2] != ("OK", "OK")}
    assert not bad


def test_websockets_of_pypi(port):
    async def talk():
        async with websockets.connect(
            f"ws://127.0.0.1:{port}/", subprotocols=["other", "echo"], max_size=None,
            compression="deflate",
        ) as link:
            assert link.subprotocol == "echo"
            assert not link.protocol.extensions
            for message in ["", "Grüße 🎈", b"", bytes(range(256)), "x" * 200_000, b"y" * 3_000_000]:
                await link.send(message)
                assert await link.recv() == message
            await link.send(iter(["in ", "three ", "pieces"]))
            assert await link.recv() == "in three pieces"
            await asyncio.wait_for(await link.ping(), 5)
        assert link.close_code == 1000

    asyncio.run(talk())


def test_many_at_once(port):
    async def one(number):
        async with websockets.connect(f"ws://127.0.0.1:{port}/") as link:
            for each in range(20):
                await link.send(f"{number} {each}")
                assert await link.recv() == f"{number} {each}"

    async def all_of_them():
        await asyncio.gather(*(one(number) for number in range(100)))

    asyncio.run(all_of_them())
