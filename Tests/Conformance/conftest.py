"""What the tests share: the fakes, a server that replays recorded bytes, and a strict judge."""

import functools
import json
import pathlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anthropic
import openai
import pydantic
import pytest

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures" / "dialects"


@pytest.fixture(scope="session")
def base():
    """The address of the fake providers."""
    script = pathlib.Path(__file__).with_name("fake_providers.py")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as fake:
        yield f"http://127.0.0.1:{int(fake.stdout.readline())}"
        fake.terminate()


@pytest.fixture
def gpt(stack):
    """OpenAI's client of a module's own stack."""
    url = f"{stack.url}/v1"
    with openai.OpenAI(base_url=url, api_key=stack.key, max_retries=0, timeout=15) as client:
        yield client


@pytest.fixture
def claude(stack):
    """Anthropic's."""
    with anthropic.Anthropic(
        base_url=stack.url, api_key=stack.key, max_retries=0, timeout=15
    ) as client:
        yield client


class Replay(BaseHTTPRequestHandler):
    """Answers a request under /FOLDER/NAME/-/… with the file of that name: pieces if it asks so."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        folder, _, rest = self.path.removeprefix("/").partition("/-/")
        asked = json.loads(body)
        streams = asked.get("stream", "api/chat" in rest) or "streamGenerate" in rest
        found = None
        for ending in (".sse", ".ndjson") if streams else (".json",):
            path = FIXTURES / (folder + ending)
            found = path if path.exists() else found
        data = found.read_bytes() if found else b'{"error":{"message":"no such file"}}'
        media = "text/event-stream" if streams else "application/json"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def replay():
    """The address at which recorded bytes are served: /FOLDER/NAME/-."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def unknown_fields(value, path=""):
    """Fields that the library's own types do not have, at any depth."""
    if isinstance(value, list):
        return [name for item in value for name in unknown_fields(item, path)]
    if not isinstance(value, pydantic.BaseModel):
        return []
    found = [f"{path}.{name}" for name in value.model_extra or {}]
    for name in type(value).model_fields:
        found += unknown_fields(getattr(value, name), f"{path}.{name}")
    return found


@functools.cache
def judge(kind):
    return pydantic.TypeAdapter(kind)


def strictly(kind, value, allowed=()):
    """The libraries build their types without checking; this checks."""
    plain = value if isinstance(value, dict) else value.to_dict()
    checked = judge(kind).validate_python(plain)
    unknown = [name for name in unknown_fields(checked) if name.split(".")[-1] not in allowed]
    assert unknown == []
    return checked


def recorded(folder, kind="streams"):
    """The names of a folder's recorded files."""
    names = {path.name.rsplit(".", 1)[0] for path in (FIXTURES / kind / folder).iterdir()}
    return sorted(names)
