// graphql-request, and the clients of the two streaming protocols by themselves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ClientError, gql, GraphQLClient } from 'graphql-request';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';

import { Service } from '../w4r.mjs';

let service;
before(async () => (service = await Service.start()));
after(() => service?.stop());

const CASES = gql`
  query Cases($first: Int!, $after: String) {
    cases(filter: { edition: 2021 }, orderBy: NAME, first: $first, after: $after) {
      nodes {
        slug
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
const WATCH = `subscription { total(edition: 2021) { total { letters version } } }`;
const SUSPEND = gql`
  mutation Suspend($input: CaseSuspendInput!) {
    caseSuspend(input: $input) {
      case {
        state
      }
      userErrors {
        code
      }
    }
  }
`;

test('graphql-request reads a list page by page', async () => {
  const client = new GraphQLClient(`${service.url}graphql`);
  const seen = [];
  for (let after = null, more = true; more; ) {
    const { cases } = await client.request(CASES, { first: 4, after });
    seen.push(...cases.nodes.map(({ slug }) => slug));
    ({ hasNextPage: more, endCursor: after } = cases.pageInfo);
  }
  assert.equal(new Set(seen).size, 10);
  assert.equal(seen.length, 10);
});

test('graphql-request changes something with a key, and is refused without one', async () => {
  const found = await service.ask('{ case(edition: 2021, slug: "sphere") { id expectedRevision: revision } }');
  const input = { ...found.case, reason: 'A test.' };
  const anyone = new GraphQLClient(`${service.url}graphql`);
  await assert.rejects(anyone.request(SUSPEND, { input }), (error) => {
    assert.ok(error instanceof ClientError);
    assert.equal(error.response.errors[0].extensions.code, 'UNAUTHENTICATED');
    return true;
  });
  const headers = { authorization: `Bearer ${service.key}` };
  const administrator = new GraphQLClient(`${service.url}graphql`, { headers });
  const { caseSuspend } = await administrator.request(SUSPEND, { input });
  assert.deepEqual(caseSuspend, { case: { state: 'SUSPENDED' }, userErrors: [] });
});

test('both streaming clients hear of the same totals, and nothing after they have left', { timeout: 60_000 }, async () => {
  const clients = {
    sockets: createWsClient({ url: service.url.replace('http', 'ws') + 'graphql/ws', webSocketImpl: WebSocket }),
    streams: createSseClient({ url: `${service.url}graphql/stream` }),
  };
  const watched = Object.values(clients).map((client) => client.iterate({ query: WATCH }));
  const heard = () => Promise.all(watched.map(async (one) => (await one.next()).value.data.total.total));
  const nothing = { letters: 0, version: 0 };
  assert.deepEqual(await heard(), [nothing, nothing]);
  await service.submit(3);
  const counted = { letters: 3, version: 1 };
  assert.deepEqual(await heard(), [counted, counted]);
  for (const one of watched) assert.equal((await one.return()).done, true);
  await clients.sockets.dispose();
  clients.streams.dispose();
});

test('graphql-ws carries a key in its first message', { timeout: 60_000 }, async () => {
  const client = createWsClient({
    url: service.url.replace('http', 'ws') + 'graphql/ws',
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${service.key}` },
  });
  const query = '{ case(edition: 2021, slug: "rung") { consent { by } } }';
  const answers = [];
  for await (const { data } of client.iterate({ query })) answers.push(data.case.consent);
  assert.deepEqual(answers, [{ by: 'assumed, as recorded by the edition\'s coordinators' }]);
  await client.dispose();
});
