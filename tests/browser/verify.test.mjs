// The page that verifies receipts: a genuine one, one that was changed, and browsers that cannot.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import * as look from './looks.mjs';
import { launch, Visit } from './visit.mjs';

const REPORT = `mutation Report($input: ReportSubmitInput!) {
  reportSubmit(input: $input) { report { id } secret userErrors { code path message } }
}`;
const RECEIPT = 'query Receipt($id: ID!) { report(id: $id) { receipt { proof } } }';

let service, browser, origins, pictures, proof;
before(async () => {
  [service, browser] = await Promise.all([Service.start(), launch()]);
  origins = [new URL(service.url).origin];
  const { reportSubmit } = await service.ask(REPORT, { input: await service.report(1_234, { slug: 'rung' }) });
  await service.submit(3);
  // The log grows with each minute of the clock.
  const head = async () => (await (await fetch(new URL('log/checkpoint', service.url))).text()).split('\n');
  while (Number((await head())[1]) < 2);
  const { report } = await service.ask(RECEIPT, { id: reportSubmit.report.id }, { secret: reportSubmit.secret });
  proof = report.receipt.proof;
  pictures = process.env.PICTURES ?? (await mkdtemp(join(tmpdir(), 'w4r-pictures-')));
});
after(() => Promise.all([service?.stop(), browser?.close()]));

const url = () => new URL('verify', service.url).href;
const file = (text) => ({ name: 'letters.tlog-proof', mimeType: 'text/plain', buffer: Buffer.from(text) });

async function choose(page, text) {
  await page.waitForFunction(() => document.querySelector('#keys').value.includes('+'));
  await page.locator('#file').setInputFiles(file(text));
}

test('a receipt is verified in the browser, and what it says is shown', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.goto(url());
  await choose(visit.page, proof);
  await visit.page.getByText('The receipt is genuine').waitFor();
  for (const text of ['It counts.', 'Appeal letters', 'rung', '1,234', 'of 2', 'extends the log of the receipt']) {
    await visit.page.getByText(text).first().waitFor();
  }
  assert.ok(visit.questions.every((question) => !question.includes('extra')), 'the file is sent to no one');
  await visit.end({ origins });
});

test('what is wrong with a receipt is said', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.goto(url());
  const lines = proof.split('\n');
  const changed = [lines[0], lines[1].replace(/.(?=.{9}$)/, (one) => (one === 'A' ? 'B' : 'A')), ...lines.slice(2)].join('\n');
  for (const [text, says] of [
    [changed, 'The report is not in the log'],
    [proof.slice(0, -20), 'cut off or changed'],
    [proof.replace('\n2\n', '\n3\n'), 'The signature is wrong'],
    ['a letter\n', 'not a receipt'],
  ]) {
    await choose(visit.page, text);
    await visit.page.getByText(says).waitFor();
    assert.equal(await visit.page.locator('#about').textContent(), '');
  }
  await visit.page.locator('#keys').fill('w4r.example/log+00000000+AA==');
  await visit.page.locator('#file').setInputFiles(file(proof));
  await visit.page.getByText('There is no key of a log').waitFor();
  await visit.end({ origins });
});

test('where the browser has no cryptography the page says what to do', async () => {
  const visit = await Visit.begin(browser);
  await visit.page.addInitScript(() => delete Crypto.prototype.subtle);
  await visit.page.goto(url());
  await visit.page.getByText('by https').waitFor();
  assert.equal(await visit.page.locator('#form').isVisible(), false);
  await visit.end({ origins });
});

for (const [name, preferences] of [['verify', {}], ['verify-fr', { locale: 'fr-CA' }]]) {
  test(`the page can be read and used by everybody: ${name}`, () =>
    look.everywhere(browser, pictures, name, url(), async (page) => {
      await choose(page, proof);
      await page.getByText(/The receipt is genuine|Le reçu est authentique/).waitFor();
    }, { origins, ...preferences }));
}
