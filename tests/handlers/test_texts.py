"""The texts of every language: the same keys with the same variables, none missing, none unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from domain.brushing.cases import CaseOutcome
from domain.brushing.evidence import VoteState
from domain.brushing.votes import Pattern
from domain.campaigns import CampaignState, UnsentReason
from domain.csv_files import CODES
from domain.goods import ENDS, Category, ItemState, WhyOut
from domain.ledger import LedgerError
from domain.limits import Act
from domain.notifications import NotificationKind
from domain.people import LANGUAGES
from domain.transparency.balance import Evenness
from domain.transparency.tally_table import FaultKind
from domain.voting import Reason
from handlers.localization import Localizer
from handlers.start import COMMANDS, FOR_ORGANISERS
from handlers.views.brushing.case_acts import REASONED, CaseAct
from handlers.views.campaigns import _NAMED, SHOWN_AS
from handlers.views.privacy_file import SECTIONS
from handlers.views.tables import Template
from handlers.views.transparency.rules import SECTIONS as RULE_SECTIONS
from sandbox.text.html import parse_html
from services.brushing.appeals import AppealRefusal
from services.brushing.bans import AgreementRefusal
from services.groups import RejectionRefusal, ScheduleRefusal
from services.people import GrantRefusal
from services.table_files import Ambiguity
from tests.test_house_rules import ROOT, python_files, tree, where

SEEN_BY_VOTERS = set(ItemState) - {ItemState.REGISTERED, ItemState.REFUSED}
CODES_OF_SERVICES = {"shown_already", "shop_banned", *(error.value for error in LedgerError)} - set(CODES)


def codes_of_pictures() -> set[str]:
    """The codes with which a PictureError is raised."""
    return {
        node.args[0].value
        for path in (ROOT / "services" / "pictures").glob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "PictureError"
        if isinstance(node.args[0], ast.Constant)
    }


def switches() -> set[str]:
    """The settings that have a switch."""
    return {
        node.args[0].value
        for node in ast.walk(tree(ROOT / "handlers" / "views" / "mine.py"))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "switch"
        if isinstance(node.args[0], ast.Constant)
    }


def error_codes_of(room: str) -> set[str]:
    """The codes that are constants where a BadCell is made."""
    return {
        node.args[2].value
        for path in python_files(room)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "BadCell"
        if len(node.args) > 2 and isinstance(node.args[2], ast.Constant)
    }


BUILT = {
    "refused-": set(Reason),
    "cli-appeal-": {*(set(AppealRefusal) - {AppealRefusal.NO_CASE}), "granted", "refused", "recorded", "no-words"},
    "notification-item-restored-": {"on-display", "back", "passed", "passed-banned", "ended"},
    "shop-notice-": {"may-appeal", "too-late"},
    "case-vote-": set(VoteState),
    "limit-": set(Act),
    "privacy-list-": set(SECTIONS.values()),
    "campaign-kind-": {*_NAMED, "other"},
    "campaign-state-": set(CampaignState) - set(SHOWN_AS),
    "campaign-unsent-": set(UnsentReason),
    "brushing-member-": set(Pattern) - {Pattern.CANVASSED},
    "brushing-item-": set(Pattern) - {Pattern.CANVASSED},
    "button-case-": {*CaseAct, "picture", "csv", "xlsx"},
    "case-": set(CaseOutcome),
    "cases-": set(CaseOutcome),
    "case-ask-": set(REASONED),
    "case-really-": set(CaseAct),
    "case-really-ban-": {"good", "ended", "open", "months", "asked"},
    "case-not-agreed-": set(AgreementRefusal),
    "case-no-appeal-": set(AppealRefusal),
    "case-yes-": set(CaseAct),
    "not-scheduled-": set(ScheduleRefusal),
    "cli-not-agreed-": set(AgreementRefusal),
    "not-rejected-": set(RejectionRefusal),
    "rejection-": set(WhyOut),
    "not-granted-": set(GrantRefusal),
    "notification-item-rejected-": {*WhyOut, "cancelled"},
    "category-": set(Category),
    "desk-which-": set(Ambiguity),
    "template-": {*Template, *(kind.note(column) for kind in Template for column in kind.columns)},
    "desk-template-": set(Template),
    "desk-item-": {*ENDS, ItemState.OPEN},
    "state-": SEEN_BY_VOTERS,
    "command-": {*COMMANDS, *FOR_ORGANISERS},
    "notification-": {NotificationKind.GROUP_SCHEDULED, NotificationKind.GROUP_SOON},
    "settings-language-": set(LANGUAGES),
    "page-": {f"{action}{how}" for action in ("vote", "follow", "group", "today") for how in ("", "-how")},
    "settings-": {f"{what}-{on}" for what in switches() for on in ("on", "off")},
    "rules-": {f"{name}{text}" for name in RULE_SECTIONS for text in ("", "-text")},
    "fairness-": {*Evenness, *CaseOutcome, "set-aside", "void", "granted", "good", "shown", "votes"},
    "tally-": set(FaultKind),
    "day-at": {"", "-today", "-tomorrow"},
    "at-day": {"", "-today", "-tomorrow"},
    "bad-": {
        code.replace("_", "-") for code in {*CODES, *LedgerError, *error_codes_of("services"), *codes_of_pictures()}
    },
}
"""Keys that the code builds: their prefixes, and everything that may follow."""


@cache
def messages(language: str) -> dict[str, ftl.Message]:
    """The messages of a language by key; each key once over all its files."""
    found: dict[str, ftl.Message] = {}
    for file in sorted((ROOT / "handlers" / "texts").glob(f"*.{language}.ftl")):
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{file.name}: {entry.content}"
            if isinstance(entry, ftl.Message):
                assert entry.id.name not in found, f"{entry.id.name} is defined twice in {language}"
                found[entry.id.name] = entry
    return found


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.plurals: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.names.add(node.id.name)

    def visit_SelectExpression(self, node: ftl.SelectExpression) -> None:
        if isinstance(node.selector, ftl.VariableReference):
            self.plurals.add(node.selector.id.name)
        self.generic_visit(node)


@cache
def variables(key: str, language: str) -> frozenset[str]:
    """The variables that a text uses, in any of its variants."""
    visitor = _Variables()
    visitor.visit(messages(language)[key])
    return frozenset(visitor.names)


def localizer_calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call of `localizer.html(…)` and `localizer.text(…)`, with the name of the method."""
    for path in python_files("handlers", "bot"):
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("html", "text")
            ):
                yield path, node, node.func.attr


def constants(node: ast.AST) -> set[str]:
    """The string constants that an expression may evaluate to."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    parts: list[ast.expr] = []
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.Dict):
        parts = node.values
    elif isinstance(node, ast.Tuple):
        parts = node.elts
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        parts = [node.func.value]
    return {text for part in parts for text in constants(part)}


def chosen_before(path: Path, name: str) -> set[str]:
    """The string constants that are assigned to a name anywhere in a file."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Assign):
            targets = {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            found |= constants(node.value) if name in targets else set()
    return found


def keys_used() -> set[str]:
    """Every key that the code can ask for: constant or built."""
    built = {f"{start}{end}" for start, ends in BUILT.items() for end in ends}
    written = {
        node.value
        for path in python_files("handlers", "bot")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return built | (written & set(messages("en")))


def test_every_language_has_the_same_keys() -> None:
    assert set(LANGUAGES) == {"zh", "en"}
    assert set(messages("zh")) == set(messages("en"))


def test_every_language_uses_the_same_variables() -> None:
    assert {key: variables(key, "zh") for key in messages("zh")} == {
        key: variables(key, "en") for key in messages("en")
    }


def test_every_text_is_used() -> None:
    assert not sorted(set(messages("en")) - keys_used())


def test_no_built_key_is_missing() -> None:
    assert not {f"{start}{end}" for start, ends in BUILT.items() for end in ends} - set(messages("en"))


def test_no_key_that_is_written_out_is_missing_and_every_built_one_is_known() -> None:
    seen = 0
    for path, call, _ in localizer_calls():
        asked = call.args[0]
        seen += 1
        if isinstance(asked, ast.JoinedStr):
            start = asked.values[0]
            assert isinstance(start, ast.Constant) and start.value in BUILT, f"{where(path, call.lineno)}: list it"
        elif isinstance(asked, ast.Name):
            assert not chosen_before(path, asked.id) - set(messages("en")), where(path, call.lineno)
        else:
            assert constants(asked) and not constants(asked) - set(messages("en")), where(path, call.lineno)
    assert seen > 100


def test_every_text_is_given_the_variables_that_it_uses() -> None:
    wrong = []
    for path, call, _ in localizer_calls():
        given = {keyword.arg for keyword in call.keywords}
        if None in given:
            continue  # **values: the tests of the views cover them
        for key in constants(call.args[0]):
            used = variables(key, "en")
            wrong += [f"{where(path, call.lineno)}: {key} needs {name}" for name in used - given]
            unused = given - used if len(constants(call.args[0])) == 1 else set()
            wrong += [f"{where(path, call.lineno)}: {key} does nothing with {name}" for name in unused]
    assert not wrong


def test_every_code_of_an_error_has_a_text() -> None:
    assert error_codes_of("domain") <= set(CODES)
    assert "shown_already" in error_codes_of("services")
    assert {"picture-missing", "picture-broken", "picture-unreachable"} <= codes_of_pictures()


def test_plain_texts_have_no_markup() -> None:
    """Buttons, notices and terminals do not interpret tags."""
    plain = {key for _, call, kind in localizer_calls() if kind == "text" for key in constants(call.args[0])}
    plain |= {f"{start}{end}" for start in ("refused-", "category-", "command-", "bad-") for end in BUILT[start]}
    for language in LANGUAGES:
        localizer = Localizer(language, ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 24, tzinfo=UTC))
        for key in plain:
            said = localizer.text(key, **{name: 1 for name in variables(key, language)})
            assert "<" not in said, f"{key} in {language}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_every_text_can_be_formatted_and_sent_as_html(language: str, number: int) -> None:
    localizer = Localizer(language, ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 24, tzinfo=UTC))
    for key in messages(language):
        names = variables(key, language)
        numbers = localizer.html(key, **{name: number for name in names})
        words = localizer.html(key, **{name: '<b>&"' for name in names})
        for text in (numbers, words):
            said, _ = parse_html(text)  # raises what Telegram would refuse
            assert said.strip(), key
            assert "{" not in said and "}" not in said, key
        if names and number == 0:
            assert '<b>&"' in parse_html(words)[0] or _only_chooses(key, language), key


@pytest.mark.parametrize(
    "key",
    (
        "case-done-ban",
        "case-done-ban-open",
        "case-done-grant",
        "case-votes",
        "cases-undecided",
        "notification-case-opened",
    ),
)
def test_one_vote_of_a_case_is_not_spoken_of_in_the_plural_r29(key: str) -> None:
    localizer = Localizer("en", ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 24, tzinfo=UTC))
    said = localizer.text(key, **{name: 1 for name in variables(key, "en")})
    assert not re.search(r"\b1 (votes|(still )?count)\b", said), said


def _only_chooses(key: str, language: str) -> bool:
    """Whether a text's variables only select variants and are not shown."""
    visitor = _Variables()
    visitor.visit(messages(language)[key])
    return visitor.names == visitor.plurals


def test_an_unknown_key_or_a_missing_variable_raises_an_error() -> None:
    localizer = Localizer("en", ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 24, tzinfo=UTC))
    with pytest.raises(LookupError, match="no-such-text"):
        localizer.html("no-such-text")
    with pytest.raises(LookupError, match="day-today"):
        localizer.text("day-today")


BRANDS = {"X", "WhatsApp", "Facebook"}
"""Names that are the same everywhere."""


def test_chinese_texts_are_chinese_and_english_ones_are_not() -> None:
    for key in set(messages("en")) - {"settings-language-zh", "settings-language-en"}:
        english, chinese = (words_in(messages(language)[key]) for language in ("en", "zh"))
        assert not any(map(is_chinese, english)), key
        if any(map(str.isalpha, english)) and english not in BRANDS:
            assert any(map(is_chinese, chinese)), key


def is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def words_in(message: ftl.Message) -> str:
    """A text without markup and variables."""
    visitor = _Elements()
    visitor.visit(message)
    return re.sub(r"<[^>]*>", "", "".join(visitor.found))


class _Elements(Visitor):
    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_TextElement(self, node: ftl.TextElement) -> None:
        self.found.append(node.value)


def test_the_english_labels_below_a_card_fit_a_narrow_phone() -> None:
    """🔍, 📣 and 🔔 share a row of 390 px, where about eleven characters fit a third."""
    localizer = Localizer("en", ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 24, tzinfo=UTC))
    for key in ("button-details", "button-canvass", "button-follow", "button-following"):
        assert len(localizer.text(key)) <= 11, key


def test_the_page_of_a_link_does_not_promise_a_vote_to_readers_without_ballots() -> None:
    localizer = Localizer("en", ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 24, tzinfo=UTC))
    assert "your vote" not in localizer.text("page-vote-how") and "not buying" in localizer.text("page-vote-how")
