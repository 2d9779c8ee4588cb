"""What the gateway and the orchestrator do for a read of a run, as FastAPI would: the token is checked
and the row read from SQLite by a connection that is kept."""

import os
import sqlite3

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()
books = sqlite3.connect(os.environ["BENCH_BOOKS"], check_same_thread=False)
secret = os.environ["BENCH_SECRET"]
columns = [row[1] for row in books.execute("PRAGMA table_info(runs)")]


def user(authorization: str = Header()) -> str:
    try:
        return jwt.decode(authorization.removeprefix("Bearer "), secret, algorithms=["HS256"])["sub"]
    except jwt.PyJWTError as error:
        raise HTTPException(401) from error


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/api/v1/runs/{run}")
async def read(run: str, owner: str = Depends(user)):
    row = books.execute("SELECT * FROM runs WHERE id = ? AND owner = ?", (run, owner)).fetchone()
    if row is None:
        raise HTTPException(404)
    return dict(zip(columns, row))
