// Numbers that people type: the parser of the page by the vectors of the library, and the forms.

import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import { AXE, look, SCHEMES } from './looks.mjs';
import { launch, Visit } from './visit.mjs';

const VECTORS = new URL('../../domain/src/typed_number/vectors.json', import.meta.url);
const kept = ['w4r-secret'];

let service, browser, origins, pictures;
before(async () => {
  [service, browser] = await Promise.all([Service.start(), launch()]);
  origins = [new URL(service.url).origin];
  pictures = process.env.PICTURES ?? (await mkdtemp(join(tmpdir(), 'w4r-pictures-')));
});
after(() => Promise.all([service?.stop(), browser?.close()]));

let people = 0;
async function registered() {
  const email = `typist-${(people += 1)}@example.org`;
  await service.change('participantRegister', 'secret', {
    campaign: await service.campaign(), displayName: 'Rosa Parks', email, roles: ['WRITER'],
  });
  return service.link(email);
}

async function open(link, preferences) {
  const visit = await Visit.begin(browser, preferences);
  await visit.page.goto(link);
  return visit;
}

const field = (page, name = 'Letters') => page.getByRole('textbox', { name, exact: true });
const counted = async () => (await service.ask('{ edition(year: 2021) { total { letters } } }')).edition.total.letters;

test('the parser of the page reads each vector as the library does', async () => {
  const { groups, cases } = JSON.parse(await readFile(VECTORS, 'utf8'));
  const lists = Object.entries(groups).flatMap(([sign, languages]) =>
    languages.flatMap((language) => [[',', '1,234'], ['.', '1.234']].map(([other, text]) => ({
      text, language, ...(sign === other ? { number: 1_234 } : { problem: 'AMBIGUOUS' }),
    }))),
  );
  const all = [...cases, ...lists];
  assert.ok(all.length > 400);
  const visit = await open(service.url);
  const read = await visit.page.evaluate(async (vectors) => {
    const { parseTypedNumber } = await import('/page/typed_number.js');
    return vectors.map(({ text, language }) => ({ text, language, ...parseTypedNumber(text, language) }));
  }, all);
  assert.deepEqual(read, all);
  await visit.end({ origins });
});

test('what is no whole number, or could be two, is asked back and not reported', async () => {
  const visit = await open(await registered());
  const { page } = visit;
  const before = await counted();
  assert.equal(await field(page).getAttribute('inputmode'), 'numeric');
  const said = page.locator('output');
  for (const [typed, answer] of [
    ['12,5', 'That number has decimals.'],
    ['1.5', 'That number has decimals.'],
    ['1.234', 'That could be one number or another.'],
    ['1e3', 'digits only'],
    ['0x10', 'digits only'],
    ['+5', 'digits only'],
    ['-5', 'digits only'],
    ['', 'Please type a number.'],
    ['0', 'Please type a number from 1 to 1,000,000.'],
    ['1,000,001', 'Please type a number from 1 to 1,000,000.'],
  ]) {
    await field(page).fill(typed);
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await said.filter({ hasText: answer }).waitFor();
    assert.equal(await field(page).getAttribute('aria-invalid'), 'true', typed);
    assert.equal(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent), 'Letters', typed);
  }
  assert.ok(visit.questions.every((question) => !question.includes('reportSubmit')), 'nothing was sent');
  assert.equal(await counted(), before);
  await visit.end({ origins, kept });
});

test('a number is said back before and after it counts, whatever its digits and groups', async () => {
  for (const [typed, locale, number] of [
    ['12', 'en-GB', 12],
    ['1,234', 'en-GB', 1_234],
    ['1 234', 'en-GB', 1_234],
    ["1'234", 'en-GB', 1_234],
    ['١٢٣', 'ar-EG', 123],
    ['۱۲۳', 'fa-IR', 123],
    ['१२३', 'hi-IN', 123],
    ['１２３', 'ja-JP', 123],
  ]) {
    const visit = await open(await registered(), { locale });
    const { page } = visit;
    const before = await counted();
    // As on a keyboard, key by key.
    await field(page).pressSequentially(typed);
    const words = `${number.toLocaleString('en')} letters`;
    await page.locator('output').filter({ hasText: `That is ${words}.` }).waitFor();
    await field(page).press('Enter');
    await page.getByRole('status').filter({ hasText: `Your report says ${words}.` }).waitFor();
    assert.equal(await counted(), before + number, typed);
    await visit.end({ origins, kept });
  }
});

test('in French a comma is a decimal sign, and a narrow space groups', async () => {
  const visit = await open(await registered(), { locale: 'fr-FR' });
  const { page } = visit;
  const before = await counted();
  await field(page, 'Lettres').fill('1,234');
  await page.getByRole('button', { name: 'Déclarer', exact: true }).click();
  await page.locator('output').filter({ hasText: 'Ce nombre peut être compris de deux façons.' }).waitFor();
  await field(page, 'Lettres').fill('1\u202f234');
  await page.getByRole('button', { name: 'Déclarer', exact: true }).click();
  await page.getByRole('status').filter({ hasText: /Votre déclaration indique 1\s234 lettres/ }).waitFor();
  assert.equal(await counted(), before + 1_234);
  await visit.end({ origins, kept });
});

test('the room of an event is read in the same way, and may be empty', async () => {
  const event = await service.gathering('Letters in a hall', { capacity: 40 });
  const visit = await open(`${service.url}manage#${event.secret}`);
  const { page } = visit;
  const room = page.getByRole('textbox', { name: /^How many people there is room for/ });
  const change = async (typed) => {
    await page.getByText('Change the event').click();
    await room.fill(typed);
    await page.getByRole('button', { name: 'Change it', exact: true }).click();
  };
  await change('12,5');
  await page.locator('output').filter({ hasText: 'That number has decimals.' }).waitFor();
  await room.fill('1,250');
  await page.getByRole('button', { name: 'Change it', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Your event is changed. It has 1,250 places.' }).waitFor();
  await page.getByText('Change the event').click();
  assert.equal(await room.inputValue(), '1250');
  await page.getByText('Change the event').click();
  await change('');
  await page.getByRole('status').filter({ hasText: /^Your event is changed\.$/ }).waitFor();
  await page.getByText('Change the event').click();
  assert.equal(await room.inputValue(), '');
  await visit.end({ origins, kept });
});

test('the field says what is wrong in every look', async () => {
  for (const colorScheme of SCHEMES) {
    const visit = await Visit.begin(browser, { colorScheme });
    const { page } = visit;
    await page.addInitScript({ path: AXE });
    await page.goto(await registered());
    for (const [name, typed] of [['wrong', '12,5'], ['said', '1,234']]) {
      await field(page).fill(typed);
      if (name === 'wrong') await page.getByRole('button', { name: 'Report', exact: true }).click();
      await page.locator('output').filter({ hasText: /./ }).waitFor();
      // The field was scrolled to; the picture begins at the top.
      await page.evaluate(() => {
        document.activeElement.blur();
        scrollTo(0, 0);
      });
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await look(visit, pictures, `number-${name}-${colorScheme}-${width}`);
      }
    }
    await visit.end({ origins, kept });
  }
});
