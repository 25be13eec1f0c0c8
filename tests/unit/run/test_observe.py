from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.event import InventoryListed, RequestRetried
from enforcer.model.task import ResumeMode
from enforcer.run import observe
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_task


async def listed(api, notes=None, needs_mode=lambda _: True):
    return await observe.inventory(a_site(api), (notes or Notebook()).conduct, needs_mode=needs_mode, read_back=False)


class Pages:
    """An API that answers with the given pages, in order, whatever is asked; then with an empty one."""

    def __init__(self, *pages: Page) -> None:
        self.pages = list(pages)
        self.offsets: list[int] = []

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        self.offsets.append(offset)
        page = self.pages.pop(0) if self.pages else Page(tasks=(), count=None)
        return Reply(value=page, http_status=200)


def some(start, stop):
    return tuple(a_task(f"t{number}") for number in range(start, stop))


async def test_all_pages_are_read():
    api = FakeApi.of(some(0, 2500))

    inventory = await listed(api)

    assert (2500, 3, True) == (len(inventory.tasks), inventory.pages, inventory.stable)


async def test_a_full_page_is_never_taken_for_the_end():
    api = FakeApi.of(some(0, 1000))

    await listed(api)

    assert api.calls["list"] == 2


async def test_a_server_that_caps_the_page_size_is_read_to_the_end():
    inventory = await listed(FakeApi.of(some(0, 95), page_size=10))

    assert len(inventory.tasks) == 95


async def test_a_task_on_two_pages_counts_once_and_makes_the_list_unstable():
    pages = Pages(
        Page(tasks=some(0, 1000), count=1001),
        Page(tasks=some(999, 1001), count=1001),
    )

    inventory = await listed(pages)

    assert (1001, False) == (len(inventory.tasks), inventory.stable)


async def test_rows_that_contradict_each_other_are_no_ground_for_a_request():
    pages = Pages(Page(tasks=(a_task("t1"), a_task("t1", resume_mode=ResumeMode.AUTO)), count=2))

    (task,) = (await listed(pages)).tasks

    assert "twice" in task.defect


async def test_a_count_that_disagrees_makes_the_list_unstable():
    assert not (await listed(Pages(Page(tasks=some(0, 3), count=5), Page(tasks=(), count=5)))).stable


async def test_a_count_of_the_page_alone_is_no_disagreement():
    pages = Pages(Page(tasks=some(0, 1000), count=1000), Page(tasks=some(1000, 1003), count=3))

    assert (await listed(pages)).stable


async def test_a_list_that_repeats_itself_for_ever_is_a_protocol_error():
    pages = Pages(*[Page(tasks=some(0, 1000), count=None)] * 5)

    failure = await listed(pages)

    assert failure.kind is FailureKind.PROTOCOL
    assert len(pages.offsets) == 2


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
