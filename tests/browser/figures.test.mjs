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
  const australia = page.getByRole('listitem').filter({ hasText: 'Amnesty International Australia' });
  await australia.getByText('25,640 actions', { exact: true }).waitFor();
  await page.getByRole('img', { name: /^Actions by the hour.*The most in one hour: 25,640 actions/ }).waitFor();
  await page.getByText('The numbers of the chart').click();
  await page.getByRole('columnheader', { name: 'Actions by then' }).waitFor();
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
  await australia.getByText('25,640 letters', { exact: true }).waitFor();
  await page.getByRole('img', { name: /^Letters by the hour/ }).waitFor();
  await page.getByRole('columnheader', { name: 'Letters by then' }).waitFor();
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

test('an archived edition that nobody reported to shows what was announced, and no zeros', async () => {
  const [service, browser] = await Promise.all([Service.start(), launch()]);
  const origins = [new URL(service.url).origin];
  const { edition } = await service.ask('{ edition(year: 2021) { id revision } }');
  const figure = { figure: 4_500_000, unit: 'letters', qualifier: 'ABOUT', status: 'FINAL', source: 'https://example.org/2021' };
  await service.change('editionPublishFigures', 'edition { id }', { id: edition.id, figures: [figure] }, service.key);
  const archived = { id: edition.id, expectedRevision: edition.revision, reason: 'It is over.' };
  await service.change('editionArchive', 'edition { id }', archived, service.key);
  const visit = await Visit.begin(browser, { locale: 'en-US' });
  const { page } = visit;
  await page.goto(service.url);
  await page.getByText('About 4,500,000').waitFor();
  await page.getByText('Amnesty International Australia').waitFor();
  assert.equal(await page.getByText(/^0( letters| actions)?$/).filter({ visible: true }).count(), 0);
  await visit.end({ origins });
  await Promise.all([service.stop(), browser.close()]);
});
