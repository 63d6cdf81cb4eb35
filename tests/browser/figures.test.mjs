// What the number counts: letters, other actions, or figures that were announced.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Service } from '../w4r.mjs';
import { launch, Visit } from './visit.mjs';

const number = (page, text) => page.locator('[part=number]').filter({ hasText: text });

test('an edition of signatures shows its actions, and its letters when they are at least half of them', async () => {
  const [service, browser] = await Promise.all([Service.start(), launch()]);
  const origins = [new URL(service.url).origin];
  const visit = await Visit.begin(browser, { locale: 'en-US' });
  const { page } = visit;
  await page.goto(service.url);
  await number(page, /^0$/).waitFor();
  await page.getByText('letters written', { exact: true }).waitFor();
  await service.submit(25_640, { section: 'au', kind: 'PETITION_SIGNATURE' });
  await number(page, /^25,640$/).waitFor();
  await page.getByText('actions taken', { exact: true }).waitFor();
  await page.locator('w4r-ticker').evaluate((ticker) => ticker.setAttribute('count', 'letters'));
  await number(page, /^0$/).waitFor();
  await page.locator('w4r-ticker').evaluate((ticker) => ticker.setAttribute('count', 'actions'));
  await service.submit(2, { section: 'au' });
  await number(page, /^25,642$/).waitFor();
  await page.locator('w4r-ticker').evaluate((ticker) => ticker.removeAttribute('count'));
  await service.submit(25_637, { section: 'au' });
  await number(page, /^51,279$/).waitFor();
  await page.getByText('actions taken', { exact: true }).waitFor();
  await service.submit(1, { section: 'au' });
  await number(page, /^25,640$/).waitFor();
  await page.getByText('letters written', { exact: true }).waitFor();
  await visit.end({ origins });
  await Promise.all([service.stop(), browser.close()]);
});

test('what a section states for itself stands beside what was reported here', async () => {
  const [service, browser] = await Promise.all([Service.start(), launch()]);
  const origins = [new URL(service.url).origin];
  const { campaign } = await service.ask('{ campaign(edition: 2021, section: "ca") { id } }');
  await service.submit(1_147);
  const stated = await service.ask(
    'mutation($input: StatementCreateInput!) { statementCreate(input: $input) { userErrors { code } } }',
    {
      input: {
        campaign: campaign.id,
        scope: { extent: 'SECTION', kind: 'UNSPECIFIED_LETTER', way: 'PAPER', origin: 'SECTION' },
        quantity: 80,
        qualifier: 'EXACT',
        status: 'RUNNING',
        containsReports: false,
        idempotencyKey: 'the-letters-on-paper',
      },
    },
    { administrator: true },
  );
  assert.deepEqual(stated.statementCreate.userErrors, []);
  for (const [locale, beside] of [
    ['en-US', '1,147 reported here + 80 stated by the sections themselves'],
    ['fr-FR', '1\u202f147 déclarées ici + 80 annoncées par les sections'],
  ]) {
    const visit = await Visit.begin(browser, { locale });
    await visit.page.goto(service.url);
    await visit.page.getByText(beside, { exact: true }).waitFor();
    await visit.end({ origins });
  }
  await Promise.all([service.stop(), browser.close()]);
});

test('where nothing is reported, the figures that were announced are the number, each with its source', async () => {
  const [service, browser] = await Promise.all([Service.announced(), launch()]);
  const origins = [new URL(service.url).origin];
  for (const [locale, heading] of [['en-US', 'Announced figures'], ['fr-FR', 'Chiffres annoncés']]) {
    const visit = await Visit.begin(browser, { locale });
    const { page } = visit;
    await page.goto(service.url);
    await page.getByRole('heading', { name: heading }).waitFor();
    const { edition } = await service.ask('query($year: Int!) { edition(year: $year) { publishedFigures { figure source } } }', {
      year: Number(await page.locator('#year').textContent()),
    });
    assert.ok(edition.publishedFigures.length > 0);
    for (const { figure, source } of edition.publishedFigures) {
      const row = page.locator('#published li').filter({ hasText: figure.toLocaleString(locale) });
      await row.first().waitFor();
      if (source) assert.ok(await row.locator(`a[href="${source}"]`).count());
    }
    assert.equal(await page.locator('#total').isVisible(), false, 'a total of no letters is not shown');
    await visit.end({ origins });
  }
  await Promise.all([service.stop(), browser.close()]);
});
