// Runs the reference implementations of the protocols against a service:
//
//   node audit.mjs http://127.0.0.1:8080/graphql ['subscription { … }']
//
// - every audit of graphql-http (GraphQL over HTTP), whether it says MUST, SHOULD or MAY,
// - the close codes and message rules of graphql-ws (graphql-transport-ws), and its own client,
// - graphql-sse's client (distinct connections mode).
//
// The subscription is one that gives a result at once. Exits with 1 if anything fails.

import { serverAudits } from 'graphql-http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';

const url = process.argv[2];
const subscription = process.argv[3];
if (!url) {
  console.error("usage: node audit.mjs URL ['subscription { … }']");
  process.exit(2);
}
const socketUrl = url.replace(/^http/, 'ws') + '/ws';
const streamUrl = url + '/stream';
// Only a fault takes longer; the longest wait is the one for the initialisation timeout.
const PATIENCE = 30_000;

let passed = 0;
const failures = [];

async function check(name, run) {
  let timer;
  const patience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing happened')), PATIENCE);
  });
  try {
    await Promise.race([run(), patience]);
    passed += 1;
  } catch (error) {
    failures.push(`${name}: ${error.message ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}

function equal(found, wanted, what = 'value') {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what} is ${a} and not ${b}`);
}

// GraphQL over HTTP

const audits = serverAudits({ url });
for (const audit of audits) {
  await check(`HTTP ${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    if (result.status !== 'ok') throw new Error(result.reason);
  });
}
console.log(`graphql-http: ${passed} of ${audits.length} audits passed`);

// graphql-transport-ws

/** A socket whose messages can be awaited one after the other. */
function open(protocol = 'graphql-transport-ws') {
  const socket = new WebSocket(socketUrl, protocol);
  const messages = [];
  const waiting = [];
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    const next = waiting.shift();
    if (next) next(message);
    else messages.push(message);
  });
  const closed = new Promise((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  const opened = new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  // Whoever waits for the end only is told by that.
  opened.catch(() => {});
  return {
    socket,
    opened,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () =>
      messages.length ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve)),
    async ready() {
      await opened;
      this.send({ type: 'connection_init' });
      equal((await this.next()).type, 'connection_ack', 'the answer to connection_init');
      return this;
    },
    /** Everything that was said before the answer to a ping. */
    async untilPong() {
      const mark = { mark: Math.random() };
      this.send({ type: 'ping', payload: mark });
      const before = [];
      for (;;) {
        const message = await this.next();
        if (message.type === 'pong' && message.payload?.mark === mark.mark) return before;
        before.push(message);
      }
    },
  };
}

async function closesWith(code, messages, { ready = false, protocol } = {}) {
  const client = open(protocol);
  await (ready ? client.ready() : client.opened);
  for (const message of messages) client.send(message);
  equal((await client.closed).code, code, 'the close code');
}

const subscribe = (id, query, more = {}) => ({ id, type: 'subscribe', payload: { query, ...more } });
const before = passed;
const initTimeout = check('4408 without connection_init', () => closesWith(4408, []));

for (const [name, message] of Object.entries({
  'no JSON': '{',
  'no object': '"ping"',
  'a list': '[]',
  'no type': '{}',
  'an unknown type': { type: 'start' },
  'a type of servers': { type: 'connection_ack' },
  'next from a client': { id: '1', type: 'next', payload: {} },
  'a ping with a text': { type: 'ping', payload: 'text' },
  'an init with a list': { type: 'connection_init', payload: [] },
  'subscribe without an id': { type: 'subscribe', payload: { query: '{ __typename }' } },
  'subscribe with an empty id': subscribe('', '{ __typename }'),
  'subscribe with a number as id': subscribe(1, '{ __typename }'),
  'subscribe without a payload': { id: '1', type: 'subscribe' },
  'subscribe without a query': { id: '1', type: 'subscribe', payload: {} },
  'subscribe with a list as query': subscribe('1', ['{ __typename }']),
  'subscribe with a text as variables': subscribe('1', '{ __typename }', { variables: 'text' }),
  'subscribe with a number as operationName': subscribe('1', '{ __typename }', { operationName: 1 }),
  'subscribe with a list as extensions': subscribe('1', '{ __typename }', { extensions: [] }),
  'complete without an id': { type: 'complete' },
})) {
  await check(`4400 for ${name}`, () => closesWith(4400, [message]));
}
await check('4400 for a binary message', async () => {
  const client = await open().ready();
  client.socket.send(Buffer.from([0, 1, 2, 255]), { binary: true });
  equal((await client.closed).code, 4400, 'the close code');
});
await check('4401 for subscribe before connection_ack', () => closesWith(4401, [subscribe('1', '{ __typename }')]));
await check('4429 for a second connection_init', () =>
  closesWith(4429, [{ type: 'connection_init' }], { ready: true }));
await check('4406 for no subprotocol', () => closesWith(4406, [], { protocol: [] }));

await check('a ping is answered with its payload, before and after connection_ack', async () => {
  const client = open();
  await client.opened;
  client.send({ type: 'ping', payload: { a: 1 } });
  equal(await client.next(), { type: 'pong', payload: { a: 1 } });
  await client.ready();
  client.send({ type: 'ping' });
  equal(await client.next(), { type: 'pong' });
  client.send({ type: 'pong', payload: { unasked: true } });
  equal(await client.untilPong(), []);
  client.socket.close();
});
await check('a query has one next and then complete', async () => {
  const client = await open().ready();
  client.send(subscribe('q', 'query Named($a: String! = "Query") { __type(name: $a) { kind } }', { operationName: 'Named' }));
  const next = await client.next();
  equal([next.id, next.type, next.payload.errors], ['q', 'next', undefined]);
  equal(await client.next(), { type: 'complete', id: 'q' });
  client.socket.close();
});
for (const [name, query] of Object.entries({
  'that does not parse': '{',
  'that does not validate': '{ __typename @nope }',
  'with an unknown field': '{ aFieldThatIsNotThere }',
})) {
  await check(`a document ${name} has one error and nothing else`, async () => {
    const client = await open().ready();
    client.send(subscribe('e', query));
    const error = await client.next();
    equal([error.id, error.type, Array.isArray(error.payload)], ['e', 'error', true]);
    equal(typeof error.payload[0].extensions.code, 'string', 'the type of the code');
    equal(await client.untilPong(), []);
    client.send(subscribe('e', '{ __typename }'));
    equal((await client.next()).type, 'next', 'the first message after the id was used again');
    client.socket.close();
  });
}
await check('an unknown id in complete is ignored', async () => {
  const client = await open().ready();
  client.send({ id: 'unknown', type: 'complete' });
  equal(await client.untilPong(), []);
  client.socket.close();
});
if (subscription) {
  await check('4409 for an id that is in use', async () => {
    const client = await open().ready();
    client.send(subscribe('s', subscription));
    equal((await client.next()).type, 'next');
    client.send(subscribe('s', subscription));
    equal(await client.closed, { code: 4409, reason: 'Subscriber for s already exists' });
  });
  await check('complete from the client ends the operation, without an echo, and frees the id', async () => {
    const client = await open().ready();
    client.send(subscribe('s', subscription));
    equal((await client.next()).type, 'next');
    client.send({ id: 's', type: 'complete' });
    equal((await client.untilPong()).filter((message) => message.type !== 'next'), []);
    equal(await client.untilPong(), []);
    client.send(subscribe('s', subscription));
    equal((await client.next()).type, 'next');
    client.socket.close();
  });
  await check("graphql-ws's client subscribes", async () => {
    const client = createWsClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const results = client.iterate({ query: subscription });
    const { value } = await results.next();
    equal(value.errors, undefined, 'the errors');
    await results.return();
    await client.dispose();
  });
}
await check("graphql-ws's client queries", async () => {
  const client = createWsClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const results = [];
  for await (const result of client.iterate({ query: '{ __typename }' })) results.push(result);
  equal(results.length, 1, 'the number of results');
  equal(typeof results[0].data.__typename, 'string');
  await client.dispose();
});
await check("graphql-ws's client is told what is not valid", async () => {
  const client = createWsClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  let said;
  try {
    for await (const _ of client.iterate({ query: '{ aFieldThatIsNotThere }' }));
  } catch (errors) {
    said = errors;
  }
  equal(said?.[0]?.extensions?.code, 'GRAPHQL_VALIDATION_FAILED', 'the code');
  await client.dispose();
});
await initTimeout;
console.log(`graphql-ws: ${passed - before} checks passed`);

// GraphQL over server-sent events

const beforeStream = passed;
const events = async (response) => (await response.text()).split('\n\n').filter((event) => event && !event.startsWith(':'));
const accept = 'text/event-stream';

await check('a query by GET is one next and complete with empty data', async () => {
  const response = await fetch(`${streamUrl}?query=${encodeURIComponent('{ __typename }')}`, { headers: { accept } });
  equal([response.status, response.headers.get('content-type').split(';')[0]], [200, 'text/event-stream']);
  const [next, complete, ...rest] = await events(response);
  equal(next.split('\n')[0], 'event: next');
  equal(complete, 'event: complete\ndata: ');
  equal(rest, []);
});
await check('what is not valid is one next with errors and complete', async () => {
  const response = await fetch(streamUrl, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ aFieldThatIsNotThere }' }),
  });
  equal(response.status, 200, 'the status');
  const [next, complete] = await events(response);
  equal(JSON.parse(next.split('data: ')[1]).errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  equal(complete, 'event: complete\ndata: ');
});
await check('a request that cannot be read is a 400 in JSON', async () => {
  const response = await fetch(streamUrl, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: '{',
  });
  equal([response.status, (await response.json()).errors.length], [400, 1]);
});
await check('a mutation by GET is a 405', async () => {
  const query = encodeURIComponent('mutation { __typename }');
  equal((await fetch(`${streamUrl}?query=${query}`, { headers: { accept } })).status, 405, 'the status');
});
await check('a form is a 415', async () => {
  const response = await fetch(streamUrl, {
    method: 'POST',
    headers: { accept, 'content-type': 'text/plain' },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  equal(response.status, 415, 'the status');
});
await check("graphql-sse's client queries", async () => {
  const client = createSseClient({ url: streamUrl, retryAttempts: 0 });
  const results = [];
  for await (const result of client.iterate({ query: '{ __typename }' })) results.push(result);
  equal(results.length, 1, 'the number of results');
  client.dispose();
});
if (subscription) {
  await check("graphql-sse's client subscribes", async () => {
    const client = createSseClient({ url: streamUrl, retryAttempts: 0 });
    const results = client.iterate({ query: subscription });
    const { value } = await results.next();
    equal(value.errors, undefined, 'the errors');
    await results.return();
    client.dispose();
  });
}
console.log(`graphql-sse: ${passed - beforeStream} checks passed`);

if (!subscription) console.log('no subscription was given: what needs one was not checked');
for (const failure of failures) console.error(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
