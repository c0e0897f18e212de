"""Syntax trees of the project's files, for tests about the code itself."""

from __future__ import annotations

import ast
import gc


def parse(text: str, name: str) -> ast.Module:
    """The syntax tree of a file. The garbage collector rests meanwhile.

    Up to CPython 3.11.7 all calls share one counter of the recursion depth, and a collection in the middle can run
    other code that parses: `ast.parse` then raises SystemError (python/cpython#106905).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text, name)
    finally:
        if was_enabled:
            gc.enable()
