"""What the benches of running services share: ports, processes, and what these use."""

import contextlib
import os
import pathlib
import socket


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(pid):
    """A process and its children."""
    found = [pid]
    for other in os.listdir("/proc"):
        if not other.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{other}/stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) in found:
                found.append(int(other))
    return found


def processor_time(roots):
    """Seconds that processes and their children have used, as exactly as the scheduler knows them."""
    total = 0
    for pid in {pid for root in roots for pid in processes(root)}:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    text = pathlib.Path(f"/proc/{pid}/task/{thread}/schedstat").read_text()
                    total += int(text.split()[0])
    return total / 1e9
