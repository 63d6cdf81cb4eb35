// A service to try clients and browsers on: the executable that `W4R` names, with the edition of 2021
// as if its collection deadline were far away, on a database of its own.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const EXECUTABLE = process.env.W4R ?? new URL('../target/debug/w4r', import.meta.url).pathname;
const EDITION = new URL('../graphql/data/edition-2021.json', import.meta.url);
const FIGURES = new URL('../graphql/data/published-figures.json', import.meta.url);
const REPORT = `mutation Report($input: ReportSubmitInput!) {
  reportSubmit(input: $input) { version userErrors { code path message } }
}`;

/** Runs a command to its end and gives what it says. */
async function run(...words) {
  const command = spawn(EXECUTABLE, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complaint, [code]] = await Promise.all([
    text(command.stdout),
    text(command.stderr),
    once(command, 'exit'),
  ]);
  if (code !== 0) throw new Error(`w4r ${words.join(' ')}: ${complaint}`);
  return said.trim();
}

export class Service {
  #folder = null;
  #store;
  #process = null;
  /** Where it serves, with a slash at the end. It stays the same when it starts again. */
  url;
  /** The key of an administrator. */
  key;

  /** A service that people may report to now, with a goal of the world if one is given. */
  static async start({ letterGoal = null } = {}) {
    const service = new Service();
    service.#folder = await mkdtemp(join(tmpdir(), 'w4r-'));
    service.#store = `sqlite:${join(service.#folder, 'test.db')}`;
    const edition = JSON.parse(await readFile(EDITION, 'utf8'));
    edition.edition.letterGoal = letterGoal;
    // Nothing that is reported waits for staff.
    for (const campaign of edition.campaigns) {
      Object.assign(campaign, { deadlineOn: '2099-12-31', limitPerson: 1_000_000 });
    }
    const file = join(service.#folder, 'edition.json');
    await writeFile(file, JSON.stringify(edition));
    await run('import', file, '--database', service.#store);
    service.key = await run('key', 'create', 'tests', '--database', service.#store);
    await service.#serve('127.0.0.1:0');
    return service;
  }

  /** A service with what was announced for past years, which no section ran with it. */
  static async announced() {
    const service = new Service();
    service.#folder = await mkdtemp(join(tmpdir(), 'w4r-'));
    service.#store = `sqlite:${join(service.#folder, 'test.db')}`;
    await run('import', FIGURES.pathname, '--database', service.#store);
    await service.#serve('127.0.0.1:0');
    return service;
  }

  /** The demonstration, on data of its own. */
  static async demo() {
    const service = new Service();
    await service.#run('demo', '--listen', '127.0.0.1:0');
    return service;
  }

  #serve(address) {
    // One address reports for everybody.
    return this.#run('serve', '--listen', address, '--database', this.#store, '--reports-per-hour', '0');
  }

  async #run(...words) {
    this.#process = spawn(EXECUTABLE, words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, RUST_LOG: 'error' },
    });
    for await (const line of createInterface({ input: this.#process.stdout })) {
      this.url = line.match(/http:\/\/[^/]+\//)?.[0];
      if (this.url) return;
    }
    throw new Error('the service did not start');
  }

  async #end(signal) {
    const ended = once(this.#process, 'exit');
    this.#process.kill(signal);
    await ended;
  }

  /** Ends it as a power cut does. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Ends it as a deployment does: what is open is closed first. */
  terminate() {
    return this.#end('SIGTERM');
  }

  /** Starts it again where it was, after it has ended. */
  restart() {
    return this.#serve(new URL(this.url).host);
  }

  /** Ends it, and its database with it. */
  async stop() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.#end('SIGTERM');
    if (this.#folder) await rm(this.#folder, { recursive: true });
  }

  /** The data of an answer. Administrators may ask for more, and so may whoever has a secret. */
  async ask(query, variables = {}, { administrator = false, secret = administrator ? this.key : null } = {}) {
    const answer = await fetch(new URL('graphql', this.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(secret && { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** What comes of a change. One that is made once for each key gets a key of its own. */
  async change(mutation, selection, input, secret = null) {
    const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
    const key = /Register$|Join$|Subscribe$/.test(mutation) ? { idempotencyKey: randomUUID() } : {};
    const document = `mutation Change($input: ${type}!) {
      ${mutation}(input: $input) { ${selection} userErrors { code path message } }
    }`;
    const { [mutation]: payload } = await this.ask(document, { input: { ...key, ...input } }, { secret });
    if (payload.userErrors.length) throw new Error(JSON.stringify(payload.userErrors));
    return payload;
  }

  /** The global id of the campaign of a section. */
  async campaign(section = 'ca') {
    const query = 'query Campaign($section: String!) { campaign(edition: 2021, section: $section) { id } }';
    return (await this.ask(query, { section })).campaign.id;
  }

  /** An approved event in the far future, unless `more` says another time, with the secret that manages it. */
  async gathering(title, more = {}) {
    const { event, secret } = await this.change('eventRegister', 'event { id revision } secret', {
      campaign: await this.campaign(),
      title,
      visibility: 'PUBLIC',
      format: 'IN_PERSON',
      venueKind: 'SCHOOL',
      timeZone: 'America/Toronto',
      sessions: [{ localStart: '2098-11-14T18:00', localEnd: '2098-11-14T21:00' }],
      place: { country: 'CA', locality: 'Toronto', venue: 'Elm School', street: '12 Elm Street' },
      organizer: { name: 'Ada', email: 'ada@example.org' },
      submit: true,
      ...more,
    });
    await this.change('eventApprove', 'event { id }', { id: event.id, expectedRevision: event.revision }, this.key);
    return { id: event.id, secret };
  }

  /** The link in the newest message to an address, once it has come. */
  async link(address) {
    for (;;) {
      for (const name of (await readdir(join(this.#folder, 'test.mail')).catch(() => [])).sort().reverse()) {
        if (!name.endsWith('.eml')) continue;
        const message = (await readFile(join(this.#folder, 'test.mail', name), 'utf8')).replaceAll('=\r\n', '');
        const link = message.includes(`To: ${address}\r\n`) && message.match(/http\S+#\S+/)?.[0];
        if (link) return link;
      }
      await new Promise(setImmediate);
    }
  }

  /** The input that reports appeal letters or another kind of actions, for a case if its slug is given. */
  async report(quantity, { section = 'ca', slug = null, kind = 'APPEAL_LETTER' } = {}) {
    const { campaign, cases } = await this.ask(
      `query Ids($section: String!) {
        campaign(edition: 2021, section: $section) { id }
        cases(filter: { edition: 2021 }, first: 100) { nodes { id slug } }
      }`,
      { section },
    );
    return {
      campaign: campaign.id,
      idempotencyKey: randomUUID(),
      lines: [{ kind, quantity, case: cases.nodes.find((one) => one.slug === slug)?.id }],
      people: 1,
    };
  }

  /** Reports appeal letters, unless another kind is given; gives the version of the total that they are in. */
  async submit(quantity, where) {
    const { reportSubmit } = await this.ask(REPORT, { input: await this.report(quantity, where) });
    if (reportSubmit.userErrors.length) throw new Error(JSON.stringify(reportSubmit.userErrors));
    return reportSubmit.version;
  }

  /** Does something to a case as an administrator: `caseSuspend`, `caseResume` or `caseClose`. */
  async decide(mutation, slug, more = {}) {
    const input = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
    const found = await this.ask(
      'query Case($slug: String!) { case(edition: 2021, slug: $slug) { id expectedRevision: revision } }',
      { slug },
    );
    const done = await this.ask(
      `mutation Decide($input: ${input}!) {
        ${mutation}(input: $input) { case { state } userErrors { code path message } }
      }`,
      { input: { ...found.case, reason: 'A test.', ...more } },
      { administrator: true },
    );
    if (done[mutation].userErrors.length) throw new Error(JSON.stringify(done[mutation].userErrors));
  }
}
