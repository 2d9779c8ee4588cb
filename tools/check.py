#!/usr/bin/env python3
"""The rules of the project that no compiler keeps. Prints what breaks them; silent when all is well."""

import ast
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SKIPPED = {".build", ".git", ".venv", "data", "node_modules", "__pycache__"}

LONGEST_FILE = 400
LONGEST_TEST_FILE = 500
LONGEST_SHELL = 40
LONGEST_FUNCTION = 70

# Foundation brings ICU with it; FoundationEssentials does not.
FOUNDATION = {"Foundation", "FoundationNetworking", "FoundationXML"}
MAY_USE_FOUNDATION = set()

# A C library is seen by the one Swift module that owns it.
OWNERS = {
    "CEpoll": {"EventLoop"},
    "CSQLite": {"SQLite"},
    "COpenSSL": {"Crypto", "TLS"},
    "CNng": {"Nng"},
    "CCurl": {"Curl"},
    "CZlib": {"Zip"},
    "CMarkGFM": {"Storage/Documents"},
}

FORBIDDEN = [
    (r"\btry!", "try! hides a failure"),
    (r"\bas!", "as! hides a failure"),
    (r"\bfatalError\(", "the world's mistakes throw, a programmer's are preconditions"),
    (r"\b(TODO|FIXME|XXX)\b", "unfinished"),
    (r"\bTask\.detached\b", "every task has a parent"),
    (r"(?<![.\w])print\(", "commands speak through Terminal, services through Log"),
    (r"\bString\(format:", "needs Foundation"),
    (r"\bDateFormatter\b", "needs Foundation"),
    (r"\bcatch\s*\{\s*\}", "an empty catch"),
    (r"@_(silgen_name|cdecl)\b", "the compiler's own"),
]
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b")

SERVICE_FOLDERS = {"Handlers", "Domain", "Store", "Jobs", "Admin"}
# Folders that one service needs beside those, and why.
MORE_FOLDERS = {
    ("Sandbox", "Runner"),  # what starts, limits and ends a program
    ("Providers", "Live"),  # answers under way: they wait, and speak to the outside
    ("Gateway", "Live"),  # the news of runs on its way to who watches
}
# What rules may not know: clocks, files, networks, databases, the frame around them.
NOT_IN_DOMAIN = {
    "Curl", "Database", "Durable", "EventLoop", "Glibc", "HTTP", "Lifecycle", "Log", "Mesh", "Nng",
    "SP", "SQLite", "ServiceKit",
}

IMPORT = re.compile(
    r"^\s*(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)")

problems = []


def report(path, line, text):
    problems.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")


def files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), ROOT)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def code_only(line):
    """Without string literals and comments, as far as one line tells."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
    return line.split("//")[0]


def check_swift(path):
    lines = read(path).splitlines()
    check_size(path, lines)
    if lines and re.match(r"//(?!/| swift-tools-version)", lines[0]):
        after = next((line for line in lines if not line.startswith("//")), None)
        if after is None:
            report(path, 1, "nothing in it but a comment")
        elif not after.strip():
            report(path, 1, "a file has no header")
    in_text = False
    for number, line in enumerate(lines, 1):
        was_in_text = in_text
        if line.count('"""') % 2:
            in_text = not in_text
        if re.search(r"\b(TODO|FIXME)\b", line) and "//" in line:
            report(path, number, "unfinished")
        if was_in_text or in_text:
            continue
        code = code_only(line)
        for pattern, why in FORBIDDEN:
            if re.search(pattern, code):
                report(path, number, f"{code.strip()[:60]!r}: {why}")
    check_imports(path, lines)
    check_functions(path, lines)
    check_service(path, lines)


def check_size(path, lines):
    most = LONGEST_TEST_FILE if path.startswith("Tests/") else LONGEST_FILE
    if len(lines) > most:
        report(path, 0, f"{len(lines)} lines; {most} are the most")


def check_imports(path, lines):
    parts = path.split("/")
    module = parts[1] if len(parts) > 2 else ""
    for number, line in enumerate(lines, 1):
        found = IMPORT.match(line)
        if not found:
            continue
        name = found.group(1)
        if name in FOUNDATION and path not in MAY_USE_FOUNDATION:
            report(path, number, f"import {name}: use FoundationEssentials")
        if name in OWNERS and "/".join(parts[1:-1]) not in OWNERS[name]:
            report(path, number, f"import {name}: only {', '.join(sorted(OWNERS[name]))} may")
        if parts[0] == "Services" and name.endswith("Service") and name != f"{module}Service":
            report(path, number, f"import {name}: services speak through contracts")
        if parts[0] == "Shared" and name.endswith("Service"):
            report(path, number, f"import {name}: the spine knows no service")


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        opened = re.match(r"(\s*)(?:[\w@().]+\s+)*(?:func\s+\S+|init[?(<])", line)
        if start is None and opened and not line.rstrip().endswith("}"):
            start, closing = number, opened.group(1) + "}"
        elif start is not None and line.startswith(closing) and line.strip().startswith("}"):
            if number - start + 1 > LONGEST_FUNCTION:
                report(path, start, f"a function of {number - start + 1} lines")
            start = None


def check_service(path, lines):
    parts = path.split("/")
    if parts[0] != "Services" or len(parts) < 5 or parts[2] != "Sources":
        return
    folder = parts[3]
    if folder not in SERVICE_FOLDERS and (parts[1], folder) not in MORE_FOLDERS:
        report(path, 0, f"a service has no folder {folder}")
    text = "\n".join(line.split("//")[0] for line in lines)
    if folder in {"Handlers", "Domain"} and SQL.search(text):
        report(path, 0, f"SQL belongs into Store, not into {folder}")
    if folder != "Domain":
        return
    for number, line in enumerate(lines, 1):
        found = IMPORT.match(line)
        if found and found.group(1) in NOT_IN_DOMAIN:
            report(path, number, f"Domain is values only: import {found.group(1)}")
        if re.search(r"\b(async|await)\b", code_only(line)):
            report(path, number, "Domain is values only: nothing there waits")


def check_script(path):
    text = read(path)
    first = text.split("\n", 1)[0]
    if path.endswith(".py"):
        try:
            ast.parse(text, path)
        except SyntaxError as error:
            report(path, error.lineno, error.msg)
        check_size(path, text.splitlines())
        return None
    if not re.match(r"#!.*\b(ba)?sh\b", first):
        return None
    if "set -euo pipefail" not in text:
        report(path, 1, "a script begins with set -euo pipefail")
    if len(text.splitlines()) >= LONGEST_SHELL:
        report(path, 0, f"{len(text.splitlines())} lines; a script has below {LONGEST_SHELL}")
    return path


def run(command, what):
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode != 0:
        problems.append(f"{what}:\n{(result.stdout + result.stderr).strip()}")


def main():
    scripts, folders = [], set()
    for path in files():
        if path.endswith(".swift"):
            check_swift(path)
            folders.add(path.split("/")[0])
        elif path.endswith((".py", ".sh")) or path.split("/")[0] in {"tools", ".ci", "deploy"}:
            if os.path.getsize(os.path.join(ROOT, path)) < 1 << 20:
                script = check_script(path)
                if script:
                    scripts.append(script)
    if shutil.which("swift"):
        run(["swift", "format", "lint", "--strict", "--parallel", "-r", *sorted(folders)], "format")
    if scripts and shutil.which("shellcheck"):
        run(["shellcheck", *scripts], "shellcheck")
    for problem in problems:
        print(problem)
    if problems:
        print(f"tools/check: {len(problems)} findings", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
