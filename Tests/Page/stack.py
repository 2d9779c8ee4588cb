"""A stack of the real programs with the offline provider, and a line to it that can be cut."""

import http.server
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(holds, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def kept(page, name, words):
    """Waits until the browser has kept a draft."""
    page.wait_for_function(
        "([name, words]) => localStorage.getItem(`atelier.draft.${name}`)?.includes(words)",
        arg=[name, words])


class MailServer:
    """Takes letters as Resend's API does (https://resend.com/docs/api-reference/emails/send-email)."""

    def __init__(self):
        letters = self.letters = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["content-length"])
                letters.append(json.loads(self.rfile.read(length)))
                answer = json.dumps({"id": f"letter-{len(letters)}"}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Stack:
    """Seven services under their supervisor, in a folder and on ports of their own."""

    def __init__(self, programs, page):
        self.folder = tempfile.TemporaryDirectory(prefix="atelier-page-")
        self.data = pathlib.Path(self.folder.name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.programs = pathlib.Path(programs)
        self.mail = MailServer()
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if not name.endswith("_API_KEY") and not name.startswith("ATELIER_")},
            "ATELIER_DATA": str(self.data), "ATELIER_WEB": str(page), "OLLAMA_URL": "off",
            "LLM_PROVIDER": "offline", "ATELIER_SIGNUPS_PER_MINUTE": "1000",
            "ATELIER_PREVIEW_PORT": str(free_port()), "ATELIER_OFFLINE_PACE_US": "1500",
            "RESEND_API_KEY": "re_a_key_of_this_test", "RESEND_FROM": "Atelier <a@studio.example>",
            "RESEND_BASE_URL": self.mail.url,
        }

    def start(self):
        subprocess.run(
            [self.programs / "atelier", "up", "--detach", "--port", str(self.port)],
            env=self.environment, check=True, timeout=90, stdout=subprocess.DEVNULL)

    def stop(self):
        subprocess.run(
            [self.programs / "atelier", "down"], env=self.environment, timeout=60, check=False,
            stdout=subprocess.DEVNULL)
        self.mail.close()
        self.folder.cleanup()

    def kill(self, service):
        """As a power cut would end it; the supervisor starts it again."""
        os.kill(int((self.data / f"run/{service}.pid").read_text()), signal.SIGKILL)

    # MARK: The interface, past the page

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"})
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def get(self, path, token):
        status, answer = self.call("GET", path, token=token)
        assert status == 200, answer
        return answer

    def person(self, name):
        """A new account: its address and a token."""
        email = f"person-{time.monotonic_ns()}@studio.example"
        status, answer = self.call(
            "POST", "/auth/register", {"name": name, "email": email, "password": PASSWORD})
        assert status == 201, answer
        _, answer = self.call("POST", "/auth/login", {"email": email, "password": PASSWORD})
        return email, answer["access_token"]

    def session(self, token, draft, rounds=2, title="A title", start=True, **more):
        status, made = self.call("POST", "/sessions", {
            "title": title, "draft": draft, "preset": "technical", "max_rounds": rounds,
            "score_threshold": 10, **more}, token)
        assert status == 201, made
        if start:
            assert self.call("POST", f"/sessions/{made['id']}/start", token=token)[0] == 200
        return made["id"]

    def wait(self, run, token, state="completed", seconds=60):
        return until(
            lambda: (now := self.get(f"/runs/{run}", token))["state"] == state and now,
            f"{run} is {state}", seconds)


PASSWORD = "a long passphrase"


class Line:
    """A TCP line to the gateway that a test can cut; browsers see it as the server itself."""

    def __init__(self, port):
        self.target = port
        self.is_cut = False
        self.pairs = set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self.is_cut = True
        for pair in list(self.pairs):
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def mend(self):
        self.is_cut = False

    def close(self):
        self.cut()
        self.door.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            client.close()
            return
        pair = (client, server)
        self.pairs.add(pair)
        try:
            while True:
                ready, _, _ = select.select(pair, [], [], 60)
                for end in ready:
                    piece = end.recv(65_536)
                    if not piece:
                        return
                    (server if end is client else client).sendall(piece)
        except OSError:
            return
        finally:
            self.pairs.discard(pair)
            client.close()
            server.close()
