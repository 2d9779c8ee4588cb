"""A gateway and a providers service, the real executables, with an upstream of the tests' own."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures" / "dialects"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOREIGN = ("ATELIER_", "ANTHROPIC_", "OPENAI_", "OLLAMA_", "LLM_", "SECRET_KEY")


def programs():
    """Where the executables are: ATELIER_PROGRAMS, or a build of this package; None without."""
    places = [os.environ.get("ATELIER_PROGRAMS"), ROOT / ".build/debug", ROOT / ".build/release"]
    for place in places:
        if place and all(
            (pathlib.Path(place) / f"atelier-{name}").exists() for name in ("gateway", "providers")
        ):
            return pathlib.Path(place)
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    def __init__(self, **settings):
        self.programs = programs()
        self.folder = tempfile.mkdtemp(prefix="atelier-served-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self.environment = clean | {
            "ATELIER_PORT": str(self.port), "OLLAMA_URL": "off", "ATELIER_LOG": "error",
            "ATELIER_OFFLINE_PACE_US": "0"} | settings
        self.processes = {}

    def __enter__(self):
        for name in ("providers", "gateway"):
            self.start(name)
        self.wait()
        self.key = (pathlib.Path(self.folder) / "owner.token").read_text().strip()
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name):
        words = [self.programs / f"atelier-{name}", "serve", "--data", self.folder]
        self.processes[name] = subprocess.Popen(words, env=self.environment)

    def kill(self, name):
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait(10)

    def wait(self):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=1).close()
                self.call("models")
                return
            except (OSError, subprocess.CalledProcessError):
                time.sleep(0.05)
        raise TimeoutError("the stack does not answer")

    def call(self, method, *words):
        """A call over the mesh, as an administrator makes it."""
        command = [
            self.programs / "atelier-providers", "call", method, "--data", self.folder, *words]
        done = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def usage(self):
        return self.call("usage", "--after", "0", "--limit", "1000")["entries"]


class Recorded(BaseHTTPRequestHandler):
    """Answers with the recorded file that the model names: `text`, or only the first N bytes of it.

    `text@N` ends properly after N bytes, `text!N` breaks the connection.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folders = {
        "/v1/chat/completions": "openai", "/v1/messages": "anthropic", "/api/chat": "ollama"}

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)))
        self.server.asked.append((self.path, body, dict(self.headers)))
        if self.path == "/v1/embeddings":
            return self.embed(body)
        if self.path == "/v1/messages/count_tokens":
            return self.send(200, "application/json", b'{"input_tokens":42}')
        folder = self.folders[self.path]
        name, mark, length = body["model"].partition("@")
        if not mark:
            name, mark, length = body["model"].partition("!")
        if not body.get("stream", folder == "ollama"):
            data = (FIXTURES / "answers" / folder / f"{name}.json").read_bytes()
            return self.send(200, "application/json", data)
        ending, media = (
            (".ndjson", "application/x-ndjson") if folder == "ollama"
            else (".sse", "text/event-stream"))
        data = (FIXTURES / "streams" / folder / (name + ending)).read_bytes()
        if mark:
            data = data[:int(length)]
        self.send_response(200)
        self.send_header("Content-Type", media)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        if mark == "!":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def embed(self, body):
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [
            {"object": "embedding", "index": index, "embedding": [0.5, -1.25, float(index)]}
            for index in range(len(texts))]
        answer = {
            "object": "list", "data": data[::-1], "model": body["model"],
            "usage": {"prompt_tokens": 7, "total_tokens": 7}}
        self.send(200, "application/json", json.dumps(answer).encode())

    def send(self, status, media, data):
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class RecordedServer:
    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
        self.server.daemon_threads = True
        self.server.asked = []
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    @property
    def last(self):
        """The body that was asked last."""
        return self.server.asked[-1][1]
