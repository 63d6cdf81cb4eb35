// What the page and an embedded ticker look like in each state.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import * as look from './looks.mjs';
import { Site } from './site.mjs';
import { launch, Visit } from './visit.mjs';

let service, site, browser, origins, pictures;
before(async () => {
  [service, site, browser] = await Promise.all([Service.start({ letterGoal: 5_000 }), Site.start(), launch()]);
  origins = [new URL(service.url).origin, new URL(site.url).origin];
  await service.submit(180, { section: 'ca', slug: 'rung' });
  await service.submit(95, { section: 'pl', slug: 'mikita-zalatarou' });
  await service.submit(412, { section: 'ca-fr', slug: 'janna-jihad' });
  await service.submit(7, { section: 'au' });
  await service.gathering('Letters at Elm School', { capacity: 40 });
  await service.gathering('Writing at home, together', { format: 'ONLINE', venueKind: 'ONLINE', place: null });
  await service.decide('caseSuspend', 'zhang-zhan');
  await service.decide('caseClose', 'sphere', { reason: 'GOOD_NEWS', explanation: 'A test.' });
  pictures = process.env.PICTURES ?? (await mkdtemp(join(tmpdir(), 'w4r-pictures-')));
  console.log(`The pictures are in ${pictures}.`);
});
after(() => Promise.all([service?.stop(), site?.stop(), browser?.close()]));

/** Looks at an address in every scheme and width, once it is as it should be. */
const everywhere = (name, url, ready, preferences = {}) => look.everywhere(browser, pictures, name, url, ready, { origins, ...preferences });

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
  for (const colorScheme of look.SCHEMES) {
    const visit = await Visit.begin(browser, { colorScheme, viewport: { width: 390, height: 900 } });
    await visit.page.addInitScript({ path: look.AXE });
    await visit.page.goto(service.url);
    await shown(visit.page);
    visits.push([colorScheme, visit]);
  }
  await service.kill();
  for (const [colorScheme, visit] of visits) {
    await visit.page.getByText(/^No connection\. As of/).waitFor();
    await look.look(visit, pictures, `gone-${colorScheme}-390`);
    await visit.end({ origins, errors: [/ERR_CONNECTION_REFUSED|WebSocket/] });
  }
});
