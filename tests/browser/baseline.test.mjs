// Older browsers: what came after the baseline is not used, and where it is deleted everything still works. And a
// mistake of a script is said as one, never as trouble of the network.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';
import esx from 'eslint-plugin-es-x';

import { Service } from '../w4r.mjs';
import { deleteMembers, newerMembers, newerNames } from './baseline.mjs';
import { Site } from './site.mjs';
import { launch, Visit } from './visit.mjs';

const TICKER = '<w4r-ticker edition="2021"></w4r-ticker>';
const SCRIPTS = fileURLToPath(new URL('../../graphql/src/web', import.meta.url));
/** Newer members that are used where they are there, and only there. */
const GUARDED = ['adoptedStyleSheets', 'replaceSync'];
/** Names of our own that newer objects of browsers have too. */
const OURS = ['actions', 'address', 'locale', 'managed', 'number', 'take', 'when'];

let service, site, browser, origins;
before(async () => {
  [service, site, browser] = await Promise.all([Service.start(), Site.start(), launch()]);
  origins = [new URL(service.url).origin, new URL(site.url).origin];
});
after(() => Promise.all([service?.stop(), site?.stop(), browser?.close()]));

const says = (page, words) => page.getByText(words).first().waitFor();
const letters = async () => (await service.ask('{ edition(year: 2021) { total { letters } } }')).edition.total.letters;
async function moves(page) {
  await service.submit(3);
  await page.locator('w4r-ticker').getByText(String(await letters()), { exact: true }).first().waitFor();
}

/** A visit with a browser without these members. */
async function without(members) {
  const visit = await Visit.begin(browser);
  await visit.page.addInitScript(deleteMembers, members);
  return visit;
}

test('the scripts use nothing that the oldest browsers do not know', async () => {
  const members = newerMembers();
  const properties = [
    ...members.filter(([, member]) => member).map(([object, property]) => ({ object, property })),
    ...newerNames().filter((name) => !GUARDED.includes(name) && !OURS.includes(name)).map((property) => ({ property })),
  ];
  // Methods of iterators have the names of methods of arrays, and a name is all that these rules see.
  const newerThanEs2022 = Object.entries(esx.configs['flat/restrict-to-es2022'].rules).filter(
    ([rule]) => !rule.includes('iterator-prototype'),
  );
  const eslint = new ESLint({
    cwd: SCRIPTS,
    overrideConfigFile: true,
    overrideConfig: [
      { ignores: ['ide/**'] },
      {
        files: ['**/*.js'],
        languageOptions: { ecmaVersion: 'latest', sourceType: 'module' },
        plugins: { 'es-x': esx },
        settings: { 'es-x': { aggressive: true } },
        rules: {
          ...Object.fromEntries(newerThanEs2022),
          'no-restricted-globals': ['error', ...members.filter(([, member]) => !member).map(([name]) => name)],
          'no-restricted-properties': ['error', ...properties],
        },
      },
    ],
  });
  const complaints = (results) => results.flatMap(({ filePath, messages }) => messages.map(({ line, message }) => `${filePath}:${line} ${message}`));
  const results = await eslint.lintFiles(['page/*.js', 'manage/*.js', 'ticker/*.js']);
  assert.ok(results.length > 20, 'the scripts were found');
  assert.deepEqual(complaints(results), []);
  // The check itself: what is too new is found.
  for (const script of [
    'fetch("/", { signal: AbortSignal.any([]) });',
    'AbortSignal.timeout(1);',
    '[1].toSorted();',
    'Object.groupBy([], String);',
    'Promise.withResolvers();',
    'button.ariaLabel = "";',
    'new URLPattern();',
    'const letters = /[\\p{L}--[a-z]]/v;',
  ]) {
    const found = complaints(await eslint.lintText(script, { filePath: 'page/probe.js' }));
    assert.notDeepEqual(found, [], script);
  }
});

test('the data of MDN lists what is deleted', () => {
  const names = newerMembers().map(([owner, member]) => (member ? `${owner}.${member}` : owner));
  for (const name of ['AbortSignal.any', 'AbortSignal.timeout', 'Array.toSorted', 'Element.ariaLabel', 'Object.groupBy', 'CSSStyleSheet.replaceSync']) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ['AbortController', 'Array.at', 'Element.replaceChildren', 'WebSocket', 'fetch']) assert.ok(!names.includes(name), name);
});

for (const [what, members] of [
  ['AbortSignal.any and AbortSignal.timeout', [['AbortSignal', 'any', true], ['AbortSignal', 'timeout', true]]],
  ['everything that is newer than the oldest browsers', newerMembers()],
]) {
  test(`the ticker of another page is live without ${what}`, async () => {
    const visit = await without(members);
    const { page } = visit;
    await page.goto(site.page(service, TICKER));
    await says(page, 'Live.');
    await moves(page);
    // Without constructed style sheets the strict policy of that page refuses the ticker's style.
    await visit.end({ origins, errors: [/Content Security Policy directive .?style-src/] });
  });

  test(`the page of totals and the page behind links work without ${what}`, async () => {
    const visit = await without(members);
    const { page } = visit;
    await page.goto(service.url);
    await says(page, 'Live.');
    await moves(page);
    await page.getByRole('img', { name: /^Letters by the hour/ }).waitFor();
    await page.goto(`${service.url}manage#w4r_mail_made-up`);
    await page.getByRole('heading', { name: 'This link leads to nothing', level: 1 }).waitFor();
    await visit.end({ origins, errors: [/Content Security Policy directive .?style-src/] });
  });
}

test('a mistake of the ticker is said as a mistake, is in the console, and ends when its cause ends', async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.addInitScript(() => {
    globalThis.mistakes = true;
    const { select } = Intl.PluralRules.prototype;
    Intl.PluralRules.prototype.select = function (...numbers) {
      if (globalThis.mistakes) throw new TypeError('a made-up mistake');
      return select.apply(this, numbers);
    };
  });
  await page.goto(site.page(service, TICKER));
  await says(page, 'This counter does not work: there is a mistake in its script.');
  assert.equal(await page.getByText('No connection').count(), 0);
  await page.evaluate(() => (globalThis.mistakes = false));
  await says(page, 'Live.');
  await moves(page);
  const errors = await visit.end({ origins, errors: [/a made-up mistake/] });
  assert.ok(errors.some((error) => error.includes('a made-up mistake')), 'it is in the console');
});

test('a mistake of the pages is said as a mistake', async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  const errors = [/a made-up mistake/];
  await page.addInitScript(() => {
    Intl.DisplayNames.prototype.of = () => {
      throw new TypeError('a made-up mistake');
    };
  });
  await page.goto(service.url);
  await says(page, 'Something on this page does not work: there is a mistake in its script');
  assert.equal(await page.getByText('The data could not be read').count(), 0);
  const event = await service.gathering('Letters with a mistake');
  await page.goto(`${service.url}manage#${event.secret}`);
  await says(page, 'This page does not work: there is a mistake in its script');
  assert.equal(await page.getByText('The service cannot be reached').count(), 0);
  await visit.end({ origins, errors, kept: ['w4r-secret'] });
});

test('what is no answer of the service is trouble of the network', async () => {
  const visit = await Visit.begin(browser);
  const { page } = visit;
  await page.route('**/totals/*.json', (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Sign in to this network</h1>' }));
  await page.route('**/graphql', (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Sign in to this network</h1>' }));
  await page.goto(site.page(service, TICKER));
  await says(page, 'No connection.');
  await page.goto(service.url);
  await says(page, 'The data could not be read.');
  await page.goto(`${service.url}manage#w4r_mail_made-up`);
  await says(page, 'The service cannot be reached at the moment.');
  await visit.end({ origins, kept: ['w4r-secret'] });
});
