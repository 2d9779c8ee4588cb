"""DBOS on SQLite: a workflow of steps, called in the process that runs it."""

import sqlite3
import sys

from dbos import DBOS, SetWorkflowID

import bench

path = sys.argv[1]
# Better for it than its default: the file remembers the mode, and FULL is what SQLite does unasked.
made = sqlite3.connect(path)
made.execute("PRAGMA journal_mode=WAL")
made.close()
DBOS(config={
    "name": "bench", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR",
    "run_admin_server": False, "sys_db_pool_size": 64})


@DBOS.step()
def add(total, number):
    return total + number


@DBOS.workflow()
def chain(steps):
    total = 0
    for number in range(steps):
        total = add(total, number)
    return total


DBOS.launch()
steps = int(sys.argv[4])


def complete(name):
    with SetWorkflowID(name):
        assert chain(steps) == steps * (steps - 1) // 2


def fold():
    connection = sqlite3.connect(path, timeout=30)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


bench.measure(complete, fold)
