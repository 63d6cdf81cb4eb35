// How the ticker reaches the service, and what it says when it does not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import { Site } from './site.mjs';
import { launch, Visit } from './visit.mjs';

const TICKER = '<w4r-ticker edition="2021"></w4r-ticker>';
// What Chromium says of a service or a network that is not there.
const NOT_THERE = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|WebSocket/;

let service, site, browser, origins;
before(async () => {
  [service, site, browser] = await Promise.all([Service.start(), Site.start(), launch()]);
  origins = [new URL(service.url).origin, new URL(site.url).origin];
});
after(() => Promise.all([service?.stop(), site?.stop(), browser?.close()]));

const says = (page, words) => page.getByText(words).waitFor();
/** Reports letters and waits until the page shows the new total of the world. */
async function moves(page) {
  await service.submit(3);
  const { edition } = await service.ask('{ edition(year: 2021) { total { letters } } }');
  await page.locator('w4r-ticker').getByText(String(edition.total.letters), { exact: true }).first().waitFor();
}

test('a page of another origin shows the total live under a strict policy', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.goto(site.page(service, TICKER));
  await says(visit.page, 'Live.');
  await moves(visit.page);
  assert.equal(visit.sockets.length, 1);
  assert.equal(visit.streams.length, 0);
  await visit.end({ origins });
});

test('where the policy forbids sockets, the total comes as a stream of events', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.goto(site.page(service, TICKER, { sockets: false }));
  while (visit.streams.length === 0) await visit.page.waitForEvent('request');
  await says(visit.page, 'Live.');
  await moves(visit.page);
  await visit.end({ origins, errors: [/violates the following Content Security Policy directive: "connect-src/] });
});

test('where streams do not come through either, the ticker asks every few seconds and says so', async () => {
  const visit = await Visit.begin(browser);
  await visit.block('**/graphql/stream*');
  await visit.page.goto(site.page(service, TICKER, { sockets: false }));
  await says(visit.page, 'Updated every few seconds.');
  await moves(visit.page);
  assert.ok(visit.streams.length > 0, 'a stream was tried');
  await visit.end({ origins, errors: [/Content Security Policy/, /ERR_FAILED/] });
});

test('all tickers of a page share one socket, and one that is taken away leaves it to the others', async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  const attributes = ['', 'section="ca"', 'section="pl"', 'case="rung"', 'section="ca" case="rung"', 'lang="fr"'];
  await page.goto(site.page(service, attributes.map((some) => `<w4r-ticker edition="2021" ${some}></w4r-ticker>`).join('')));
  await visit.until((all) => {
    const states = [...document.querySelectorAll('w4r-ticker')].map(({ shadowRoot }) => shadowRoot.textContent);
    return states.filter((state) => /Live\.|En direct\./.test(state)).length === all;
  }, attributes.length);
  assert.equal(visit.sockets.length, 1);
  await page.evaluate(() => document.querySelector('w4r-ticker').remove());
  await page.evaluate(() => document.querySelector('w4r-ticker').setAttribute('section', 'nz'));
  await service.submit(11, { section: 'nz' });
  await page.locator('w4r-ticker[section=nz]').getByText('11', { exact: true }).waitFor();
  assert.equal(visit.sockets.length, 1);
  await visit.end({ origins });
});

test('where many tickers cannot have a socket, some have streams and the others ask', async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.goto(site.page(service, TICKER.repeat(5), { sockets: false }));
  await visit.until(() => {
    const states = [...document.querySelectorAll('w4r-ticker')].map(({ shadowRoot }) => shadowRoot.textContent);
    const live = states.filter((state) => state.includes('Live.')).length;
    return live === 3 && states.filter((state) => state.includes('Updated every few seconds.')).length === 2;
  });
  await visit.end({ origins, errors: [/Content Security Policy/] });
});

test('a service that is killed is missed, with the time of its last word, and found again', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.goto(site.page(service, TICKER));
  await says(visit.page, 'Live.');
  const letters = await visit.page.locator('w4r-ticker [part=number]').textContent();
  await service.kill();
  await says(visit.page, /^No connection\. As of \d\d:\d\d\./);
  assert.equal(await visit.page.locator('w4r-ticker [part=number]').textContent(), letters, 'the last total stays');
  await service.restart();
  await says(visit.page, 'Live.');
  await moves(visit.page);
  await visit.end({ origins, errors: [NOT_THERE] });
});

test('a service that is deployed anew is found again, by sockets and by streams of events', async () => {
  for (const sockets of [true, false]) {
    const visit = await Visit.begin(browser);
    await visit.page.goto(site.page(service, TICKER, { sockets }));
    await says(visit.page, 'Live.');
    await service.terminate();
    await says(visit.page, /^No connection\. As of \d\d:\d\d\./);
    await service.restart();
    await says(visit.page, 'Live.');
    await moves(visit.page);
    await visit.end({ origins, errors: [NOT_THERE, /Content Security Policy/] });
  }
});

test('a reader without a network is told so at once, and hears what came meanwhile', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.goto(site.page(service, TICKER));
  await says(visit.page, 'Live.');
  await visit.offline(true);
  await says(visit.page, /^No connection\. As of \d\d:\d\d\./);
  await service.submit(5);
  await visit.offline(false);
  await says(visit.page, 'Live.');
  await moves(visit.page);
  await visit.end({ origins, errors: [NOT_THERE] });
});
