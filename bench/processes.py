"""What a server and the processes that it started use."""

import os
import pathlib

TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and its descendants."""
    pids, at = [pid], 0
    while at < len(pids):
        try:
            kids = pathlib.Path(f"/proc/{pids[at]}/task/{pids[at]}/children").read_text().split()
            pids += [int(kid) for kid in kids]
        except OSError:
            pass
        at += 1
    return pids


def cpu_seconds(pid: int) -> float:
    total = 0
    for one in tree(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / TICK


def rss_mb(pid: int) -> float:
    total = 0
    for one in tree(pid):
        try:
            for line in pathlib.Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024
