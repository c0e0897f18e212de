"""What an organiser can do about a case at a moment, and why not (R29). The services judge again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.brushing.bans import may_agree, may_appeal, may_decide_appeal
from domain.brushing.cases import CaseOutcome
from domain.brushing.verdicts import Verdict
from services.brushing.appeals import AppealRefusal
from services.brushing.bans import AgreementRefusal
from services.brushing.case_files import CaseFile


class CaseAct(StrEnum):
    """What an organiser can do about a case; each is asked about before it is done."""

    CLEAR = "clear"
    VOID = "void"
    BAN = "ban"
    AGREE = "agree"
    """To the longer ban that another organiser has asked for."""
    APPEAL = "appeal"
    """Record what the shop says against the decision."""
    GRANT = "grant"
    REFUSE = "refuse"
    RESTORE = "restore"
    """Let the void vote of one member count again, who has objected."""


REASONED = (CaseAct.VOID, CaseAct.BAN, CaseAct.APPEAL, CaseAct.GRANT, CaseAct.REFUSE, CaseAct.RESTORE)
"""Acts for which words are asked: the reason, the appeal, or the number of the member who objects."""
_DECISIONS = (CaseAct.CLEAR, CaseAct.VOID, CaseAct.BAN)
DECIDED_ALREADY = "case-decided-already"


def acts_now(file: CaseFile, now: datetime, reader: str = "") -> tuple[CaseAct, ...]:
    """What can be done about a case at this moment (aware) by this organiser, as history names them; by some organiser
    where none is given."""
    return tuple(act for act in CaseAct if why_not(file, act, now, reader) is None)


def why_not(file: CaseFile, act: CaseAct, now: datetime, reader: str = "") -> str | None:
    """The key of the text that says why this organiser cannot do this now (aware); None where they can."""
    if act in _DECISIONS:
        return DECIDED_ALREADY if file.record.decided_at is not None else None
    if act is CaseAct.RESTORE:
        decided = file.record.decided_at is not None
        return None if decided and file.named.get(Verdict.VOID) else "case-none-void"
    refused = _why_not_agree(file, now, reader) if act is CaseAct.AGREE else _why_not_appeal(file, act, now, reader)
    return refused and f"case-{'not-agreed' if act is CaseAct.AGREE else 'no-appeal'}-{refused.value}"


def _why_not_agree(file: CaseFile, now: datetime, reader: str) -> AgreementRefusal | None:
    ban = file.ban
    if ban is None or ban.lifted_at is not None or ban.ends_at <= now:
        return AgreementRefusal.NO_BAN
    if not ban.waits:
        return AgreementRefusal.IN_FORCE
    may = may_agree(ban.asked_months, ban.decided_by, ban.agreed_by, reader)
    return None if may else AgreementRefusal.SAME_ORGANISER


def _why_not_appeal(file: CaseFile, act: CaseAct, now: datetime, reader: str) -> AppealRefusal | None:
    record, appeal = file.record, file.appeal
    if record.outcome is not CaseOutcome.CONFIRMED or record.decided_at is None:
        return AppealRefusal.NO_CASE
    if act is CaseAct.APPEAL:
        if appeal is not None:
            return AppealRefusal.APPEALED_ALREADY
        return None if may_appeal(record.decided_at, now, appealed=False) else AppealRefusal.TOO_LATE
    if appeal is None:
        return AppealRefusal.NO_APPEAL
    if appeal.decided_at is not None:
        return AppealRefusal.DECIDED_ALREADY
    if may_decide_appeal(record.decided_by or "", reader, appeal.recorded_at, now, file.organisers):
        return None
    return AppealRefusal.TOO_EARLY if file.organisers <= 1 else AppealRefusal.SAME_ORGANISER
