import asyncio
from dataclasses import dataclass, field

import pytest

from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.event import InventoryListed, RequestRetried
from enforcer.model.task import ResumeMode, Task
from enforcer.run import observe, scan
from tests.fakes import FakeApi, Notebook, a_failure, a_site, only_modes
from tests.wishes import a_task


async def listed(api, notes=None, needs_mode=lambda _: True, **terms):
    return await observe.inventory(a_site(api, notes or Notebook(), **terms), needs_mode=needs_mode, read_back=False)


class Pages:
    """An API that answers each scan with the given pages, in order, whatever is asked; the last scan repeats."""

    skew_s = None
    expires_at = None

    def __init__(self, *scans: list[Page]) -> None:
        self.scans = list(scans)
        self.current: list[Page] = []
        self.offsets: list[int] = []

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        self.offsets.append(offset)
        if offset == 0:
            self.current = list(self.scans.pop(0) if len(self.scans) > 1 else self.scans[0])
        page = self.current.pop(0) if self.current else Page(tasks=(), count=None)
        return Reply(value=page, http_status=200)

    async def list_modes(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        return only_modes(await self.list_page(offset=offset, limit=limit))

    async def show(self, task_id: str) -> Reply[Task] | Failure:
        raise NotImplementedError

    def hush(self) -> None:
        raise NotImplementedError

    async def set_mode(self, task_id: str, mode: ResumeMode) -> Reply[None] | Failure:
        raise NotImplementedError


def some(start, stop):
    return tuple(a_task(f"t{number}") for number in range(start, stop))


async def test_all_pages_are_read():
    api = FakeApi.of(some(0, 2500))

    inventory = await listed(api)

    assert (2500, 3, True) == (len(inventory.tasks), inventory.pages, inventory.stable)


async def test_what_is_not_asked_of_a_task_does_not_count_when_it_is_listed_twice():
    page = Page(tasks=(a_task("t1", task_name="before"), a_task("t2"), a_task("t1", task_name="after")), count=None)

    api = Pages([page])

    inventory = await observe.inventory(
        a_site(api, Notebook()), needs_mode=lambda _: True, read_back=True, ask=api.list_modes
    )

    assert [(task.task_id, task.task_name, task.defect) for task in inventory.tasks] == [
        ("t1", None, None),
        ("t2", None, None),
    ]
    assert not inventory.stable


async def test_a_full_page_is_never_taken_for_the_end():
    api = FakeApi.of(some(0, 1000))

    await listed(api)

    assert api.calls["list"] == 2


async def test_a_server_that_caps_the_page_size_is_read_to_the_end():
    inventory = await listed(FakeApi.of(some(0, 95), page_size=10))

    assert len(inventory.tasks) == 95


async def test_each_page_begins_with_the_last_row_of_the_one_before():
    pages = Pages([Page(tasks=some(0, 1000), count=1002), Page(tasks=some(999, 1002), count=1002)])

    inventory = await listed(pages)

    assert [0, 999] == pages.offsets
    assert (1002, True) == (len(inventory.tasks), inventory.stable)


@dataclass
class SlowPages(FakeApi):
    """An API whose list takes some turns of the loop to answer, so that it shows how many requests it has at a time."""

    refused: int | None = None
    """The offset of the page that is denied."""
    offsets: list[int] = field(default_factory=list)
    on_their_way: set[int] = field(default_factory=set)
    most_on_their_way: int = 0

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        self.offsets.append(offset)
        self.on_their_way.add(offset)
        self.most_on_their_way = max(self.most_on_their_way, len(self.on_their_way))
        try:
            for _ in range(10):
                await asyncio.sleep(0)
        finally:
            self.on_their_way.discard(offset)
        if offset == self.refused:
            return a_failure(FailureKind.DENIED)
        return await super().list_page(offset=offset, limit=limit)


@pytest.mark.parametrize(("concurrency", "expected"), [(1, 1), (3, 3), (64, scan.AHEAD)])
async def test_pages_that_the_server_says_there_are_come_some_at_a_time_and_none_is_asked_for_twice(
    concurrency, expected
):
    api = SlowPages.of(some(0, 8500))

    inventory = await listed(api, concurrency=concurrency)

    assert [task.task_id for task in inventory.tasks] == list(api.tasks)
    assert (inventory.pages, inventory.stable) == (9, True)
    assert api.offsets == [number * 999 for number in range(9)]
    assert api.most_on_their_way == expected


async def test_pages_on_their_way_are_given_up_when_one_fails():
    api = SlowPages.of(some(0, 8500), refused=999)

    failure = await listed(api)

    assert failure.kind is FailureKind.DENIED
    assert api.on_their_way == set()
    assert len(api.offsets) <= 1 + scan.AHEAD


async def test_no_page_is_asked_for_beyond_what_may_be_read():
    api = SlowPages.of(some(0, 8500))

    found = await observe.inventory(a_site(api, Notebook()), needs_mode=lambda _: True, read_back=False, most=1500)

    assert (len(found.tasks), found.stable) == (1999, False)
    assert api.offsets == [0, 999]


async def test_a_list_that_shifts_between_pages_is_read_again():
    shifted = [Page(tasks=some(0, 1000), count=1002), Page(tasks=some(1000, 1002), count=1002)]
    quiet = [Page(tasks=some(0, 1000), count=1003), Page(tasks=some(999, 1003), count=1003)]

    inventory = await listed(Pages(shifted, quiet))

    assert (1003, True) == (len(inventory.tasks), inventory.stable)


async def test_a_list_that_never_settles_is_taken_as_the_third_scan_had_it_and_called_unstable():
    pages = Pages([Page(tasks=some(0, 3), count=5)])

    inventory = await listed(pages)

    assert (3, False) == (len(inventory.tasks), inventory.stable)
    assert 3 == pages.offsets.count(0)


async def test_rows_that_contradict_each_other_are_no_ground_for_a_request():
    pages = Pages([Page(tasks=(a_task("t1"), a_task("t1", resume_mode=ResumeMode.AUTO)), count=2)])

    inventory = await listed(pages)

    assert "twice" in inventory.tasks[0].defect
    assert inventory.tasks[0].resume_mode is None, "neither row is believed"
    assert (1, False) == (len(inventory.tasks), inventory.stable)


async def test_a_count_of_the_page_alone_is_no_disagreement():
    pages = Pages([Page(tasks=some(0, 1000), count=1000), Page(tasks=some(999, 1003), count=4)])

    assert (await listed(pages)).stable


async def test_a_server_that_gives_one_row_a_page_is_read_to_the_end():
    assert 7 == len((await listed(FakeApi.of(some(0, 7), page_size=1))).tasks)


async def test_a_list_that_repeats_itself_for_ever_is_a_protocol_error():
    pages = Pages([Page(tasks=some(0, 1000), count=None)] * 5)

    failure = await listed(pages)

    assert failure.kind is FailureKind.PROTOCOL
    assert len(pages.offsets) == 2


async def test_fault_55_a_list_longer_than_allowed_is_read_no_further():
    api = FakeApi.of([a_task(f"t{number}", resume_mode=None) for number in range(9)], page_size=3)

    found = await observe.inventory(a_site(api, Notebook()), needs_mode=lambda _: True, read_back=False, most=4)

    assert 4 < len(found.tasks) < 9
    assert found.stable is False
    assert api.calls == {"list": 2}, "nothing is looked up in a list that is refused"


async def test_a_list_as_long_as_allowed_is_whole():
    api = FakeApi.of([a_task(f"t{number}") for number in range(9)], page_size=3)

    found = await observe.inventory(a_site(api, Notebook()), needs_mode=lambda _: True, read_back=False, most=9)

    assert (len(found.tasks), found.stable) == (9, True)


async def test_a_missing_mode_is_looked_up_where_it_matters():
    api = FakeApi.of([a_task("t1", resume_mode=None), a_task("t2", resume_mode=None), a_task("t3")])

    inventory = await listed(api, needs_mode=lambda task: task.task_id == "t1")

    assert [ResumeMode.AUTO, None, ResumeMode.MANUAL] == [task.resume_mode for task in inventory.tasks]
    assert (1, 1) == (inventory.shows, api.calls["show"])


async def test_a_mode_that_cannot_be_looked_up_is_a_defect_of_that_task_alone():
    api = FakeApi.of(
        [a_task("t1", resume_mode=None), a_task("t2", resume_mode=None)],
        script={"show t1": [a_failure(FailureKind.REJECTED, "not allowed")]},
    )

    first, second = (await listed(api)).tasks

    assert "not allowed" in first.defect
    assert second.defect is None


async def test_a_refused_credential_during_look_ups_fails_the_list():
    api = FakeApi.of(
        [a_task(f"t{n}", resume_mode=None) for n in range(50)],
        script={"show t0": [a_failure(FailureKind.DENIED)]},
    )

    failure = await listed(api)

    assert failure.kind is FailureKind.DENIED
    assert api.calls["show"] <= 4


async def test_a_failing_list_is_tried_again_and_then_given_up():
    notes = Notebook()

    failure = await listed(FakeApi.of([], script={"list": [a_failure(FailureKind.TRANSIENT)] * 9}), notes)

    assert failure.kind is FailureKind.TRANSIENT
    assert len(notes.of(RequestRetried)) == 4
    assert not notes.of(InventoryListed)
