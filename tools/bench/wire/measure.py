"""Asks both benches in turn, round by round, and prints medians with their spread as a table.

Both sides keep the same discipline. `direct` and `protobuf` make what they return anew for each call,
`direct-kept` and `reused` write into a buffer that stays; a Swift value cannot be filled again, so
`reused` decodes against new values. A ratio is taken within each round, where both sides ran within
milliseconds of each other, and its median is printed: the machine's pace changes between rounds.
"""

import statistics
import subprocess
import sys

MESSAGES = ["envelope", "chat", "token", "batch", "blob"]
SWIFT = ["codable", "direct", "direct-kept", "json"]
PEER = ["protobuf", "reused"]
MORE = {"envelope": ["direct-data"], "blob": ["memcpy"]}
RATIOS = [
    ("json : codable", "json", "codable"), ("json : direct", "json", "direct"),
    ("protobuf : direct", "protobuf", "direct"),
    ("protobuf : direct with Data", "protobuf", "direct-data"),
    ("protobuf reused : direct kept", "reused", "direct-kept"),
    ("direct : memcpy", "direct", "memcpy"), ("codable : memcpy", "codable", "memcpy"),
]


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
    rounds = max(2, int(sys.argv[3])) if len(sys.argv) > 3 else 15
    window = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    chosen = sys.argv[5].split(",") if len(sys.argv) > 5 else MESSAGES
    figures, sizes = {}, {}
    for _ in range(rounds):
        for message in chosen:
            codecs = SWIFT + PEER + MORE.get(message, [])
            for way in ("encode", "decode"):
                for codec in codecs:
                    bench = peer if codec in PEER else swift
                    time, size = bench.ask(f"{message} {codec} {way} {window}")
                    figures.setdefault((message, codec, way), []).append(time)
                    sizes[message, codec] = size
    print(f"ns of processor time per call, median of {rounds} interleaved rounds of {window} ms (quartiles)\n")
    print("| message | codec | bytes | encode | decode |\n| --- | --- | --- | --- | --- |")
    for (message, codec), size in sizes.items():
        cells = []
        for way in ("encode", "decode"):
            low, middle, high = statistics.quantiles(figures[message, codec, way], n=4)
            cells.append(f"{short(middle)} ({short(low)}–{short(high)})")
        print(f"| {message} | {codec} | {size:,} | {cells[0]} | {cells[1]} |")
    print("\n| ratio, encode / decode (quartiles) | " + " | ".join(chosen) + " |")
    print("| --- |" + " --- |" * len(chosen))
    for title, above, below in RATIOS:
        cells = []
        for message in chosen:
            known = (message, above) in sizes and (message, below) in sizes
            cells.append(" / ".join(
                ratio(figures[message, above, way], figures[message, below, way])
                for way in ("encode", "decode")) if known else "")
        print(f"| {title} | " + " | ".join(cells) + " |")


def ratio(above, below):
    low, middle, high = statistics.quantiles([a / b for a, b in zip(above, below)], n=4)
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    main()
