"""What both peers have in common: runs kept in flight for some seconds, one line of JSON."""

import json
import os
import sys
import threading
import time


def fly(complete, at_once, seconds, name):
    """Latencies in milliseconds of all runs; each thread begins the next when its run has ended."""
    latencies, lock = [], threading.Lock()
    end = time.perf_counter() + seconds

    def lane(number):
        times = []
        while time.perf_counter() < end:
            start = time.perf_counter()
            complete(f"{name}-{number}-{len(times)}")
            times.append((time.perf_counter() - start) * 1000)
        with lock:
            latencies.extend(times)

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies


def size(path):
    return sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))


def measure(complete, fold):
    """`fold` brings the log into the file, so that its size tells what the runs have written."""
    path, at_once, seconds, steps = sys.argv[1], *map(int, sys.argv[2:5])
    fly(complete, at_once, 0.5, "warm")
    fold()
    empty, start, used = size(path), time.perf_counter(), time.process_time()
    latencies = fly(complete, at_once, seconds, "run")
    passed, processor = time.perf_counter() - start, time.process_time() - used
    fold()
    done = len(latencies) * steps
    print(json.dumps({
        "steps": done, "seconds": passed, "processor": processor,
        "bytes": (size(path) - empty) / max(done, 1),
        "latencies": latencies}), flush=True)
    os._exit(0)  # threads of the peer's own would keep the process for a while
