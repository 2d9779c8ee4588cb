#!/usr/bin/env python3
"""Runs both ends of each way in turn, several times, and prints the medians as a table."""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

# The name in the table, the program, and what stands between its verb and its address.
WAYS = {
    "raw": ("raw", []),
    "grpc": ("grpc", []),
    "nng": ("nng", []),
    "sp": ("swift", ["sp"]),
    "mesh": ("swift", ["mesh"]),
    "mesh-nng": ("swift", ["mesh-nng"]),
}
SIZES = {"256": 256, "1k": 1024, "64k": 65536, "1m": 1 << 20}


class Refused(Exception):
    """A program ended without a figure; what it said is its text."""


def address(link, folder):
    if link == "ipc":
        return f"ipc://{folder}/{time.monotonic_ns()}.sock"
    scheme = "tls+tcp" if link == "tls" else "tcp"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"{scheme}://127.0.0.1:{probe.getsockname()[1]}"


def make_trust(folder):
    """Certificates for every end; the keys of the mesh are made by its server."""
    root = os.path.dirname(os.path.abspath(__file__)) + "/../../.."
    subprocess.run([f"{root}/deploy/mesh-certificates", folder, "localhost,127.0.0.1"],
                   check=True, stdout=subprocess.DEVNULL)
    os.environ["ATELIER_BENCH_TRUST"] = folder


def processor_time(pid):
    """Nanoseconds that a process has used, as exactly as the scheduler knows them."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass  # the thread has ended
    return total


def memory(pid):
    """Resident megabytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Run:
    """One server, one client, one figure."""

    def __init__(self, programs, seconds):
        self.programs, self.seconds = programs, seconds

    def program(self, name):
        return os.path.join(self.programs, name)

    def measure(self, way, link, size, flight, verb="call", layer=None):
        program, words = WAYS[way]
        with tempfile.TemporaryDirectory() as folder:
            url = address(link, folder)
            numbers = [str(size), str(flight), str(self.seconds)]
            server = subprocess.Popen(
                [self.program(program), "serve", *words, url, *numbers],
                stdout=subprocess.PIPE, text=True)
            try:
                if not server.stdout.readline().startswith("ready"):
                    raise Refused("the server did not start")
                words = [layer] if layer else words
                return self.client(
                    [self.program(program), verb, *words, url, *numbers], server.pid)
            finally:
                server.kill()
                server.wait()

    def client(self, command, server):
        client = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        stop = threading.Timer(60 + self.seconds, client.kill)
        stop.start()
        used, figure, watch = [], None, []
        try:
            for line in client.stdout:
                if line.startswith(("begin", "end")):
                    used.append(processor_time(server))
                    watch.append((memory(client.pid), memory(server)))
                elif line.startswith("{"):
                    figure = json.loads(line)
            said = client.stderr.read().strip()
            if client.wait() != 0 or not figure or not figure["calls"] or len(used) != 2:
                raise Refused(said[-200:] or f"ended with {client.returncode}")
        finally:
            stop.cancel()
        calls = figure["calls"]
        return {
            "rate": calls / figure["seconds"], "p50": figure["p50"] / 1e3,
            "p99": figure["p99"] / 1e3,
            "cpu": (figure["cpu"] + used[1] - used[0]) / calls / 1e3,
            "memory": watch,
        }


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def spread(rows):
    rates = [row["rate"] for row in rows]
    return (max(rates) - min(rates)) / statistics.median(rates) * 100


def ratio(value, other):
    return f"{value / other:.2f}" if other else ""


def table(results, links, sizes, flights, ways):
    print("| link | bytes | in flight | way | calls/s | ±% | p50 µs | p99 µs | CPU µs/call "
          "| calls/s ÷ gRPC | p50 ÷ gRPC |")
    print("| --- | --- | --- | --- | --: | --: | --: | --: | --: | --: | --: |")
    for link in links:
        for size in sizes:
            for flight in flights:
                grpc = results.get((link, size, flight, "grpc"))
                for way in ways:
                    rows = results.get((link, size, flight, way))
                    if not rows:
                        continue
                    rate, p50 = median(rows, "rate"), median(rows, "p50")
                    more = ["", ""]
                    if grpc:
                        more = [ratio(rate, median(grpc, "rate")), ratio(p50, median(grpc, "p50"))]
                    print(f"| {link} | {size} | {flight} | {way} | {rate:,.0f} "
                          f"| {spread(rows) / 2:.0f} | {p50:,.1f} | {median(rows, 'p99'):,.1f} "
                          f"| {median(rows, 'cpu'):.2f} | {more[0]} | {more[1]} |")


def is_wanted(way, link, size, flight):
    if way == "raw":
        return flight == 1 and link != "tls"
    if way == "nng" and link == "tls":
        return False  # its closing hangs now and then, and with it the run
    return SIZES[size] * flight <= 64 << 20  # what may wait to be sent; past it the mesh refuses


def matrix(run, options):
    results = {}
    for number in range(options.runs):
        for link in options.links:
            for size in options.sizes:
                for flight in options.flights:
                    for way in options.ways:
                        if not is_wanted(way, link, size, flight):
                            continue
                        try:
                            row = run.measure(way, link, SIZES[size], flight)
                        except Refused as why:
                            print(f"{way} {link} {size} {flight}: {why}", file=sys.stderr)
                            continue
                        results.setdefault((link, size, flight, way), []).append(row)
        print(f"run {number + 1}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    table(results, options.links, options.sizes, options.flights, options.ways)


def beside(run, options):
    """A quick method beside one that burns 20 ms: on the loop, on the pool, declared heavy."""
    print("\n| in flight | slow method | p50 µs | p99 µs | calls/s |")
    print("| --- | --- | --: | --: | --: |")
    for flight in (1, 64):
        for where in ("none", "loop", "pool", "heavy"):
            rows = [run.measure("mesh", "ipc", 256, flight, "beside", where)
                    for _ in range(options.runs)]
            print(f"| {flight} | {where} | {median(rows, 'p50'):,.1f} "
                  f"| {median(rows, 'p99'):,.1f} | {median(rows, 'rate'):,.0f} |")


def crowd(run):
    """Ten thousand calls in flight: memory after the warm-up and at the end."""
    print("\n| way | calls/s | p50 µs | p99 µs | client MB, begin → end | server MB |")
    print("| --- | --: | --: | --: | --: | --: |")
    for way in ("sp", "mesh"):
        row = run.measure(way, "ipc", 256, 10_000)
        (client, server), (client2, server2) = row["memory"]
        print(f"| {way} | {row['rate']:,.0f} | {row['p50']:,.0f} | {row['p99']:,.0f} "
              f"| {client:.0f} → {client2:.0f} | {server:.0f} → {server2:.0f} |")


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--programs", required=True, help="the folder of the built programs")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--seconds", type=float, default=1.0, help="of each measured stretch")
    words.add_argument("--links", nargs="+", default=["ipc", "tcp", "tls"])
    words.add_argument("--sizes", nargs="+", default=list(SIZES), choices=SIZES)
    words.add_argument("--flights", nargs="+", type=int, default=[1, 64, 1000])
    words.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    words.add_argument("--only", choices=["matrix", "beside", "crowd"])
    options = words.parse_args()
    with tempfile.TemporaryDirectory() as trust:
        make_trust(trust)
        measure(Run(options.programs, options.seconds), options)


def measure(run, options):
    if options.only in (None, "matrix"):
        matrix(run, options)
    if options.only in (None, "beside"):
        beside(run, options)
    if options.only in (None, "crowd"):
        run.seconds = max(run.seconds, 4)
        crowd(run)


if __name__ == "__main__":
    main()
