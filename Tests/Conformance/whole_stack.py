"""Every service of the stack, the real executables, on a port and in a folder of its own."""

import json
import pathlib
import time
import urllib.error
import urllib.request

from live_stack import Stack

SERVICES = ("billing", "analytics", "storage", "sandbox", "providers", "orchestrator", "gateway")


class WholeStack(Stack):
    def __enter__(self):
        for name in SERVICES:
            self.start(name)
        self.wait()
        self.key = (pathlib.Path(self.folder) / "owner.token").read_text().strip()
        return self

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/ready", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the stack is not ready")

    def send(self, method, path, body=None, key=None, **headers):
        """Status, headers and text of an answer, whatever the status."""
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"Bearer {key or self.key}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()
