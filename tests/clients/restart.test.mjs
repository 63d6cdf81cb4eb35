// Every client that follows a total, through a restart of the service as at each deployment: SIGTERM, a start on
// the same port, a new report. Each has to come back by itself and have the new total.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { createInterface } from 'node:readline';

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, subscriptionExchange } from '@urql/core';
import { EventSource } from 'eventsource';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';

import { Service } from '../w4r.mjs';

const WATCH = 'subscription Watch { total(edition: 2021) { total { letters } } }';
/** Only a fault takes longer: the clients wait some seconds before each of their attempts. */
const PATIENCE = 120_000;

let service;
before(async () => (service = await Service.start()));
after(() => service?.stop());

const socketUrl = () => `${service.url.replace('http', 'ws')}graphql/ws`;
const streamUrl = () => `${service.url}graphql/stream`;
const lettersOf = ({ data }) => data?.total?.total?.letters;

/** By the name of a client: follows the total until it is ended; tells each number. Gives what ends it. */
const CLIENTS = {
  'graphql-ws': (tell) => {
    const client = createWsClient({ url: socketUrl(), webSocketImpl: WebSocket });
    client.subscribe({ query: WATCH }, { next: (result) => tell(lettersOf(result)), error: tell, complete: () => tell('complete') });
    return () => client.dispose();
  },
  'graphql-sse': (tell) => {
    const client = createSseClient({ url: streamUrl() });
    client.subscribe({ query: WATCH }, { next: (result) => tell(lettersOf(result)), error: tell, complete: () => tell('complete') });
    return () => client.dispose();
  },
  'Apollo Client by graphql-ws': (tell) => {
    const sockets = createWsClient({ url: socketUrl(), webSocketImpl: WebSocket });
    const client = new ApolloClient({ link: new GraphQLWsLink(sockets), cache: new InMemoryCache() });
    follow(client, tell);
    return () => sockets.dispose();
  },
  'Apollo Client by multipart/mixed and RetryLink': (tell) => {
    const retry = new RetryLink({ delay: { initial: 300, max: 3_000 }, attempts: { max: 50 } });
    const link = ApolloLink.from([retry, new HttpLink({ uri: `${service.url}graphql` })]);
    const subscription = follow(new ApolloClient({ link, cache: new InMemoryCache() }), tell);
    return () => subscription.unsubscribe();
  },
  'urql by graphql-sse': (tell) => {
    const streams = createSseClient({ url: streamUrl() });
    const forwardSubscription = ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: streams.subscribe({ query, variables }, sink) }),
    });
    const client = new Client({
      url: `${service.url}graphql`,
      exchanges: [subscriptionExchange({ forwardSubscription })],
      preferGetMethod: false,
    });
    client.subscription(WATCH, {}).subscribe((result) => tell(result.error ?? lettersOf(result)));
    return () => streams.dispose();
  },
  // As browsers have it.
  EventSource: (tell) => {
    const url = new URL(streamUrl());
    url.searchParams.set('query', WATCH);
    const events = new EventSource(url);
    events.addEventListener('next', ({ data }) => tell(lettersOf(JSON.parse(data))));
    events.addEventListener('complete', () => tell('complete'));
    return () => events.close();
  },
  'gql by websockets': (tell) => {
    const script = new URL('follow.py', import.meta.url).pathname;
    const python = spawn(process.env.PYTHON ?? 'python3', [script, socketUrl()], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: python.stdout }).on('line', (line) => tell(Number(line)));
    return () => python.kill();
  },
};

function follow(client, tell) {
  const observer = { next: (result) => tell(result.error ?? lettersOf(result)), error: tell, complete: () => tell('complete') };
  return client.subscribe({ query: gql(WATCH) }).subscribe(observer);
}

test('every client has the new total after a restart', { timeout: PATIENCE }, async () => {
  const heard = new Map();
  let wake = () => {};
  const ends = Object.entries(CLIENTS).map(([name, start]) => {
    heard.set(name, []);
    return start((what) => {
      heard.get(name).push(what);
      wake();
    });
  });
  const says = () => JSON.stringify([...heard], (_, value) => (value instanceof Error ? String(value) : value));
  /** Until each has heard this number. */
  const until = async (letters) => {
    while (![...heard.values()].every((told) => told.includes(letters))) {
      const over = [...heard].filter(([, told]) => told.at(-1) === 'complete').map(([name]) => name);
      assert.deepEqual(over, [], `told that the operation is over, so they stay away: ${says()}`);
      await new Promise((resolve) => (wake = resolve));
    }
  };
  const waiting = setInterval(() => console.log(says()), PATIENCE / 4);
  await until(0);
  await service.submit(3);
  await until(3);
  await service.terminate();
  await service.restart();
  await service.submit(4);
  await until(7);
  clearInterval(waiting);
  await Promise.all(ends.map((end) => end()));
});
