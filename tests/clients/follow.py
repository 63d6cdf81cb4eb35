"""gql, the Python client, follows a total through restarts: python follow.py URL, of a WebSocket."""

import asyncio
import sys

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from tenacity import retry, wait_exponential

WATCH = gql("subscription { total(edition: 2021) { total { letters } } }")


# As its documentation has it: a subscription that ends by an error is begun anew, after a while.
@retry(wait=wait_exponential(max=3))
async def follow():
    transport = WebsocketsTransport(sys.argv[1])
    async with Client(transport=transport) as session:
        async for result in session.subscribe(WATCH):
            print(result["total"]["total"]["letters"], flush=True)
    raise ConnectionError("the subscription is over")


asyncio.run(follow())
