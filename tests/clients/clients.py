"""gql, the Python client: python clients.py URL, of a service in which nothing was reported yet."""

import asyncio
import sys
import uuid

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

URL = sys.argv[1]
# Only a fault takes longer.
PATIENCE = 60

CAMPAIGN = gql('{ campaign(edition: 2021, section: "nz") { id phase } }')
REPORT = gql(
    """
    mutation Report($input: ReportSubmitInput!) {
      reportSubmit(input: $input) { version userErrors { code path } }
    }
    """
)
WATCH = gql("subscription { total(edition: 2021) { total { letters version } } }")
REFUSED = gql("{ edition(year: 2021) { history(resolution: DAY, last: -1) { letters } } }")


async def report(session, quantity):
    campaign = (await session.execute(CAMPAIGN))["campaign"]
    assert campaign["phase"] == "OPEN", campaign
    lines = [{"kind": "APPEAL_LETTER", "quantity": quantity}]
    report = {"campaign": campaign["id"], "idempotencyKey": str(uuid.uuid4()), "lines": lines}
    REPORT.variable_values = {"input": report}
    answer = (await session.execute(REPORT))["reportSubmit"]
    assert answer["userErrors"] == [], answer
    return answer["version"]


async def main():
    # The schema is fetched by introspection, and documents are judged by it before they are sent.
    http = Client(transport=AIOHTTPTransport(f"{URL}graphql"), fetch_schema_from_transport=True)
    async with http as session:
        assert await report(session, 3) == 1
        try:
            await session.execute(REFUSED)
            raise AssertionError("it was not refused")
        except TransportQueryError as error:
            assert error.errors[0]["extensions"]["code"] == "BAD_USER_INPUT", error.errors
    # Which protocol it speaks gql learns from a header of the answer, which it knows in one spelling only.
    sockets = Client(transport=WebsocketsTransport(f"{URL.replace('http', 'ws')}graphql/ws"))
    other = Client(transport=HTTPXAsyncTransport(f"{URL}graphql"))
    async with sockets as watching, other as session:
        totals = watching.subscribe(WATCH)
        assert (await anext(totals))["total"]["total"] == {"letters": 3, "version": 1}
        assert await report(session, 4) == 2
        assert (await anext(totals))["total"]["total"] == {"letters": 7, "version": 2}
        await totals.aclose()
        assert (await watching.execute(CAMPAIGN))["campaign"]["phase"] == "OPEN"


asyncio.run(asyncio.wait_for(main(), PATIENCE))
print("gql: queries, mutations and subscriptions")
