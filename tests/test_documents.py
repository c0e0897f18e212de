"""The documents stay true: what they link to, name or tell to run exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from bot.__main__ import app
from storage.models import Base

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sandbox").glob("*.md")], key=lambda path: str(path)
)
TEMPLATE = ["Context", "Decision", "Alternatives", "Consequences", "Measured"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
PACKAGES = "bot|handlers|services|domain|storage|sandbox|tests|benchmarks|docs|deploy|demo"

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all tests."""
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(name for file in files for name in re.findall(r"def (test_\w+)", file.read_text("utf-8")))


@documents
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", document.read_text("utf-8")):
        if target.startswith("http"):
            continue
        file = document.parent / target if target else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(f"{target}#{anchor}")
    assert not broken


@documents
def test_every_named_file_and_benchmark_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    named = re.findall(rf"(?<![\w/.-])((?:{PACKAGES})/[\w/-]+(?:\.\w+|/))", text)
    named += [f"benchmarks/{name}.py" for name in re.findall(r"-m benchmarks\.(\w+)", text)]
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("name", ["canvassing.md", "cards.md"])
def test_every_case_of_a_specification_names_a_test(name: str) -> None:
    fragments = re.findall(r"`(…[\w…]+)`", (ROOT / "docs" / name).read_text("utf-8"))
    patterns = {fragment: ".*".join(map(re.escape, fragment.strip("…").split("…"))) for fragment in fragments}
    assert patterns
    assert not [
        fragment
        for fragment, pattern in patterns.items()
        if not any(re.search(pattern, known) for known in names_of_tests())
    ]


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    listed = re.findall(
        r"^(\d+)\. \[(.+)\]\((.+)\)$", (DECISIONS[0].parent / "README.md").read_text("utf-8"), re.MULTILINE
    )
    titles = [file.read_text("utf-8").splitlines()[0].removeprefix("# ") for file in DECISIONS]
    assert [(f"{number}. {title}", file) for number, title, file in listed] == [
        (title, file.name) for title, file in zip(titles, DECISIONS, strict=True)
    ]
    assert [int(number) for number, _, _ in listed] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name[:4])
def test_decisions_follow_one_template(decision: Path) -> None:
    assert re.findall(r"^## (.+)$", decision.read_text("utf-8"), re.MULTILINE) == TEMPLATE


def retentions(text: str) -> list[str]:
    """The tables that the section about retention names."""
    section = text.partition("## How long rows are kept")[2].partition("\n## ")[0]
    rows = [row.strip("|").split("|") for row in section.splitlines() if row.startswith("| `")]
    assert all(len(row) == 4 and row[1].strip() and row[2].strip() for row in rows), "what it holds, kept how long, why"
    return sorted(name for row in rows for name in re.findall(r"`(\w+)`", row[0]))


def test_every_table_has_a_retention_that_is_named() -> None:
    named = retentions((ROOT / "docs" / "operating.md").read_text("utf-8"))
    assert named == sorted(Base.metadata.tables), "docs/operating.md says of each table how long its rows are kept"
    assert "jobs" not in retentions("## How long rows are kept\n| `votes` | votes | for ever | |\n## Next\n| `jobs` |")


def test_the_readme_lists_every_command_of_the_terminal() -> None:
    listed = (ROOT / "README.md").read_text("utf-8").split("## Commands")[1]
    commands = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        commands += [f"{group.name} {command.name}" for command in group.typer_instance.registered_commands]
    assert len(commands) > 15
    assert not [command for command in commands if f"`{command}" not in listed]
