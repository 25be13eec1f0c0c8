"""Ask a person at the terminal, without keeping signals and deadlines from being heard meanwhile."""

import asyncio
import sys

from enforcer.cli.terminal import screen
from enforcer.run.stopping import Stop


def is_possible() -> bool:
    """Return whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def agree(question: str, stop: Stop) -> bool:
    """Return whether the answer is yes; an empty one, end of input, or a stop meanwhile is no."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def heard(text: str) -> None:
        if not answer.done():
            answer.set_result(text)

    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    stop.listen(lambda _: heard(""))
    loop.add_reader(sys.stdin, lambda: heard(sys.stdin.readline()))
    try:
        said = await answer
    finally:
        loop.remove_reader(sys.stdin)
    if not said.endswith("\n"):
        screen.note("")
    return said.strip().lower() in {"y", "yes"}
