"""The client for tests of the wire: made-up credentials, time-outs that fit a test, and one call against a server."""

from contextlib import asynccontextmanager

from msgspec.structs import replace

from enforcer.dcs.access.identity import AccessKey, Secret, Token
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.client import connect
from enforcer.dcs.network.transport import Timeouts
from enforcer.model.answer import Failure
from enforcer.model.task import ResumeMode
from tests.wire_server import serving

ID = "2944a563-6f27-4604-9c16-a9a53cd95cc7"
PROJECT = "0123456789abcdef0123456789abcdef"
NOW = 1767323045.9
KEY = AccessKey(
    source="env",
    origin="A, S",
    access="CANARYAK0001",
    secret=Secret("CANARY-SK"),
    security_token=Secret("CANARY-ST"),
)
TOKEN = Token(source="env", origin="T", token=Secret("CANARY-TOKEN"))
BRISK = Timeouts(connect=0.3, sock_connect=0.3, answer=0.3, long_answer=0.5, silence=0.3)
QUICK = replace(BRISK, connect=20, sock_connect=20)
"""Likewise, once there is a connection: to connect within one thread takes as long as the machine keeps it waiting."""
LONG_S = 12
"""More than what BRISK bounds takes on a busy machine, less than the usual time-outs and all that hangs here."""
PATIENT = Timeouts(connect=5, sock_connect=5, answer=5, long_answer=5, silence=5)
ROW = {"task_id": ID, "task_name": "a", "resume_mode": "auto"}
PAGE = {"count": 1, "migration_tasks": [ROW]}


@asynccontextmanager
async def client_of(url, *, credentials=KEY, timeouts=PATIENT, **more):
    settings = {"iam_endpoint": None, "region": None, "project_id": PROJECT, "ca_file": None, "proxy": None}
    async with connect(
        target_name="prod",
        endpoint=url,
        identity=Identity(credentials, clock=lambda: NOW),
        timeouts=timeouts,
        **(settings | more),
    ) as client:
        yield client


async def put_to(respond, **more):
    """Return what came of one PUT to a server that answers with *respond*, and the server."""
    async with serving(respond) as server, client_of(server.url, **more) as client:
        return await client.set_mode(ID, ResumeMode.AUTO), server


async def list_from(respond, **more):
    async with serving(respond) as server, client_of(server.url, **more) as client:
        return await client.list_page(offset=0, limit=500), server


def kind_of(result):
    assert isinstance(result, Failure), result
    return result.kind
