#!/usr/bin/env python3
"""One run over the gateway's /health and an authenticated read of a run beside nginx and FastAPI, then
its live streams: memory of each, and how long events are under way."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from processes import free_port, processes, processor_time  # noqa: E402

SECRET = "a secret of the bench, 32 bytes long at least"
PASSWORD = "correct horse battery"


def memory(pid):
    """Resident bytes."""
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def started(stack, command, port=None, **more):
    process = subprocess.Popen(
        command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more)
    stack.callback(end, process)
    deadline = time.monotonic() + 60
    while port and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process
        if process.poll() is not None:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        time.sleep(0.05)
    return process


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Gateway:
    """A gateway and what is behind it, in a folder of their own."""

    def __init__(self, stack, options, behind, folder, **settings):
        programs = os.environ["ATELIER_PROGRAMS"]
        foreign = ("ATELIER_", "SECRET_KEY", "BENCH_")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        self.port, self.folder = free_port(), folder
        environment |= {
            "ATELIER_PORT": str(self.port), "SECRET_KEY": SECRET, "ATELIER_LOG": "error",
            "ATELIER_HTTP_LOOPS": str(options.loops),
            "ATELIER_REQUESTS_PER_MINUTE": "10000000"} | settings
        self.behind = [
            started(stack, [f"{programs}/{name}", "serve", "--data", folder], env=environment)
            for name in behind]
        self.gateway = started(
            stack, [f"{programs}/atelier-gateway", "serve", "--data", folder], self.port,
            env=environment)
        self.token = None

    def call(self, path, body, patience=60):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        deadline = time.monotonic() + patience
        while True:
            try:
                ask = urllib.request.Request(url, json.dumps(body).encode(), headers)
                with urllib.request.urlopen(ask, timeout=30) as answer:
                    return json.load(answer)
            except OSError as error:
                # Made, though nobody waited for the answer: billing is not there.
                if getattr(error, "code", 0) == 409:
                    return None
                if time.monotonic() > deadline:
                    detail = error.read().decode() if hasattr(error, "read") else ""
                    raise SystemExit(f"{path}: {error} {detail}") from error
                time.sleep(0.2)

    def sign_in(self):
        who = {"email": "bench@example.org", "password": PASSWORD}
        self.call("/auth/register", who | {"name": "Bench"})
        self.token = self.call("/auth/login", who)["access_token"]


class Target:
    def __init__(self, name, url, pids, token=None):
        self.name, self.url, self.pids, self.token = name, url, pids, token

    def ask(self, options, seconds):
        words = ["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", self.url]
        if self.token:
            words[1:1] = ["-H", f"Authorization: Bearer {self.token}"]
        before = processor_time(self.pids)
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        spent = processor_time(self.pids) - before
        if re.search(r"Non-2xx|Socket errors: .*[1-9]", said):
            raise SystemExit(f"{self.name}: {said}")
        requests = int(re.search(r"(\d+) requests in", said)[1])
        latency = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
        unit = {"us": 1e-3, "ms": 1, "s": 1e3}[latency[2]]
        return {
            "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
            "cpu": spent / requests * 1e6, "p99": float(latency[1]) * unit}


def books(folder, count=1_000):
    """A table of runs such as the orchestrator keeps."""
    import sqlite3

    path = folder / "books.db"
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute(
            "CREATE TABLE runs (id TEXT PRIMARY KEY, owner TEXT, studio TEXT, title TEXT, state TEXT, "
            "progress REAL, current_step TEXT, error TEXT, stop_reason TEXT, created_at INTEGER, "
            "started_at INTEGER, ended_at INTEGER, cost INTEGER, last_seq INTEGER)")
        base.executemany(
            "INSERT INTO runs VALUES (?, 'usr_bench', 'write', 'Title', 'queued', 0, NULL, NULL, "
            "NULL, 0, NULL, NULL, 0, 0)", [(f"run-{number}",) for number in range(count)])
    return path


def signed():
    """A token as FastAPI's users make it: HS256 over a name and a time."""
    import base64
    import hashlib
    import hmac

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(
        json.dumps({"sub": "usr_bench", "exp": int(time.time()) + 86_400}).encode())
    mark = part(hmac.new(SECRET.encode(), text, hashlib.sha256).digest())
    return (text + b"." + mark).decode()


def targets(stack, options, folder):
    (folder / "nginx" / "static").mkdir(parents=True)
    (folder / "nginx" / "static" / "health").write_text('{"status":"ok"}')
    port = free_port()
    conf = (HERE / "peers" / "nginx.conf").read_text()
    (folder / "nginx" / "nginx.conf").write_text(
        conf.replace("WORKERS", str(options.loops)).replace("PORT", str(port)))
    (folder / "nginx").chmod(0o755)
    folder.chmod(0o755)
    nginx = started(
        stack, [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder / "nginx"), "-c",
                "nginx.conf"], port)
    found = [Target("nginx, /health", f"http://127.0.0.1:{port}/health", [nginx.pid])]

    ours = Gateway(
        stack, options, ["atelier-billing", "atelier-orchestrator"], folder / "data")
    ours.sign_in()
    run = ours.call("/sessions", {
        "title": "Title", "draft": "A draft.", "max_rounds": 1,
        "agents": [
            {"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}]})["id"]
    url = f"http://127.0.0.1:{ours.port}"
    both = [ours.gateway.pid] + [service.pid for service in ours.behind]
    found += [
        Target("gateway, /health", f"{url}/health", [ours.gateway.pid]),
        Target("gateway, a run", f"{url}/api/v1/runs/{run}", both, ours.token)]

    if not options.no_fastapi:
        port = free_port()
        fastapi = started(
            stack, [f"{options.build}/fastapi/bin/uvicorn", "app:app", "--port", str(port),
                    "--app-dir", str(HERE / "peers"), "--workers", str(options.workers),
                    "--log-level", "error", "--no-access-log"], port,
            env=os.environ | {"BENCH_BOOKS": str(books(folder)), "BENCH_SECRET": SECRET})
        url = f"http://127.0.0.1:{port}"
        found += [
            Target("FastAPI, /health", f"{url}/health", [fastapi.pid]),
            Target("FastAPI, a run", f"{url}/api/v1/runs/run-7", [fastapi.pid], signed())]
    return found


def requests(options, folder):
    with contextlib.ExitStack() as stack:
        found = targets(stack, options, folder)
        for target in found:
            target.ask(options, 1)
        rows = {target.name: [] for target in found}
        for turn in range(options.runs):
            for target in found:
                rows[target.name].append(target.ask(options, options.seconds))
            print(f"turn {turn + 1}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    middle = {
        name: {key: statistics.median(row[key] for row in each) for key in each[0]}
        for name, each in rows.items()}
    print("| 64 connections | req/s | CPU µs a request | p99 ms |\n| --- | --: | --: | --: |")
    for name, row in middle.items():
        print(f"| {name} | {row['rate']:,.0f} | {row['cpu']:.1f} | {row['p99']:.1f} |")
    share = middle["gateway, /health"]["cpu"] / middle["nginx, /health"]["cpu"]
    print(f"\n/health: {share:.2f} of nginx's CPU a request (to reach: 1 or less)")
    if "FastAPI, a run" in middle:
        times = middle["gateway, a run"]["rate"] / middle["FastAPI, a run"]["rate"]
        print(f"a run: {times:.1f} times FastAPI's rate (to reach: 10)")


class Streams:
    """So many watchers, who say when they all watch, and at the end what they saw."""

    def __init__(self, options, gateway, many, runs, seconds):
        words = [f"{options.build}/peers/streams", str(gateway.port), str(many), str(runs),
                 str(seconds), gateway.token]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "open\n":
            raise SystemExit("the streams did not open")

    def end(self):
        told = json.loads(self.process.stdout.readline())
        self.process.wait()
        if told["refused"]:
            raise SystemExit(f"{told['refused']} streams were refused")
        return told


def streams(options, folder):
    with contextlib.ExitStack() as stack:
        quiet = Gateway(
            stack, options, ["atelier-bench-http"], folder / "quiet", BENCH_EVENTS="0")
        quiet.sign_in()
        Streams(options, quiet, 100, 10, 1).end()
        before = memory(quiet.gateway.pid)
        watching = Streams(options, quiet, options.streams, options.followed, 20)
        time.sleep(18)
        each = (memory(quiet.gateway.pid) - before) / options.streams
        watching.end()
        print(f"\n{options.streams:,} streams of {options.followed} runs: {each / 1024:.2f} KB each"
              " (to reach: 4)")
    for runs in options.spread:
        with contextlib.ExitStack() as stack:
            busy = Gateway(
                stack, options, ["atelier-bench-http"], folder / f"busy-{runs}", BENCH_EVENTS="10")
            busy.sign_in()
            watching = Streams(options, busy, 1_000, runs, options.seconds * 2)
            pids = [busy.gateway.pid]
            spent = processor_time(pids)
            told = watching.end()
            spent = (processor_time(pids) - spent) / (options.seconds * 2 + 2)
            print(f"1,000 streams of {runs} runs, 10 events a second each: {told['events']:,} "
                  f"events, p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms; the gateway takes "
                  f"{spent * 100:.0f} % of a processor")


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--build", required=True, help="the folder of the built programs")
    words.add_argument("--runs", type=int, default=3, help="interleaved turns")
    words.add_argument("--seconds", type=int, default=5, help="of each measured stretch")
    words.add_argument("--loops", type=int, default=2,
                       help="loops of the gateway, and workers of nginx")
    words.add_argument("--workers", type=int, default=1, help="of uvicorn; 1 is its default")
    words.add_argument("--streams", type=int, default=10_000, help="for the memory of each")
    words.add_argument("--followed", type=int, default=100, help="runs that those watch")
    words.add_argument("--spread", type=int, nargs="*", default=[100, 1_000],
                       help="over how many runs 1,000 streams are spread")
    words.add_argument("--no-fastapi", action="store_true")
    words.add_argument("--no-requests", action="store_true")
    words.add_argument("--no-streams", action="store_true")
    options = words.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    try:
        if not options.no_requests:
            requests(options, folder)
        if not options.no_streams:
            streams(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
