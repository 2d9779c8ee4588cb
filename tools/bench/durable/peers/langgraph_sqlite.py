"""LangGraph with its SqliteSaver: a chain of nodes, a checkpoint on disk before each next one."""

import sqlite3
import sys
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

import bench


class State(TypedDict):
    sum: int


def node(number):
    return lambda state: {"sum": state["sum"] + number}


steps = int(sys.argv[4])
connection = sqlite3.connect(sys.argv[1], check_same_thread=False)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=FULL")
builder = StateGraph(State)
for number in range(steps):
    builder.add_node(f"add{number}", node(number))
    builder.add_edge(START if number == 0 else f"add{number - 1}", f"add{number}")
builder.add_edge(f"add{steps - 1}", END)
saver = SqliteSaver(connection)
saver.setup()
graph = builder.compile(checkpointer=saver)


def complete(name):
    made = graph.invoke(
        {"sum": 0}, {"configurable": {"thread_id": name}, "recursion_limit": steps + 5},
        durability="sync")
    assert made["sum"] == steps * (steps - 1) // 2


def fold():
    with saver.lock:
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


bench.measure(complete, fold)
