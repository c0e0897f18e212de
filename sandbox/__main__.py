"""`python -m sandbox`: the local chat without a bot of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys

from sandbox.errors import Misuse
from sandbox.sandbox import Sandbox


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The parsed command line; `given` replaces the program's own arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A local Telegram Bot API server with a browser chat."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8081, help="default 8081; 0 takes a free one")
    parser.add_argument("--state", metavar="DIR", help="keep the world in this folder")
    parser.add_argument("--token", help="accept this bot only; without it any well-formed token makes its bot")
    parser.add_argument("--username", default="sandbox_bot", help="the bot's username (default sandbox_bot)")
    parser.add_argument("--name", default="Sandbox", help="the bot's first name")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429 by itself")
    parser.add_argument("--people", default="Ann,Ben", help="people of a new world, separated by commas")
    return parser.parse_args(given)


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM."""
    box = Sandbox(
        options.host,
        options.port,
        options.state,
        any_token=options.token is None,
        limits=not options.no_limits,
    )
    box.backend.dispatcher.default_username = options.username
    if options.token:
        box.add_bot(options.token, options.username, options.name)
    url = await box.start()
    if not box.world.state.people:
        for name in filter(None, (name.strip() for name in options.people.split(","))):
            box.add_person(name)
    sys.stdout.write(f"Chat page:     {url}/\nBot API base:  {url}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        await box.stop()


def main() -> None:
    """The entry point. An invalid option or a port in use ends the program with one sentence."""
    try:
        asyncio.run(serve(arguments()))
    except (Misuse, OSError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
