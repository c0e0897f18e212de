"""The Python test kit: people who write, tap and see messages. Every wait ends with an event or a limit.

kit = Kit(box)
ann = await kit.person("Ann", language_code="en")
await ann.says("/start")
await ann.sees("Welcome")
answer = await ann.taps("🙋")
"""

from sandbox.testing.kit import Kit
from sandbox.testing.messages import InlineResults, NotSeen, SeenAnswer, SeenButton, SeenMessage
from sandbox.testing.user import TestUser

__all__ = ["InlineResults", "Kit", "NotSeen", "SeenAnswer", "SeenButton", "SeenMessage", "TestUser"]
