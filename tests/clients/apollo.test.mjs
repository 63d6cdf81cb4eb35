// Apollo Client: queries, mutations, automatic persisted queries, and subscriptions by graphql-ws.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { Service } from '../w4r.mjs';

let service, sockets;
// What was sent over HTTP, in order.
const sent = [];
before(async () => {
  service = await Service.start({ letterGoal: 9_000 });
  sockets = createClient({ url: service.url.replace('http', 'ws') + 'graphql/ws', webSocketImpl: WebSocket });
});
after(async () => {
  await sockets?.dispose();
  await service?.stop();
});

function client() {
  const http = new HttpLink({
    uri: `${service.url}graphql`,
    fetch(uri, options) {
      sent.push({ method: options.method, uri: String(uri), body: options.body });
      return fetch(uri, options);
    },
  });
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    useGETForHashedQueries: true,
  });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(sockets),
    persisted.concat(http),
  );
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

const TOTAL = gql`
  query Total($year: Int!) {
    edition(year: $year) {
      id
      total {
        letters
        goal
      }
    }
  }
`;
const REPORT = gql`
  mutation Report($input: ReportSubmitInput!) {
    reportSubmit(input: $input) {
      report {
        id
        state
      }
      version
      userErrors {
        code
        path
      }
    }
  }
`;
const WATCH = gql`
  subscription Watch($after: Count) {
    total(edition: 2021, afterVersion: $after) {
      total {
        letters
        version
      }
      final
    }
  }
`;

test('a query that is persisted is sent once, and afterwards its hash is enough for anybody', async () => {
  const query = { query: TOTAL, variables: { year: 2021 } };
  const first = await client().query(query);
  assert.equal(first.data.edition.total.goal, 9_000);
  assert.deepEqual(sent.map(({ method }) => method), ['GET', 'POST']);
  sent.length = 0;
  const other = await client().query(query);
  assert.deepEqual(other.data, first.data);
  assert.deepEqual(sent.map(({ method }) => method), ['GET']);
  const asked = new URL(sent[0].uri).searchParams;
  assert.equal(asked.has('query'), false, 'only its hash was sent');
  assert.match(JSON.parse(asked.get('extensions')).persistedQuery.sha256Hash, /^[0-9a-f]{64}$/);
});

test('a mutation counts letters, and a rule that says no is data and no error', async () => {
  const input = await service.report(7, { slug: 'rung' });
  const done = await client().mutate({ mutation: REPORT, variables: { input } });
  assert.equal(done.data.reportSubmit.report.state, 'ACCEPTED');
  assert.deepEqual(done.data.reportSubmit.userErrors, []);
  const lines = [{ kind: 'APPEAL_LETTER', quantity: 0 }];
  const refused = await client().mutate({
    mutation: REPORT,
    variables: { input: { ...input, idempotencyKey: 'a-key-of-its-own-', lines } },
  });
  assert.deepEqual(refused.data.reportSubmit.userErrors, [
    { __typename: 'UserError', code: 'QUANTITY_OUT_OF_RANGE', path: ['lines', '0', 'quantity'] },
  ]);
  const total = await client().query({ query: TOTAL, variables: { year: 2021 } });
  assert.equal(total.data.edition.total.letters, 7);
});

test('trouble is an error of the client with its code', async () => {
  const query = gql`{ edition(year: 2021) { history(resolution: DAY, last: -1) { letters } } }`;
  await assert.rejects(client().query({ query }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error), String(error));
    assert.equal(error.errors[0].extensions.code, 'BAD_USER_INPUT');
    return true;
  });
});

test('a subscription hears of the present total, and of the next', { timeout: 60_000 }, async () => {
  const heard = [];
  let wake;
  const subscription = client()
    .subscribe({ query: WATCH, variables: { after: 0 } })
    .subscribe({ next: ({ data }) => wake(heard.push(data.total.total.letters)) });
  const next = () => new Promise((resolve) => (wake = resolve));
  await next();
  const version = await Promise.all([service.submit(5), next()]).then(([version]) => version);
  assert.deepEqual(heard, [7, 12]);
  assert.equal(version, 2);
  subscription.unsubscribe();
});
