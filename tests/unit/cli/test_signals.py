"""Signals that come before or after a run find the right ear, or none."""

import os
import signal
from collections.abc import Iterator

import pytest

from enforcer.cli.terminal import running, signals
from enforcer.model.event import RunStopped
from enforcer.run.stopping import Stop


@pytest.fixture
def installed() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signals.install()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: signal.Signals = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_where_there_is_nothing_to_finish_a_signal_is_the_end(number, code):
    with pytest.raises(signals.Ended) as ended:
        send(number)
    assert ended.value.code == code


@pytest.mark.usefixtures("installed")
def test_one_that_comes_while_they_are_held_back_is_heard_by_the_run():
    heard: list[RunStopped | None] = []

    async def main(stop: Stop) -> None:
        await stop.sleep(20)
        heard.append(stop.cause)

    with signals.held_back():
        send()
        running.run(main)
    (cause,) = heard
    assert cause is not None
    assert cause.exit_code == 143


@pytest.mark.usefixtures("installed")
def test_one_that_comes_after_the_run_disturbs_nothing():
    async def main(_stop: Stop) -> None:
        pass

    with signals.held_back():
        running.run(main)
        send()
        send(signal.SIGINT)


@pytest.mark.usefixtures("installed")
def test_after_all_a_signal_is_the_end_again():
    async def main(_stop: Stop) -> None:
        pass

    with signals.held_back():
        running.run(main)
    with pytest.raises(signals.Ended):
        send()


@pytest.mark.usefixtures("installed")
def test_a_stop_from_elsewhere_is_drained_no_longer_than_allowed():
    async def main(stop: Stop) -> None:
        stop.ask(RunStopped(exit_code=5, message="somebody asked"))
        await Stop().sleep(60)

    running.run(main, drain_s=0.05)
