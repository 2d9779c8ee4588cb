"""Asks both benches in turn, round by round, and prints medians with their spread as a table."""

import statistics
import subprocess
import sys

MESSAGES = ["envelope", "chat", "token", "batch", "blob"]
SWIFT = ["codable", "direct", "json"]
PEER = ["protobuf", "reused"]


class Bench:
    def __init__(self, path):
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"{self.process.args[0]} has no answer to: {question}")
        return float(answer[0]), int(answer[1])


def short(nanoseconds):
    if nanoseconds < 10_000:
        return f"{nanoseconds:.0f}"
    if nanoseconds < 1_000_000:
        return f"{nanoseconds / 1000:.1f}k"
    return f"{nanoseconds / 1e6:.2f}M"


def main():
    swift, peer = Bench(sys.argv[1]), Bench(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 15
    window = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    chosen = sys.argv[5].split(",") if len(sys.argv) > 5 else MESSAGES
    figures, sizes = {}, {}
    for _ in range(rounds):
        for message in chosen:
            codecs = SWIFT + PEER + (["memcpy"] if message == "blob" else [])
            for way in ("encode", "decode"):
                for codec in codecs:
                    bench = peer if codec in PEER else swift
                    time, size = bench.ask(f"{message} {codec} {way} {window}")
                    figures.setdefault((message, codec, way), []).append(time)
                    sizes[message, codec] = size
    print(f"ns of processor time per call, median of {rounds} interleaved rounds of {window} ms (quartiles)\n")
    print("| message | codec | bytes | encode | decode |\n| --- | --- | --- | --- | --- |")
    medians = {}
    for (message, codec), size in sizes.items():
        cells = []
        for way in ("encode", "decode"):
            times = figures[message, codec, way]
            low, middle, high = statistics.quantiles(times, n=4)
            medians[message, codec, way] = middle
            cells.append(f"{short(middle)} ({short(low)}–{short(high)})")
        print(f"| {message} | {codec} | {size:,} | {cells[0]} | {cells[1]} |")
    print("\n| ratio, encode / decode | " + " | ".join(chosen) + " |")
    print("| --- |" + " --- |" * len(chosen))
    for title, above, below in [
        ("json : codable", "json", "codable"), ("json : direct", "json", "direct"),
        ("protobuf : direct", "protobuf", "direct"),
        ("protobuf reused : direct", "reused", "direct"),
        ("direct : memcpy", "direct", "memcpy"), ("codable : memcpy", "codable", "memcpy"),
    ]:
        cells = []
        for message in chosen:
            if (message, below) not in sizes:
                cells.append("")
                continue
            cells.append(" / ".join(
                f"{medians[message, above, way] / medians[message, below, way]:.2f}"
                for way in ("encode", "decode")))
        print(f"| {title} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
