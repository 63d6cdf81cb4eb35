// The page of the service: what it shows, to whom, and how it moves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import { launch, Visit, withoutZone } from './visit.mjs';

let service, browser, origins;
before(async () => {
  [service, browser] = await Promise.all([Service.start({ letterGoal: 1_000_000 }), launch()]);
  origins = [new URL(service.url).origin];
});
after(() => Promise.all([service?.stop(), browser?.close()]));

/** The page, once it is live. */
async function open(preferences) {
  const visit = await Visit.begin(browser, preferences);
  await visit.page.goto(service.url);
  await visit.page.getByText(/^(Live|En direct)\./).waitFor();
  return visit;
}

const row = (page, name) => page.getByRole('listitem').filter({ hasText: name });

test('a report moves the total, the goal, its case and its section without a request of the reader', async () => {
  const visit = await open();
  const { page } = visit;
  await service.submit(1_234, { section: 'pl', slug: 'rung' });
  await page.locator('[part=number]').filter({ hasText: /^1,234$/ }).waitFor();
  await row(page, 'Sithijirawattanakul').getByText('1,234 letters').waitFor();
  await row(page, 'Amnesty International Poland').getByText('1,234 letters').waitFor();
  const progress = page.getByRole('progressbar', { name: 'Letters written, of the goal' });
  assert.equal(await progress.evaluate((bar) => bar.value / bar.max), 1_234 / 1_000_000);
  await page.getByText('The goal is 1,000,000.').waitFor();
  await page.getByText('Provisional: reports are still coming in.').waitFor();
  await visit.end({ origins });
});

test('a reader of French reads French, with the numbers of French', async () => {
  const visit = await open({ locale: 'fr-FR' });
  const { page } = visit;
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr');
  await page.getByRole('heading', { name: 'Cas', exact: true }).waitFor();
  await page.getByText(/^L’objectif est de 1.000.000\.$/).waitFor();
  await page.getByText(/^1.234 lettres$/).first().waitFor();
  await row(page, 'Sithijirawattanakul').getByText('Thaïlande').waitFor();
  await visit.end({ origins });
});

test('everything can be reached and done by keyboard, and is seen where it is', async () => {
  const visit = await open();
  const { page } = visit;
  // The chart comes after the total.
  await page.getByRole('button', { name: '48 hours' }).waitFor();
  const names = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      let element = document.activeElement;
      while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const style = getComputedStyle(element);
      const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      return { name: element.ariaLabel ?? element.textContent.trim(), outlined, body: element === document.body };
    });
    if (focus.body || names.includes(focus.name)) break;
    assert.ok(focus.outlined, `${focus.name} has no outline`);
    names.push(focus.name);
  }
  assert.deepEqual(names.slice(0, 3), ['Pause', '48 hours', 'By the day']);
  assert.ok(names.includes('How to write for Zhang Zhan'), names.join());
  assert.ok(names.includes('GraphQL IDE with examples') && names.includes('The total as plain JSON'), names.join());

  await page.getByRole('button', { name: 'Pause' }).press('Space');
  await page.getByText(/^Paused\. As of \d\d:\d\d\./).waitFor();
  const paused = await page.locator('[part=number]').textContent();
  const version = await service.submit(2);
  // A page of its own hears of it, so this one has, too.
  const other = await open();
  await other.page.waitForFunction(
    (before) => document.querySelector('w4r-ticker').shadowRoot.querySelector('[part=number]').textContent !== before,
    paused,
  );
  assert.ok(version > 0);
  assert.equal(await page.locator('[part=number]').textContent(), paused, 'nothing moves while it is stopped');
  await page.getByRole('button', { name: 'Resume' }).press('Enter');
  await page.getByText('Live.').waitFor();
  assert.notEqual(await page.locator('[part=number]').textContent(), paused);
  await other.end({ origins });
  await visit.end({ origins });
});

test('nothing moves by itself for a reader who wants less motion', async () => {
  const running = ({ page }) =>
    page.evaluate(() => {
      const roots = [document, ...[...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean)];
      return roots.flatMap((root) => root.getAnimations()).length;
    });
  const calm = await open({ reducedMotion: 'reduce' });
  assert.equal(await running(calm), 0);
  await calm.end({ origins });
  const lively = await open({ reducedMotion: 'no-preference' });
  assert.ok((await running(lively)) > 0, 'others see a sign of life');
  await lively.end({ origins });
});

test('a case that is suspended says so at once, and how to write for it is gone', async () => {
  const visit = await open();
  const { page } = visit;
  const mikita = row(page, 'Mikita Zalatarou');
  await mikita.getByText('How to write').click();
  await mikita.getByText('Internatsionalnaya Str. 22').waitFor();
  await mikita.getByText('do not mention Amnesty International').waitFor();
  const asked = visit.questions.length;
  await service.decide('caseSuspend', 'mikita-zalatarou');
  await mikita.getByText('Suspended for safety: please do not write at the moment.').waitFor();
  assert.equal(visit.questions.length, asked, 'it was told and did not have to ask');
  assert.equal(await page.getByText('Internatsionalnaya').count(), 0, 'the address is nowhere on the page');
  assert.equal(await mikita.getByText('How to write').count(), 0);
  await service.decide('caseResume', 'mikita-zalatarou');
  await mikita.getByText('How to write').waitFor();
  await mikita.getByText('Suspended for safety').waitFor({ state: 'hidden' });
  await service.decide('caseClose', 'mikita-zalatarou', { reason: 'GOOD_NEWS', explanation: 'A test.' });
  await mikita.getByText('Good news').waitFor();
  assert.equal(await mikita.getByText('How to write').count(), 0);
  await visit.end({ origins });
});

test('an address stands on the page only while the page is connected', async () => {
  const visit = await open();
  const { page } = visit;
  const zhang = row(page, 'Zhang Zhan');
  await zhang.getByText('How to write').click();
  await zhang.getByText('Beijing Shi 100017').waitFor();
  await visit.offline(true);
  await zhang.getByText('How to write is shown while this page is connected').waitFor();
  assert.equal(await page.getByText('Beijing Shi').count(), 0);
  await visit.offline(false);
  await zhang.getByText('Beijing Shi 100017').waitFor();
  await visit.end({ origins, errors: [/ERR_INTERNET_DISCONNECTED/] });
});

test('where no socket comes through, the page is told of cases and totals by streams of events', async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.addInitScript(() => {
    globalThis.WebSocket = class extends EventTarget {
      readyState = 0;
      constructor() {
        super();
        queueMicrotask(() => this.onerror());
      }
      close() {}
    };
  });
  await page.goto(service.url);
  while (visit.streams.length < 2) await page.waitForEvent('request');
  await page.getByText(/^Live\./).waitFor();
  const janna = row(page, 'Janna Jihad');
  const before = await janna.getByText(/letters?$/).textContent();
  await service.submit(1_000, { slug: 'janna-jihad' });
  await janna.getByText(`${(parseInt(before) + 1_000).toLocaleString('en-GB')} letters`).waitFor();
  await service.decide('caseSuspend', 'janna-jihad');
  await janna.getByText('Suspended for safety').waitFor();
  await visit.end({ origins });
});

test('the chart shows the letters of each hour, moves with them, and has its numbers in a table', async () => {
  const visit = await open();
  const { page } = visit;
  const chart = page.getByRole('img', { name: /^Letters by the hour, from/ });
  await chart.waitFor();
  const { edition } = await service.ask(
    '{ edition(year: 2021) { total { letters } history(resolution: HOUR) { letters } } }',
  );
  assert.ok(edition.history.length > 0);
  await page.getByText('The numbers of the chart').click();
  const newest = page.getByRole('row').nth(1).getByRole('cell');
  await newest.last().getByText(edition.total.letters.toLocaleString('en-GB'), { exact: true }).waitFor();
  await service.submit(10_000, { section: 'au' });
  const now = (edition.total.letters + 10_000).toLocaleString('en-GB');
  await newest.last().getByText(now, { exact: true }).waitFor();
  await page.getByRole('img', { name: /The most in one hour: 1\d,\d{3} letters/ }).waitFor();

  await page.getByRole('button', { name: 'By the day' }).click();
  await page.getByRole('img', { name: /^Letters by the day, from .* 20\d\d\./ }).waitFor();
  await page.getByRole('columnheader', { name: 'Day, in UTC' }).waitFor();
  await newest.last().getByText(now, { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'By the day' }).getAttribute('aria-pressed'), 'true');
  await visit.end({ origins });
});

test('the next public events are shown with a file for calendars, and none that is not public', async () => {
  await service.gathering('Letters at Elm School', { capacity: 40 });
  await service.gathering('By invitation', { visibility: 'PRIVATE' });
  await service.gathering('By its link', { visibility: 'UNLISTED' });
  const over = { localStart: '2022-11-14T18:00', localEnd: '2022-11-14T21:00' };
  await service.gathering('Long ago', { sessions: [over] });
  const visit = await open();
  const { page } = visit;
  const event = row(page, 'Letters at Elm School');
  await event.getByText('Elm School, 12 Elm Street, Toronto, Canada · 40 free places').waitFor();
  await event.getByText(/14 November 2098.*18:00.*21:00 \(America\/Toronto\)/).waitFor();
  const file = event.getByRole('link', { name: 'Add to a calendar: Letters at Elm School' });
  const calendar = await (await fetch(await file.evaluate((link) => link.href))).text();
  assert.match(calendar, /SUMMARY:Letters at Elm School/);
  assert.equal(await page.getByText(/By invitation|By its link|Long ago/).count(), 0);
  await visit.end({ origins });
});

test('a place is shown with its region, by which two towns of one name are told apart', async () => {
  const place = (region) => ({ country: 'CA', region, locality: 'Windsor' });
  await service.gathering('Letters in Nova Scotia', { place: place('CA-NS') });
  await service.gathering('Letters in Ontario', { place: place('CA-ON') });
  const visit = await open();
  await row(visit.page, 'Letters in Nova Scotia').getByText(/^Windsor, Nova Scotia, Canada/).waitFor();
  await row(visit.page, 'Letters in Ontario').getByText(/^Windsor, Ontario, Canada/).waitFor();
  await visit.end({ origins });
});

test('an event in a zone that the browser does not know is shown with its local time, and so are all others', async () => {
  const sessions = [{ localStart: '2098-12-01T19:00', localEnd: '2098-12-01T21:00' }];
  const place = { country: 'CL', region: 'CL-AI', locality: 'Coyhaique' };
  await service.gathering('Cartas en Coyhaique', { timeZone: 'America/Coyhaique', sessions, place });
  await service.gathering('Letters in Vancouver', { timeZone: 'America/Vancouver', sessions });
  const visit = await Visit.begin(browser, { locale: 'en-US' });
  const { page } = visit;
  await withoutZone(page, 'America/Coyhaique');
  await page.goto(service.url);
  for (const [title, zone] of [['Cartas en Coyhaique', 'America/Coyhaique'], ['Letters in Vancouver', 'America/Vancouver']]) {
    const event = row(page, title);
    await event.getByText(/^Monday, December 1, 2098.*7:00.*9:00.PM \(.*\)$/).waitFor();
    await event.getByText(`(${zone})`).waitFor();
  }
  await visit.end({ origins });
});
