"""Whose turn it is to send, over all processes of one bot (R27)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import pace
from domain.pace import LATEST
from services.clocks import machine_time
from storage import display
from storage.db import Database
