// urql: queries by POST and by GET, persisted ones, mutations, and subscriptions by graphql-sse.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient } from 'graphql-sse';

import { Service } from '../w4r.mjs';

let service, streams;
const sent = [];
before(async () => {
  service = await Service.start();
  streams = createClient({ url: `${service.url}graphql/stream` });
});
after(async () => {
  streams?.dispose();
  await service?.stop();
});

function client({ exchanges = [], ...options } = {}) {
  return new Client({
    url: `${service.url}graphql`,
    fetch(uri, options) {
      sent.push(options?.method ?? 'GET');
      return fetch(uri, options);
    },
    exchanges: [
      ...exchanges,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: streams.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
    preferGetMethod: false,
    ...options,
  });
}

const CASE = gql`
  query Case($slug: String!) {
    case(edition: 2021, slug: $slug) {
      name
      text(language: "en") {
        language
      }
    }
  }
`;

async function named(client) {
  sent.length = 0;
  const { data, error } = await client.query(CASE, { slug: 'janna-jihad' }).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.case.name, 'Janna Jihad');
  assert.equal(data.case.text.language, 'en');
  return sent.slice();
}

test('a query is answered by its hash, by POST and by GET', async () => {
  const persisted = () => client({ exchanges: [persistedExchange({ preferGetForPersistedQueries: true })] });
  assert.deepEqual(await named(persisted()), ['GET', 'GET'], 'its hash, which nobody has sent, and then all of it');
  assert.deepEqual(await named(persisted()), ['GET']);
  assert.deepEqual(await named(client()), ['POST']);
  assert.deepEqual(await named(client({ preferGetMethod: 'force' })), ['GET']);
});

test('a mutation goes by POST even where GET is preferred', async () => {
  sent.length = 0;
  const input = await service.report(4, { section: 'pl' });
  const mutation = gql`
    mutation Report($input: ReportSubmitInput!) {
      reportSubmit(input: $input) {
        version
        replayed
        userErrors {
          code
        }
      }
    }
  `;
  const whoever = client({ preferGetMethod: 'force' });
  const first = await whoever.mutation(mutation, { input }).toPromise();
  const again = await whoever.mutation(mutation, { input }).toPromise();
  assert.deepEqual([first.data.reportSubmit.version, first.data.reportSubmit.replayed], [1, false]);
  assert.deepEqual([again.data.reportSubmit.version, again.data.reportSubmit.replayed], [1, true]);
  assert.deepEqual(sent, ['POST', 'POST']);
});

test('what is not there is an error with its code', async () => {
  const { error } = await client().query(gql`{ editionOfOurs { year } }`, {}).toPromise();
  assert.equal(error.graphQLErrors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
});

test('a subscription by server-sent events hears of the present total, and of the next', { timeout: 60_000 }, async () => {
  const heard = [];
  let wake;
  const watch = gql`
    subscription Watch($section: String) {
      total(edition: 2021, section: $section) {
        total {
          letters
        }
      }
    }
  `;
  const next = () => new Promise((resolve) => (wake = resolve));
  const subscription = client()
    .subscription(watch, { section: 'pl' })
    .subscribe(({ data, error }) => wake(heard.push(error ?? data.total.total.letters)));
  await next();
  await Promise.all([service.submit(6, { section: 'pl' }), next()]);
  assert.deepEqual(heard, [4, 10]);
  subscription.unsubscribe();
});
