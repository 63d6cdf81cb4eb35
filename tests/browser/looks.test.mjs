// What the page and an embedded ticker look like: nothing that axe-core finds wrong, nothing that
// sticks out, in light and in dark, on a telephone and on a desk, in each state. The pictures are for
// the eyes of whoever changes something.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import { Site } from './site.mjs';
import { launch, Visit } from './visit.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WIDTHS = [390, 1280];
const SCHEMES = ['light', 'dark'];
/** The narrowest width at which nothing may stick out, by WCAG 2.2, 1.4.10. */
const NARROWEST = 320;

let service, site, browser, origins, pictures;
before(async () => {
  [service, site, browser] = await Promise.all([Service.start({ letterGoal: 5_000 }), Site.start(), launch()]);
  origins = [new URL(service.url).origin, new URL(site.url).origin];
  await service.submit(180, { section: 'ca', slug: 'rung' });
  await service.submit(95, { section: 'pl', slug: 'mikita-zalatarou' });
  await service.submit(412, { section: 'ca-fr', slug: 'janna-jihad' });
  await service.submit(7, { section: 'au' });
  await service.decide('caseSuspend', 'zhang-zhan');
  await service.decide('caseClose', 'sphere', { reason: 'GOOD_NEWS', explanation: 'A test.' });
  pictures = process.env.PICTURES ?? (await mkdtemp(join(tmpdir(), 'w4r-pictures-')));
  console.log(`The pictures are in ${pictures}.`);
});
after(() => Promise.all([service?.stop(), site?.stop(), browser?.close()]));

/** Takes a picture, and finds nothing wrong with what is in it. */
async function look({ page }, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  // The browser is told to let the test's own script in, whatever the policy of the page.
  const { violations, incomplete } = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  const say = (results) => results.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`);
  assert.deepEqual(say(violations), [], name);
  assert.deepEqual(say(incomplete), [], `${name}: what axe-core could not judge`);
  const sticksOut = () => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(await sticksOut(), false, `${name} is wider than its window`);
}

/** Looks at an address in every scheme and width, once it is as it should be. */
async function everywhere(name, url, ready, { origins: allowed = origins, ...preferences } = {}) {
  for (const colorScheme of SCHEMES) {
    const visit = await Visit.begin(browser, { colorScheme, ...preferences });
    await visit.page.addInitScript({ path: AXE });
    await visit.page.goto(url);
    await ready(visit.page);
    for (const width of WIDTHS) {
      await visit.page.setViewportSize({ width, height: 900 });
      await look(visit, `${name}-${colorScheme}-${width}`);
    }
    await visit.page.setViewportSize({ width: NARROWEST, height: 900 });
    await look(visit, `${name}-${colorScheme}-${NARROWEST}`);
    await visit.end({ origins: allowed });
  }
}

const shown = async (page) => {
  await page.getByText(/^(Live|En direct)\./).first().waitFor();
  await page.getByText(/Good news|Bonne nouvelle/).waitFor();
};

test('the page can be read and used by everybody', () => everywhere('page', service.url, shown));

test('so it can in French', () => everywhere('page-fr', service.url, shown, { locale: 'fr-CA' }));

test('so can all of it when it is open', () =>
  everywhere('open', service.url, async (page) => {
    await shown(page);
    const mikita = page.getByRole('listitem').filter({ hasText: 'Mikita' });
    await mikita.getByText('How to write').click();
    await mikita.getByText('Internatsionalnaya').waitFor();
    await page.getByText('The numbers of the chart').click();
    await page.getByRole('button', { name: 'By the day' }).click();
    await page.getByRole('img', { name: /^Letters by the day/ }).waitFor();
  }));

test('so can the demonstration, which says what it is', async () => {
  const demo = await Service.demo();
  await everywhere('demo', demo.url, async (page) => {
    await page.getByText('Demonstration: every report is simulated.').waitFor();
    await page.getByRole('img', { name: /^Letters by the hour/ }).waitFor();
  }, { origins: [new URL(demo.url).origin] });
  await demo.stop();
});

test('so can a ticker on the page of a partner', () =>
  everywhere(
    'partner',
    site.page(service, '<w4r-ticker edition="2021"></w4r-ticker><w4r-ticker edition="2021" case="rung" lang="fr"></w4r-ticker>'),
    async (page) => {
      await page.getByText('Live.').waitFor();
      await page.getByText('En direct.').waitFor();
    },
  ));

test('so can a ticker and a page whose service is gone', async () => {
  const visits = [];
  for (const colorScheme of SCHEMES) {
    const visit = await Visit.begin(browser, { colorScheme, viewport: { width: 390, height: 900 } });
    await visit.page.addInitScript({ path: AXE });
    await visit.page.goto(service.url);
    await shown(visit.page);
    visits.push([colorScheme, visit]);
  }
  await service.kill();
  for (const [colorScheme, visit] of visits) {
    await visit.page.getByText(/^No connection\. As of/).waitFor();
    await look(visit, `gone-${colorScheme}-390`);
    await visit.end({ origins, errors: [/ERR_CONNECTION_REFUSED|WebSocket/] });
  }
});
