"""What one person may ask for is theirs, whatever number they have as a member (R36, R42)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from domain.limits import ALLOWANCES, Act, Allowance, Limits
from handlers.localization import Localizer
from handlers.messenger import Messenger, Request
from tests.handlers.conftest import MEMBER


async def test_r36_a_deletion_and_return_gives_no_allowance_back(localizer: Localizer) -> None:
    limits = Limits(dict.fromkeys(ALLOWANCES, Allowance(1, timedelta(minutes=1))))
    silent: Any = SimpleNamespace(may_hint=lambda _chat_id: False)

    async def allowed(**changes: int) -> bool:
        request = Request(replace(MEMBER, **cast(Any, changes)), localizer, cast(Messenger, silent), None)
        return await request.may(limits, Act.DRAW)

    assert await allowed() and not await allowed(id=2)
    assert await allowed(id=3, chat_id=1002)
