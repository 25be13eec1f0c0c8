from enforcer.simulator.limits import Lockout, SlidingWindow
from enforcer.simulator.quantities import rate


def test_the_window_slides_and_refused_requests_do_not_count():
    window = SlidingWindow(rate("2/s"))
    arrivals = [0.0, 0.5, 0.9, 0.99, 1.0, 1.2, 1.5]

    assert [window.admits(at) for at in arrivals] == [True, True, False, False, True, False, True]


def test_the_sixth_failure_in_a_row_locks_the_key_for_five_minutes():
    lockout = Lockout()
    for at in range(5):
        lockout.failed("ak", at)
    open_before = not lockout.is_locked("ak", 5)
    lockout.failed("ak", 5)

    assert open_before
    assert lockout.is_locked("ak", 5.1)
    assert lockout.is_locked("ak", 304.9)
    assert not lockout.is_locked("ak", 305)


def test_a_success_starts_the_count_again():
    lockout = Lockout()
    for at in range(5):
        lockout.failed("ak", at)
    lockout.succeeded("ak")
    lockout.failed("ak", 6)

    assert not lockout.is_locked("ak", 7)


def test_keys_are_counted_apart():
    lockout = Lockout()
    for at in range(6):
        lockout.failed(f"ak{at % 2}", at)

    assert not any(lockout.is_locked(ak, 6) for ak in ("ak0", "ak1"))
