// What a page looks like: nothing that axe-core finds wrong and nothing that sticks out, in light and in
// dark, on a telephone and on a desk. A person who changes something looks at the pictures.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Visit } from './visit.mjs';

export const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
export const SCHEMES = ['light', 'dark'];
const WIDTHS = [390, 1280];
/** The narrowest width at which nothing may stick out, by WCAG 2.2, 1.4.10. */
const NARROWEST = 320;

/** Takes a picture, and finds nothing wrong with what is in it. */
export async function look({ page }, pictures, name) {
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
export async function everywhere(browser, pictures, name, url, ready, { origins, kept, ...preferences }) {
  for (const colorScheme of SCHEMES) {
    const visit = await Visit.begin(browser, { colorScheme, ...preferences });
    await visit.page.addInitScript({ path: AXE });
    await visit.page.goto(url);
    await ready(visit.page);
    for (const width of WIDTHS) {
      await visit.page.setViewportSize({ width, height: 900 });
      await look(visit, pictures, `${name}-${colorScheme}-${width}`);
    }
    await visit.page.setViewportSize({ width: NARROWEST, height: 900 });
    await look(visit, pictures, `${name}-${colorScheme}-${NARROWEST}`);
    await visit.end({ origins, kept });
  }
}
