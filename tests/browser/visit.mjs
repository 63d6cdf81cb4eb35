// A visit to a page in Chromium, which notes whatever the page may not do: errors, breaches of a
// policy, requests to strangers, cookies, things kept in the browser.

import assert from 'node:assert/strict';

import { chromium } from 'playwright-core';

/** Only a fault takes longer, also on a machine that does ten things at once. */
export const PATIENCE = 60_000;

/** Chromium, where it is installed as `chromium` or where `CHROMIUM` says. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Nobody but root runs in most containers, and there Chromium's own sandbox does not work.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

export class Visit {
  #context;
  #errors = [];
  #requests = new Set();
  page;
  /** The addresses of the sockets that were opened, in order. */
  sockets = [];
  /** The addresses of the streams of events that were opened, in order. */
  streams = [];

  /** The questions that were posted, in order. */
  questions = [];

  /** A visit by somebody with these preferences; see `newContext` of Playwright. */
  static async begin(browser, preferences = {}) {
    const visit = new Visit();
    visit.#context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/London', ...preferences });
    visit.#context.setDefaultTimeout(PATIENCE);
    visit.page = await visit.#context.newPage();
    visit.page.on('pageerror', (error) => visit.#errors.push(String(error)));
    visit.page.on('console', (message) => {
      if (message.type() === 'error') visit.#errors.push(message.text());
    });
    visit.page.on('request', (request) => {
      const { protocol, origin, pathname } = new URL(request.url());
      if (protocol !== 'data:') visit.#requests.add(origin);
      if (pathname === '/graphql') visit.questions.push(request.postData() ?? request.url());
      if (pathname === '/graphql/stream') visit.streams.push(request.url());
    });
    visit.page.on('websocket', (socket) => visit.sockets.push(socket.url()));
    return visit;
  }

  /** Waits until this says so; what it says no to is in the complaint. */
  async until(claim, argument) {
    await this.page.waitForFunction(claim, argument, { polling: 50 });
  }

  /** Takes the network away, or gives it back. */
  offline(offline) {
    return this.#context.setOffline(offline);
  }

  /** Answers nothing at addresses like this. */
  async block(addresses) {
    await this.page.route(addresses, (route) => route.abort());
  }

  /**
   * Ends the visit. The page has done nothing that it may not, but for errors that look like these. It has
   * kept nothing in the browser but what may be `kept` for the tab. Gives the errors.
   */
  async end({ origins, errors = [], kept: mayKeep = [] }) {
    const kept = await this.#context.storageState();
    const seen = await this.page.evaluate(async () => ({
      cookie: document.cookie,
      local: localStorage.length,
      session: Object.keys(sessionStorage),
      // The tests of older browsers take the function away; what the pages keep is seen in the others.
      databases: (await indexedDB.databases?.())?.length ?? 0,
    }));
    await this.#context.close();
    const session = seen.session.filter((name) => !mayKeep.includes(name));
    assert.deepEqual({ ...seen, session }, { cookie: '', local: 0, session: [], databases: 0 });
    assert.deepEqual(kept.cookies, []);
    const strangers = [...this.#requests].filter((origin) => !origins.includes(origin));
    assert.deepEqual(strangers, [], 'nobody else is asked for anything');
    const surprises = this.#errors.filter((error) => !errors.some((known) => known.test(error)));
    assert.deepEqual(surprises, []);
    return this.#errors;
  }
}

/** Makes a browser that does not know a time zone, as one that is older than the zone. */
export const withoutZone = (page, zone) =>
  page.addInitScript((unknown) => {
    const { DateTimeFormat } = Intl;
    Intl.DateTimeFormat = function (locales, options) {
      if (options?.timeZone === unknown) throw new RangeError(`Invalid time zone specified: ${unknown}`);
      return new DateTimeFormat(locales, options);
    };
  }, zone);
