"""The faults that the sweep knows, the places where they strike, and the exit codes that may follow."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tests.faults import actions as do
from tests.faults.access import NEW_AK, NEW_SK
from tests.faults.rules import Action, Rule, Scenario

Codes = frozenset[int]


def _codes(*codes: int) -> Codes:
    return frozenset(codes)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong once, and what the run may come to, by the kind of request that it hits."""

    make: Callable[[], Action]
    list: Codes | None = None
    """None: it makes no sense there."""
    show: Codes | None = None
    put: Codes | None = None
    read_back: Codes | None = None
    slow: bool = False
    """Whether a run with it takes a second or more."""

    @property
    def look(self) -> Codes | None:
        """At the look after a wave: what ends a run at the first list ends it there, else the read-back tells."""
        return None if self.read_back is None or self.list is None else self.read_back | self.list | {0}


def passing(make: Callable[[], Action], *, slow: bool = False) -> Fault:
    """Return a fault that another attempt overcomes, wherever it strikes."""
    return Fault(make=make, list=_codes(0), show=_codes(0), put=_codes(0), read_back=_codes(0), slow=slow)


def not_dcs(make: Callable[[], Action], *, put: Codes = frozenset({0}), slow: bool = False) -> Fault:
    """Return a fault that shows a stranger at the endpoint: fatal for a read, ambiguous for a PUT."""
    return Fault(make=make, list=_codes(76), show=_codes(76), put=put, read_back=_codes(3, 76), slow=slow)


def maybe(make: Callable[[], Action], *, put: Codes = frozenset({0})) -> Fault:
    """Return a fault that a reader may get over or not."""
    return Fault(make=make, list=_codes(0, 76), show=_codes(0, 3, 76), put=put, read_back=_codes(0, 3, 76))


def refusal(make: Callable[[], Action], *, list: Codes, put: Codes, show: Codes = frozenset({3})) -> Fault:  # noqa: A002
    return Fault(make=make, list=list, show=show, put=put, read_back=_codes(3, 77))


def only_put(make: Callable[[], Action], *codes: int) -> Fault:
    return Fault(make=make, put=_codes(*codes))


def only_list(make: Callable[[], Action], *codes: int) -> Fault:
    return Fault(make=make, list=_codes(*codes), read_back=_codes(*codes, *((3,) if 76 in codes else ())))


def _with(**fields: Any) -> Callable[[Any], Any]:
    return lambda body: {**body, **fields} if isinstance(body, dict) else fields


def _renewed(keys: dict[str, str]) -> None:
    keys.clear()
    keys[NEW_AK] = NEW_SK


_CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
_TEXT_FAULTS: Final = {
    "null": "null",
    "list": "[]",
    "number": "42",
    "string": '"done"',
    "half_json": '{"task_id": "0',
    "nan": '{"count": NaN, "migration_tasks": []}',
    "deep_nesting": "[" * 100_000,
    "long_integer": '{"count": ' + "9" * 5000 + "}",
    "byte_order_mark": "\ufeff{}",
    "utf_16": "{}".encode("utf-16"),
    "lone_surrogate": '{"error_msg": "\\ud800"}',
    "broken_utf_8": b'{"a": "\xff\xfe"}',
}

FAULTS: Final[dict[str, Fault]] = {
    # connections, rows 1 to 20
    "down_window": Fault(
        make=lambda: do.down_window(0.05),
        list=_codes(0, 69),
        show=_codes(0, 3),
        put=_codes(0, 3, 5),
        read_back=_codes(0, 3),
    ),
    "close_before": passing(lambda: do.close_before),
    "closes_after": passing(lambda: do.closes_after),
    "apply_then_close": passing(lambda: do.apply_then_close),
    "close_then_apply": only_put(lambda: do.close_then_apply(0), 0),
    "reset_at_once": passing(lambda: do.reset_at(0)),
    "reset_in_the_status_line": passing(lambda: do.reset_at(9)),
    "reset_in_the_headers": passing(lambda: do.reset_at(60)),
    "reset_at_the_last_byte": passing(lambda: do.reset_at(-1)),
    "applied_and_reset": passing(lambda: do.reset_at(0, applied=True)),
    "applied_and_reset_in_the_headers": passing(lambda: do.reset_at(60, applied=True)),
    "cut_in_the_headers": passing(lambda: do.cut_at(40)),
    "cut_at_the_last_byte": passing(lambda: do.cut_at(-1)),
    "applied_and_cut": passing(lambda: do.cut_at(-1, applied=True)),
    "hang": passing(do.hang, slow=True),
    "applied_and_hang": passing(lambda: do.hang(applied=True), slow=True),
    "drip": passing(do.drip, slow=True),
    "applied_and_drip": passing(lambda: do.drip(applied=True), slow=True),
    "latency": passing(lambda: do.latency(0.3)),
    "close_delimited_cut": maybe(do.close_delimited_cut),
    "redirect_301": not_dcs(lambda: do.redirect(301, "https://example.invalid/"), put=_codes(76)),
    "redirect_303": not_dcs(lambda: do.redirect(303, "/"), put=_codes(76)),
    "redirect_307": not_dcs(lambda: do.redirect(307, "http://127.0.0.1:1/"), put=_codes(76)),
    "redirect_308": not_dcs(lambda: do.redirect(308, "//example.invalid"), put=_codes(76)),
    # protocol and content, rows 21 to 32
    "bad_status_line": maybe(lambda: do.garbage(b"HTP/1.1 200 OK\r\n\r\n")),
    "ssh_banner": maybe(lambda: do.garbage(b"SSH-2.0-OpenSSH_9.2p1\r\n")),
    "both_lengths": maybe(lambda: do.garbage(_CHUNKED + b"Content-Length: 3\r\n\r\n0\r\n\r\n")),
    "bad_chunk_size": maybe(lambda: do.garbage(_CHUNKED + b"\r\nzz\r\n{}\r\n0\r\n\r\n")),
    "cut_chunk": maybe(lambda: do.garbage(_CHUNKED + b'\r\n10\r\n{"task')),
    "header_of_64_kb": maybe(lambda: do.header(X_Long="x" * 65_536)),
    "ten_thousand_headers": maybe(lambda: do.header(**{f"X_{number}": "y" for number in range(10_000)})),
    "cookies": passing(lambda: do.header(Set_Cookie="session=1; Domain=127.0.0.1; Path=/")),
    "gzip_bomb": not_dcs(do.gzip_bomb, slow=True),
    "deflate_bomb": not_dcs(lambda: do.gzip_bomb(64 * do.MIB, encoding="deflate")),
    "gzip_unasked": maybe(lambda: do.unasked_gzip),
    "gzip_that_is_none": maybe(lambda: do.body("{}", Content_Encoding="gzip")),
    "brotli": maybe(lambda: do.body("{}", Content_Encoding="br")),
    "html": not_dcs(lambda: do.body(do.HTML)),
    "html_as_html": not_dcs(lambda: do.body(do.HTML, Content_Type="text/html")),
    "applied_and_html": not_dcs(lambda: do.body(do.HTML, applied=True)),
    "error_in_a_200_passing": passing(lambda: do.body({"error_code": "DCS.5000", "error_msg": "x"})),
    "error_in_a_200_throttled": passing(lambda: do.body({"error_code": "APIGW.0308", "error_msg": "x"})),
    "error_in_a_200_refusing": refusal(
        lambda: do.body({"errorCode": "DCS.4063", "errorMsg": "x"}, telling=True),
        list=_codes(69, 76),
        put=_codes(3),
    ),
    "error_in_a_200_nested": refusal(
        lambda: do.body({"error": {"code": "DCS.4063", "message": "x"}}, telling=True),
        list=_codes(69, 76),
        put=_codes(3),
    ),
    # Of these only a string is what the API may say of a change that it took.
    **{
        f"body_{name}": maybe(partial(do.body, text, telling=name == "string"), put=_codes(0, 3))
        for name, text in _TEXT_FAULTS.items()
    },
    "body_empty": Fault(make=lambda: do.body(b""), list=_codes(76), show=_codes(76), read_back=_codes(3, 76)),
    "count_is_true": only_list(lambda: do.altered(_with(count=True)), 0),
    "count_is_negative": only_list(lambda: do.altered(_with(count=-1)), 0),
    "no_rows_field": only_list(lambda: do.altered(lambda body: {"count": body["count"]}), 76),
    "rows_are_text": only_list(lambda: do.altered(_with(migration_tasks="none")), 76),
    "status_201": only_put(lambda: do.body(b"", code=201, applied=True), 0),
    "status_202": only_put(lambda: do.body(b"", code=202, applied=True, telling=True), 0),
    "status_204": only_put(lambda: do.body(b"", code=204, applied=True, telling=True), 0),
    "status_206": maybe(lambda: do.body("{}", code=206)),
    "status_999": not_dcs(lambda: do.status(999), put=_codes(0, 76)),
    "continue_first": passing(lambda: do.preceded(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "many_continues_first": maybe(lambda: do.preceded(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)),
    "another_task_in_the_answer": Fault(
        make=lambda: do.altered(_with(task_id="0" * 32), applied=False), show=_codes(0, 3, 76), put=_codes(0)
    ),
    "ack_without_apply": only_put(lambda: do.ack_without_apply, 3),
    "apply_after": only_put(lambda: do.apply_after(0.03), 0),
    # throttle, overload, outage, rows 33 to 41
    "throttled": passing(do.throttled),
    "throttled_with_a_limit": passing(lambda: do.throttled("limit:100,time:1 second")),
    "throttled_for_2_s": passing(lambda: do.throttled(Retry_After="2")),
    "throttled_with_nonsense": passing(lambda: do.throttled(Retry_After="soon")),
    "throttled_by_code_only": passing(lambda: do.status(400, "APIG.0308", "too fast")),
    "status_429": passing(lambda: do.status(429)),
    "status_500": passing(lambda: do.status(500)),
    "status_503": passing(lambda: do.status(503)),
    "status_503_retry_after": passing(lambda: do.status(503, Retry_After="1")),
    "status_502": passing(lambda: do.status(502)),
    "status_504": passing(lambda: do.status(504, "APIGW.0201", "Backend timeout.")),
    "applied_and_502": passing(lambda: do.apply_then_status(502, None)),
    "applied_and_504": passing(lambda: do.apply_then_status(504)),
    # credentials and clock, rows 42 to 49
    "status_401": Fault(
        make=lambda: do.status(401, "APIGW.0301", "Incorrect IAM authentication information"),
        list=_codes(0, 77),
        show=_codes(0, 77),
        put=_codes(0, 77),
        read_back=_codes(0, 3, 77),
    ),
    "keys_withdrawn": Fault(
        make=lambda: do.expire_auth(change=_renewed),
        list=_codes(77),
        show=_codes(77),
        put=_codes(77),
        read_back=_codes(3, 77),
    ),
    "status_403": refusal(
        lambda: do.status(403, "APIGW.0302", "no permission"), list=_codes(77), put=_codes(3), show=_codes(3, 77)
    ),
    "clock_behind": Fault(
        make=lambda: do.skew_date(1200),
        list=_codes(0, 77),
        show=_codes(0, 77),
        put=_codes(0, 77),
        read_back=_codes(0, 3, 77),
    ),
    # inventory, rows 50 to 62
    "task_inserted": only_list(lambda: do.meddle(lambda store: store.insert_first()), 0),
    "task_deleted_behind": only_list(lambda: do.meddle(lambda store: store.delete(store.ids[-1])), 0),
    "task_gone": Fault(make=do.delete_task, show=_codes(0, 3), put=_codes(3)),
    "no_such_api": refusal(
        lambda: do.status(404, "APIGW.0101", "The API does not exist"),
        list=_codes(76),
        put=_codes(76),
        show=_codes(76),
    ),
    "status_404": refusal(lambda: do.status(404), list=_codes(76), put=_codes(76), show=_codes(76)),
    "status_400": refusal(lambda: do.status(400, "DCS.4063", "Invalid"), list=_codes(69, 76), put=_codes(3)),
    "status_409": refusal(lambda: do.status(409, "DCS.4026", "Busy"), list=_codes(69, 76), put=_codes(3)),
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A request of a run: its kind, and how to find it."""

    codes: str
    """The field of Fault that counts here."""
    kind: str
    after_put: bool | None
    nth: Callable[[int], int]
    """Its number among those of its kind, given the number of changes."""


PLACES: Final[dict[str, Place]] = {
    "first_list": Place(codes="list", kind="list", after_put=False, nth=lambda _: 1),
    "later_page": Place(codes="list", kind="list", after_put=False, nth=lambda _: 2),
    "show": Place(codes="show", kind="show", after_put=False, nth=lambda _: 1),
    "first_put": Place(codes="put", kind="put", after_put=None, nth=lambda _: 1),
    "middle_put": Place(codes="put", kind="put", after_put=None, nth=lambda changes: changes // 2 + 1),
    "last_put": Place(codes="put", kind="put", after_put=None, nth=lambda changes: changes),
    "wave_look": Place(codes="look", kind="list", after_put=True, nth=lambda _: 1),
    # After the three pages of that look.
    "read_back_list": Place(codes="read_back", kind="list", after_put=True, nth=lambda _: 4),
}


def singles() -> list[tuple[str, str]]:
    """Return every fault at every place where it makes sense."""
    return [
        (name, place)
        for name, fault in FAULTS.items()
        for place, where in PLACES.items()
        if getattr(fault, where.codes) is not None
    ]


def expected(fault: str, place: str) -> Codes:
    """Return the exit codes that a run with that fault alone may have."""
    codes: Codes = getattr(FAULTS[fault], PLACES[place].codes)
    return codes


def scenario_of(strikes: Iterable[tuple[str, str]], *, changes: int, times: int | None = 1) -> Scenario:
    """Return a scenario of faults and their places."""
    return Scenario(
        rules=[
            Rule(
                name=f"{fault}@{place}",
                do=FAULTS[fault].make(),
                kind=PLACES[place].kind,
                after_put=PLACES[place].after_put,
                nth=PLACES[place].nth(changes),
                times=times,
            )
            for fault, place in strikes
        ]
    )
