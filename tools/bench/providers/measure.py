#!/usr/bin/env python3
"""One run over every way to the same instant upstream, and what each adds to going there directly."""

import argparse
import contextlib
import json
import os
import pathlib
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

MODEL = "openai/m"


def memory(pids):
    """Resident megabytes."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return total * os.sysconf("SC_PAGE_SIZE") / 1e6


def started(stack, command, port=None, **more):
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **more)
    stack.callback(end, process)
    deadline = time.monotonic() + 120
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


# It does not start without one.
LITELLM_KEY = "sk-0123456789abcdef0123456789abcdef"


class Way:
    """A way to the upstream: where it is asked, and whose processor time it takes."""

    def __init__(self, name, port, key="k", model=MODEL, pids=(), folder=None):
        self.name, self.port, self.key, self.model = name, port, key, model
        self.roots, self.folder = list(pids), folder

    @property
    def pids(self):
        return [pid for root in self.roots for pid in processes(root)]

    def ask(self, options, connections, kind, requests=0, seconds=None):
        seconds = str(seconds or options.seconds)
        if self.folder:
            program = f"{os.environ['ATELIER_PROGRAMS']}/atelier-bench-providers"
            command = [program, self.folder, str(connections), seconds, kind, self.model]
        else:
            command = [
                f"{options.build}/peers/load", str(self.port), str(connections), seconds,
                str(requests), kind, self.model, self.key]
        before = processor_time(self.pids)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{self.name}: {done.stderr[-500:]}")
        row = json.loads(done.stdout)
        if row["failed"]:
            raise SystemExit(f"{self.name}: {row['failed']} answers were errors: {done.stderr}")
        row["cpu"] = (processor_time(self.pids) - before) / row["requests"]
        row["rate"] = row["requests"] / row["seconds"]
        return row


def open_ways(stack, options, folder):
    upstream = started(stack, [f"{options.build}/peers/upstream"], stdout=subprocess.PIPE)
    target = int(upstream.stdout.readline())
    ways = [Way("direct", target)]

    port = free_port()
    conf = (HERE / "peers" / "nginx.conf").read_text()
    (folder / "nginx").mkdir()
    (folder / "nginx" / "nginx.conf").write_text(
        conf.replace("UPSTREAM", str(target)).replace("PORT", str(port)))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = started(
        stack, [nginx, "-p", str(folder / "nginx"), "-c", "nginx.conf"], port,
        stdout=subprocess.DEVNULL)
    ways.append(Way("nginx", port, pids=[process.pid]))

    port, data = free_port(), folder / "data"
    foreign = ("ATELIER_", "ANTHROPIC_", "OPENAI_", "OLLAMA_", "LLM_")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment |= {
        "ATELIER_PORT": str(port), "OPENAI_BASE_URL": f"http://127.0.0.1:{target}/v1",
        "OPENAI_API_KEY": "k", "OLLAMA_URL": "off", "ATELIER_LOG": "error"}
    programs = os.environ["ATELIER_PROGRAMS"]
    providers = started(
        stack, [f"{programs}/atelier-providers", "serve", "--data", data], env=environment)
    gateway = started(
        stack, [f"{programs}/atelier-gateway", "serve", "--data", data], port, env=environment)
    key = (data / "owner.token").read_text().strip()
    wait_for(port, key)
    ways.append(Way("providers", 0, pids=[providers.pid], folder=str(data)))
    ways.append(Way("gateway", port, key, pids=[providers.pid, gateway.pid]))

    if not options.no_litellm:
        port = free_port()
        config = folder / "litellm.yaml"
        config.write_text(
            "model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/m\n"
            f"      api_base: http://127.0.0.1:{target}/v1\n      api_key: k\n"
            "litellm_settings:\n  telemetry: false\n")
        process = started(
            stack, [f"{options.build}/litellm/bin/litellm", "--config", config, "--port",
                    str(port), "--host", "127.0.0.1", "--num_workers", "1"], port,
            env=os.environ | {"LITELLM_MASTER_KEY": LITELLM_KEY}, stdout=subprocess.DEVNULL)
        ways.append(Way("litellm", port, LITELLM_KEY, "m", [process.pid]))
        wait_for(port, LITELLM_KEY, "m")
    return ways


def wait_for(port, key, model=MODEL):
    """Until the way answers in truth."""
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "x"}]}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def measure(ways, options):
    results = {}
    for run in range(options.runs):
        for way in ways:
            few = 5_000 if way.name == "litellm" else 0
            one = way.ask(options, 1, "WHOLE", few and 1_000)
            many = way.ask(options, 64, "WHOLE", few)
            first = way.ask(options, 1, "STREAM", few and 500)
            firsts = way.ask(options, 64, "STREAM", few and 2_000)
            row = {
                "p50": one["p50"], "p99": one["p99"], "cpu": many["cpu"] * 1e6,
                "rate": many["rate"], "per core": 1 / many["cpu"] if many["cpu"] else 0,
                "first": first["first50"], "first99": first["first99"],
                "firsts": firsts["first50"], "firsts99": firsts["first99"],
                "memory": memory(way.pids)}
            results.setdefault(way.name, []).append(row)
        print(f"run {run + 1}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return {
        name: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for name, rows in results.items()}


def table(results):
    direct = results["direct"]
    print("Times in µs; those at one connection and the first tokens are what the way adds.\n")
    print("| way | p50 | p99 | CPU/request | req/s at 64 | req/s a core | first token, 1 stream "
          "(p99) | at 64 (p99) | MB |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    for name, row in results.items():
        def added(key):
            return f"{row[key] - (direct[key] if name != 'direct' else 0):,.0f}"
        print(f"| {name} | {added('p50')} | {added('p99')} | {row['cpu']:,.1f} | {row['rate']:,.0f} "
              f"| {row['per core']:,.0f} | {added('first')} ({added('first99')}) "
              f"| {added('firsts')} ({added('firsts99')}) | {row['memory']:,.0f} |")
    if "litellm" in results:
        ours, theirs = results["gateway"]["per core"], results["litellm"]["per core"]
        print(f"\nreq/s a core: {ours / theirs:,.0f} times LiteLLM's.")


def million(ways, options):
    """Resident memory of our two services over a million requests, a tenth of them streams."""
    [way] = [way for way in ways if way.name == "gateway"]
    print("\n| requests | MB of both services |\n| --: | --: |")
    count = 0
    while count < options.million:
        count += way.ask(options, 64, "WHOLE", 90_000, 3_600)["requests"]
        count += way.ask(options, 64, "STREAM", 10_000, 3_600)["requests"]
        print(f"| {count:,} | {memory(way.pids):,.0f} |", flush=True)


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--build", required=True, help="the folder of the built programs")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--seconds", type=float, default=5.0, help="of each measured stretch")
    words.add_argument("--no-litellm", action="store_true")
    words.add_argument("--million", type=int, nargs="?", const=1_000_000, default=0,
                       help="our memory over so many requests besides")
    options = words.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="atelier-bench-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        ways = open_ways(stack, options, folder)
        for way in ways:
            way.ask(options, 8, "WHOLE", 500 if way.name == "litellm" else 0, 1)
            way.ask(options, 8, "STREAM", 100 if way.name == "litellm" else 0, 1)
        table(measure(ways, options))
        if options.million:
            million(ways, options)


if __name__ == "__main__":
    main()
