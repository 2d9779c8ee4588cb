"""Runs the engine and its peers in turns, and prints medians, spreads and ratios as tables."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

PEERS = [("LangGraph SqliteSaver", "langgraph_sqlite.py"), ("DBOS on SQLite", "dbos_sqlite.py")]


def ask(command):
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1200)
    lines = [line for line in answer.stdout.splitlines() if line.startswith("{")]
    if answer.returncode != 0 or not lines:
        sys.exit(f"{' '.join(command)} has no figure (exit {answer.returncode})")
    return json.loads(lines[-1])


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def spread(values):
    low, high, middle = min(values), max(values), statistics.median(values)
    return f"{middle:,.{0 if middle >= 100 else 1 if middle >= 10 else 2}f}", \
        f"{(high - low) / 2 / middle * 100:.0f}" if middle else "-"


def flights(options):
    ways = [("Atelier", [options.program, "flight"])]
    ways += [(name, [options.python, os.path.join(options.peers, script)])
             for name, script in PEERS]
    figures = {}
    for turn in range(options.runs):
        for at_once in options.at_once:
            for name, command in ways:
                with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                    figure = ask(command + [
                        os.path.join(folder, "file.db"), str(at_once), str(options.seconds),
                        str(options.steps)])
                figures.setdefault((at_once, name), []).append(figure)
                print(f"turn {turn + 1}: {name}, {at_once} at once: "
                      f"{figure['steps'] / figure['seconds']:,.0f} steps/s", file=sys.stderr)
    print(f"| {options.steps} steps a run | at once | steps/s | ± % | run p50 ms | p99 ms "
          "| bytes/step | CPU µs/step | ours ÷ it |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (at_once, name), known in figures.items():
        rates = [figure["steps"] / figure["seconds"] for figure in known]
        ours = [figure["steps"] / figure["seconds"] for figure in figures[at_once, "Atelier"]]
        rate, scatter = spread(rates)
        medians = [share(figure["latencies"], 0.5) for figure in known]
        tails = [share(figure["latencies"], 0.99) for figure in known]
        ratio = statistics.median(a / b for a, b in zip(ours, rates))
        print(f"| {name} | {at_once} | {rate} | {scatter} | {spread(medians)[0]} "
              f"| {spread(tails)[0]} | {spread([figure['bytes'] for figure in known])[0]} "
              f"| {spread([figure['processor'] / max(figure['steps'], 1) * 1e6 for figure in known])[0]} "
              f"| {ratio:.1f} |")


def restarts(options):
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = os.path.join(folder, "file.db")
        filled = ask([options.program, "fill", path, str(options.waiting)])
        known = [ask([options.program, "restart", path, str(options.waiting)])
                 for _ in range(options.runs)]
    print(f"\n{options.waiting:,} runs waiting at gates, {filled['bytes']:,.0f} bytes each:")
    print("| a new process on that file | ms |\n| --- | ---: |")
    for field, title in (("first", "until a new run has completed"),
                         ("decided", "until 100 more had their gates decided and completed")):
        print(f"| {title} | {', '.join(format(run[field], ',.0f') for run in known)} |")
    print(f"| resident memory, MB | {', '.join(format(run['megabytes'], '.0f') for run in known)} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--folder", default=os.environ.get("ATELIER_BENCH_FILES", "/var/tmp"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 64])
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--only", choices=["flights", "restarts"])
    options = parser.parse_args()
    if options.only != "restarts":
        flights(options)
    if options.only != "flights":
        restarts(options)


if __name__ == "__main__":
    main()
