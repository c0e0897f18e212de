"""The house rules, checked on the syntax trees and texts of the project."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.syntax import parse

ROOT = Path(__file__).parent.parent

MAY_IMPORT = {
    "domain": set(),
    "storage": {"domain"},
    "services": {"storage", "domain"},
    "handlers": {"services", "domain"},
    "bot": {"handlers", "services", "storage", "domain", "sandbox", "demo"},
    "sandbox": set(),
    "demo": set(),
}
"""domain ← storage ← services ← handlers ← bot; the local chat and the demo know nothing of them."""

ONLY_IN = {
    "aiogram": {"handlers", "bot", "sandbox"},
    "sqlalchemy": {"services", "storage"},
    "alembic": {"storage"},
    "aiosqlite": {"storage"},
    "sqlite3": {"storage"},
    "apscheduler": {"bot"},
    "typer": {"bot"},
    "pydantic_settings": {"bot"},
}
"""Where each framework ends. The local chat reads aiogram's catalogue of methods to know Telegram's."""

DOMAIN_MAY_USE = {"chardet", "holidays"}
"""Libraries of facts: how often characters occur, which days are holidays."""
PACKAGE_MAY_USE = {"domain/brushing/detection": {"numpy"}}
"""Libraries of one package of the rules: arrays for what is counted over a hundred thousand votes."""
NO_IO = {
    *("asyncio", "ctypes", "fcntl", "ftplib", "glob", "http", "logging", "multiprocessing", "os", "pathlib", "queue"),
    *("secrets", "select", "shutil", "signal", "smtplib", "socket", "ssl", "subprocess", "tempfile", "threading"),
    *("time", "urllib.request", "uuid", "webbrowser"),
}
"""What a rule never needs: files, networks, threads, clocks, chance."""

LONGEST_FILE = 450
MOST_MODULES = 14
MORE_MODULES = {"domain": 16, "services": 21}
"""Packages that have more modules side by side than others may. These numbers only fall."""

RETIRED = {
    "abreast": "batched",
    "aside": "failed update, or paused",
    "courier": "notification sender",
    "deed": "user action",
    "doubts": "uncertain attempts",
    "easel": "card editor",
    "errand": "job",
    "fact": "key-value",
    "forget": "erase, or delete",
    "forgot": "erased, or deleted",
    "forgotten": "erased, or deleted",
    "ghost": "erased hash",
    "glance": "autocommit read",
    "house": "service context",
    "intake": "long poller",
    "keeper": "state store",
    "lapse": "expire",
    "letter": "notification",
    "mailroom": "update queue",
    "nobody": "no user, or what there is none of",
    "office": "calendar and grants, or sender kit",
    "pulse": "heartbeat",
    "reception": "update processor",
    "shelf": "file store, or cache",
    "shelve": "file store, or cache",
    "somebody": "a user, or a test user",
    "someone": "a user, or a test user",
    "speech": "localizer",
    "stage": "messenger, or campaign state",
    "turn": "listing number, send slot, or state change",
    "upkeep": "maintenance",
    "useless": "expired, or skipped",
    "whisper": "ephemeral message",
    "whoever": "the user or process that",
    "workshop": "job handlers",
}
"""Words of an older vocabulary, and what stands instead: neither names nor comments nor documents use them."""
ORDINARY = re.compile(
    r"two letters|letters and digits|(lower first|capital) letter|dead letters?|`letters`|\"letters\""  # of an alphabet
    r"|house[ _]rules?|turn inline mode on|(would )?turns? (a |every )?\w+ into|\b(place,)?ref,turn,|sets?[ _]aside",
    re.IGNORECASE,
)
"""Phrases in which such a word has its ordinary meaning, or is part of a format."""
OWN_WORDS = {"tests/test_house_rules.py", "CHANGELOG.md"}
"""Where they may be named: here, and where the change is recorded."""
REAL_SLEEP, FOR_EVER = 0.1, 60.0
"""Seconds from which on a sleep is a wait for time, and from which on it stands for something that never ends."""
_SKIPPED = {"build", "dist", "data", "node_modules", "__pycache__"}


@cache
def python_files(*rooms: str) -> tuple[Path, ...]:
    """The Python files of these rooms."""
    return tuple(path for room in rooms for path in sorted((ROOT / room).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return parse(path.read_text("utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a file's syntax tree."""
    return tuple(ast.walk(tree(path)))


def texts_of_the_project() -> Iterator[tuple[Path, str]]:
    """Every text file that a clone has."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".env.example", ".gitignore") for part in parts)
        if hidden or _SKIPPED & set(parts) or any(part.endswith(".egg-info") for part in parts) or not path.is_file():
            continue
        try:
            yield path, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a file imports, at its top or further in."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where(path, node.lineno)}: imports are absolute here"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def where(path: Path, line: int) -> str:
    """A place as editors understand it."""
    return f"{path.relative_to(ROOT)}:{line}"


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call whose function is written as a name."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield node.lineno, name


def dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written, or nothing for what is no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{before}.{node.attr}" if (before := dotted(node.value)) else f"?.{node.attr}"
    return ""


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_each_room_imports_only_what_lies_below_it(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in python_files(room)
        for line, name in imports(path)
        if (top := name.partition(".")[0]) in MAY_IMPORT and top not in allowed
    ]
    assert not wrong


@pytest.mark.parametrize("framework", ONLY_IN)
def test_each_framework_stays_in_its_rooms(framework: str) -> None:
    wrong = [
        f"{where(path, line)} imports {name}"
        for path in python_files(*(set(MAY_IMPORT) - ONLY_IN[framework]))
        for line, name in imports(path)
        if name.partition(".")[0] == framework
    ]
    assert not wrong


def test_the_domain_needs_nothing_but_the_language_and_facts() -> None:
    for path in python_files("domain"):
        may_use = DOMAIN_MAY_USE | PACKAGE_MAY_USE.get(path.parent.relative_to(ROOT).as_posix(), set())
        for line, name in imports(path):
            top = name.partition(".")[0]
            assert top == "domain" or top in sys.stdlib_module_names or top in may_use, where(path, line)
            assert not any(name == module or name.startswith(f"{module}.") for module in NO_IO), where(path, line)
            assert name not in {"random"} and (not name.startswith("random.") or name == "random.Random"), (
                f"{where(path, line)}: chance is an argument, a random.Random that is handed in"
            )


@pytest.mark.parametrize("room", ["domain", "storage", "services", "handlers", "sandbox/bot_api/methods"])
def test_nobody_reads_the_machines_clock_where_a_clock_is_handed_in(room: str) -> None:
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime"}
    wrong = [
        f"{where(path, line)} calls {name}"
        for path in python_files(room)
        for line, name in calls(path)
        if path != ROOT / "services" / "clock.py" and (name in clocks or name.removeprefix("datetime.") in clocks)
    ]
    assert not wrong


def test_the_domain_opens_and_prints_nothing() -> None:
    banned = {"open", "print", "input", "eval", "exec", "breakpoint"}
    wrong = [where(path, line) for path in python_files("domain") for line, name in calls(path) if name in banned]
    assert not wrong


def test_only_the_settings_read_the_environment_and_the_commands_the_terminals_language() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), ast.unparse(node))
        for path in python_files(*MAY_IMPORT)
        for node in nodes(path)
        if isinstance(node, ast.Call | ast.Subscript)
        if dotted(node.func if isinstance(node, ast.Call) else node.value).startswith(("os.environ", "os.getenv"))
    ]
    languages = ("LC_ALL", "LC_MESSAGES", "LANG")
    assert found == [("bot/terminal.py", f"os.environ.get('{name}')") for name in languages]
    hidden = [path for path in python_files(*MAY_IMPORT) for _, name in imports(path) if name.startswith("os.")]
    assert not hidden, "`from os import environ` would be overlooked"


def test_inside_a_transaction_nothing_but_the_database_is_awaited() -> None:
    """Every await in a block of `db.read()` or `db.write()` hands the connection on, or only yields."""
    seen, wrong = 0, []
    for path in python_files("services"):
        for block in (node for node in nodes(path) if isinstance(node, ast.AsyncWith)):
            if not any(_is_a_door(item.context_expr) for item in block.items):
                continue
            for node in (n for statement in block.body for n in ast.walk(statement) if isinstance(n, ast.Await)):
                seen += 1
                said = ast.unparse(node)
                if "connection" not in said and said != "await asyncio.sleep(0)":
                    wrong.append(f"{where(path, node.lineno)}: {said}")
    assert seen > 50
    assert not wrong


def _is_a_door(node: ast.expr) -> bool:
    name = dotted(node.func) if isinstance(node, ast.Call) else ""
    return name.endswith((".db.read", ".db.write"))


def test_nothing_is_started_and_forgotten_below_the_running_program() -> None:
    """To tell someone something later, an outbox row is inserted; tasks die with the process.

    Storage has one task of its own: it commits the acts that wait for it together, and each of them waits for its end.
    """
    banned = ("create_task", "ensure_future", "run_coroutine_threadsafe", "call_later")
    wrong = [
        f"{where(path, line)} calls {name}"
        for path in python_files("domain", "services", "handlers")
        for line, name in calls(path)
        if name.endswith(banned)
    ]
    assert not wrong


def test_every_module_and_every_public_thing_in_the_rules_says_what_it_is() -> None:
    wrong = []
    for path in python_files("domain", "services"):
        for node in nodes(path):
            if isinstance(node, ast.Module):
                wrong += [] if ast.get_docstring(node) else [where(path, 1)]
    for path in python_files("domain", "services", "handlers"):
        for node in tree(path).body:
            public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if public and not node.name.startswith("_") and not ast.get_docstring(node):
                wrong.append(f"{where(path, node.lineno)} {node.name}")
    assert not wrong


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = []
    for path, text in texts_of_the_project():
        generated = path.parent.name == "versions"
        if path.suffix in {".py", ".js", ".ftl"} and not generated and (lines := text.count("\n")) > LONGEST_FILE:
            long.append(f"{path.relative_to(ROOT)}: {lines} lines")
    assert not long


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
    wrong = [
        where(path, number)
        for path, text in texts_of_the_project()
        if path.suffix in {".py", ".js", ".css", ".html", ".ftl", ".toml", ".md", ".csv", ""}
        for number, line in enumerate(text.splitlines(), 1)
        if later.search(line)
    ]
    assert not wrong


def test_nothing_knows_the_machine_that_it_was_written_on() -> None:
    """No path of somebody's machine, and no address from which packages are fetched."""
    places = ("/" + "work/", "/" + "home/", "/" + "root/", "/" + "Users/", "C:" + "\\Users")
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "index-" + "url", "registry." + "npmjs")
    wrong = [
        f"{where(path, number)}: {line.strip()[:80]}"
        for path, text in texts_of_the_project()
        for number, line in enumerate(text.splitlines(), 1)
        if any(sign in line for sign in (*places, *hosts))
    ]
    assert not wrong


def test_each_package_has_about_a_dozen_modules_side_by_side() -> None:
    wrong = {}
    for folder in {path.parent for path in python_files(*MAY_IMPORT)} - {ROOT / "storage/migrations/versions"}:
        number = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
        name = folder.relative_to(ROOT).as_posix()
        if number > MORE_MODULES.get(name, MOST_MODULES):
            wrong[name] = number
    assert not wrong


def test_each_class_has_a_name_of_its_own() -> None:
    places = defaultdict(list)
    for path in python_files(*MAY_IMPORT):
        for node in nodes(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(where(path, node.lineno))
    assert not {name: found for name, found in places.items() if len(found) > 1}


def words(text: str) -> Iterator[str]:
    """The words of a text or a name, in lower case: `NewLetter`, `new_letters` and "new letter" have the same two."""
    for found in re.finditer(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text):
        word = found[0].lower()
        yield word
        if word.endswith("s"):
            yield word[:-1]


def prose(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Line and text of what people read: names, comments, docstrings and log messages of code, all of a document."""
    if path.suffix == ".md":
        yield from enumerate(text.splitlines(), 1)
    elif path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        begins = True
        for token in tokens:
            docstring = token.type == tokenize.STRING and begins
            if docstring or token.type in (tokenize.NAME, tokenize.COMMENT):
                yield token.start[0], token.string
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                begins = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
        yield from logged(path)


def logged(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of the messages that a module logs."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and dotted(node.func).startswith("log."):
            texts = (part for argument in node.args for part in ast.walk(argument) if isinstance(part, ast.Constant))
            yield from ((part.lineno, part.value) for part in texts if isinstance(part.value, str))


def test_retired_words_stay_retired() -> None:
    wrong = [
        f"{where(path, line)}: {word} (say {RETIRED[word]})"
        for path, text in texts_of_the_project()
        if path.relative_to(ROOT).as_posix() not in OWN_WORDS and path.parent.name != "versions"
        if RETIRED.keys() & set(words(text))  # to take a file apart takes its time
        for line, said in prose(path, text)
        for word in sorted(set(words(ORDINARY.sub("", said))) & RETIRED.keys())
    ]
    assert not wrong


def test_the_quick_tests_do_not_sleep() -> None:
    """They wait for an event, or on a clock of their own."""
    wrong = [
        f"{where(path, node.lineno)}: {ast.unparse(node)}"
        for path in python_files("tests")
        if path.relative_to(ROOT).parts[1] not in {"campaigns", "page"}
        for node in nodes(path)
        if isinstance(node, ast.Call) and dotted(node.func) in {"asyncio.sleep", "time.sleep"}
        for seconds in node.args[:1]
        if isinstance(seconds, ast.Constant) and REAL_SLEEP <= seconds.value < FOR_EVER
    ]
    assert not wrong


def test_public_functions_of_storage_return_and_take_named_types() -> None:
    wrong = [
        f"{where(path, node.lineno)}: {node.name}"
        for path in python_files("storage")
        if "migrations" not in path.parts
        for owner in (tree(path), *(n for n in tree(path).body if isinstance(n, ast.ClassDef) and n.name[0] != "_"))
        for node in owner.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        if "Any" in {name.id for name in _annotations(node)}
    ]
    assert not wrong


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Name]:
    parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    for annotation in (node.returns, *(parameter.annotation for parameter in parameters if parameter)):
        for name in ast.walk(annotation) if annotation else ():
            if isinstance(name, ast.Name):
                yield name
