// What the links in mail lead to: they are taken out of the mail itself, and opened.

import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Service } from '../w4r.mjs';
import { everywhere } from './looks.mjs';
import { launch, Visit, withoutZone } from './visit.mjs';

const LATER = '2098-11-14T18:00';
/** So many hours from now, in UTC. */
const hours = (away) => new Date(Date.now() + away * 3_600_000).toISOString().slice(0, 16);

let service, browser, origins, pictures;
before(async () => {
  [service, browser] = await Promise.all([Service.start(), launch()]);
  origins = [new URL(service.url).origin];
  pictures = process.env.PICTURES ?? (await mkdtemp(join(tmpdir(), 'w4r-pictures-')));
  console.log(`The pictures are in ${pictures}.`);
});
after(() => Promise.all([service?.stop(), browser?.close()]));

/** Opens a link, as a mail program does. */
async function open(link, preferences) {
  const visit = await Visit.begin(browser, preferences);
  await visit.page.goto(link);
  return visit;
}

/** What the page keeps for its tab. */
const kept = ['w4r-secret'];
/** Where a secret would be found by the next user of the browser. */
const traces = (page) =>
  page.evaluate(() => [location.href, JSON.stringify(history.state), document.referrer, JSON.stringify(localStorage), document.cookie].join(' '));

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const hears = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor();
const heading = (page, name) => page.getByRole('heading', { name, level: 1 }).waitFor();

let people = 0;
/** Registers somebody: an address of their own, and the link that was mailed there. */
async function registered(more = {}) {
  const email = `person-${(people += 1)}@example.org`;
  const { participant, secret } = await service.change('participantRegister', 'participant { id } secret', {
    campaign: await service.campaign(), displayName: 'Rosa Parks', email, roles: ['WRITER'], letterGoal: 12, ...more,
  });
  return { ...participant, email, secret, link: await service.link(email) };
}

/** An approved event, and the link for its organizer. */
async function gathering(title, more) {
  const event = await service.gathering(title, more);
  return { ...event, link: `${service.url}manage#${event.secret}` };
}

/** Somebody who joins, and the link that was mailed to them. */
async function joined(event, displayName, secret) {
  const email = `guest-${(people += 1)}@example.org`;
  const own = secret ? {} : { displayName, email };
  const { attendance } = await service.change('eventJoin', 'attendance { id state }', { event: event.id, ...own }, secret);
  return { ...attendance, link: secret ? null : await service.link(email) };
}

const standing = async (secret) => (await service.ask('{ participant { state } }', {}, { secret })).participant?.state;

test('opening a link changes nothing and tells nobody; its button confirms the address', async () => {
  const rosa = await registered();
  const visit = await open(rosa.link);
  const { page } = visit;
  const asked = [];
  page.on('request', (request) => asked.push(request.url() + (request.postData() ?? '')));
  await heading(page, 'Your registration');
  await page.getByText('You set out to write 12 letters.').waitFor();
  assert.equal(await standing(rosa.secret), 'REGISTERED');
  assert.ok(visit.questions.every((question) => !question.includes('mutation')), 'nothing is changed by looking');
  await page.reload();
  await page.getByText(rosa.email).waitFor();
  assert.equal(await standing(rosa.secret), 'REGISTERED');
  const secret = new URL(rosa.link).hash.slice(1);
  assert.ok(asked.length > 0 && asked.every((request) => !request.includes(secret)), 'no address and no body has it');
  await press(page, 'Yes, this is my address');
  await hears(page, 'Thank you: your address is confirmed.');
  assert.equal(await standing(rosa.secret), undefined, 'what was given when the address was typed opens nothing');
  assert.equal(await standing(secret), 'CONFIRMED');
  await page.getByText(`Your address ${rosa.email} is confirmed.`).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'said', 'a reader goes on where it is said');
  await visit.end({ origins, kept });
});

test('the secret leaves the address at once, and stays with the tab until that is closed', async () => {
  const rosa = await registered();
  const secret = new URL(rosa.link).hash.slice(1);
  const visit = await open(rosa.link);
  const { page } = visit;
  await heading(page, 'Your registration');
  assert.equal(page.url(), `${service.url}manage`);
  assert.ok(!(await traces(page)).includes(secret));
  await page.reload();
  await heading(page, 'Your registration');
  // By a link on the page, and back again.
  await page.getByRole('link', { name: 'Write for Rights' }).click();
  await page.waitForURL(service.url);
  await page.goBack();
  await heading(page, 'Your registration');
  assert.ok(!(await traces(page)).includes(secret));
  // Another link in the same tab is another secret.
  const moses = await registered();
  await page.goto(moses.link);
  await page.getByText(moses.email).waitFor();
  assert.equal(page.url(), `${service.url}manage`);
  await page.reload();
  await page.getByText(moses.email).waitFor();
  // A new tab knows nothing.
  const other = await page.context().newPage();
  await other.goto(`${service.url}manage`);
  await other.getByText('Please open it once more, all of it').waitFor();
  await other.close();
  await visit.end({ origins, kept });
});

test('what was a secret once is forgotten, and what never was one is not kept', async () => {
  const visit = await open(`${service.url}manage#w4r_mail_made-up`);
  const { page } = visit;
  await heading(page, 'This link leads to nothing');
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.reload();
  await page.getByText('Please open it once more, all of it').waitFor();
  await page.goto(`${service.url}manage#a%20b`);
  await heading(page, 'This link leads to nothing');
  await visit.end({ origins });
});

test('a participant reports letters, takes their leave and is erased, each by a button of its own', async () => {
  const rosa = await registered();
  const secret = new URL(rosa.link).hash.slice(1);
  const visit = await open(rosa.link);
  const { page } = visit;
  const before = (await service.ask('{ edition(year: 2021) { total { letters } } }')).edition.total.letters;
  await page.getByRole('textbox', { name: 'Letters', exact: true }).fill('7');
  await page.getByRole('textbox', { name: 'Letters', exact: true }).press('Enter');
  await hears(page, 'Thank you: your letters are reported.');
  const after = (await service.ask('{ edition(year: 2021) { total { letters } } }')).edition.total.letters;
  assert.equal(after, before + 7);
  await page.getByText('Take no further part').click();
  assert.equal(await standing(secret), 'REGISTERED');
  await press(page, 'Take my leave');
  await hears(page, 'You take no further part.');
  assert.equal(await standing(secret), 'LEFT');
  await page.getByText('Have everything about you erased').click();
  await press(page, 'Erase everything about me');
  await hears(page, 'Everything about you is erased.');
  assert.equal(await standing(secret), undefined);
  assert.equal(new URL(page.url()).hash, '');
  await page.reload();
  await page.getByText('Please open it once more, all of it').waitFor();
  await page.goto(rosa.link);
  await heading(page, 'This link leads to nothing');
  await visit.end({ origins, kept });
});

test('a participant saves the receipt of a report once the report is in the log', async () => {
  const rosa = await registered();
  const secret = new URL(rosa.link).hash.slice(1);
  const visit = await open(rosa.link);
  const { page } = visit;
  await page.getByRole('textbox', { name: 'Letters', exact: true }).fill('7');
  await page.getByRole('textbox', { name: 'Letters', exact: true }).press('Enter');
  await hears(page, 'Thank you: your letters are reported.');
  await page.getByText('Your reports and their receipts').click();
  const save = page.getByRole('button', { name: /^Save the receipt: 7 letters, reported on / });
  const receipt = 'query { viewer { ... on Participant { reports { nodes { receipt { proof } } } } } }';
  const proof = async () => (await service.ask(receipt, {}, { secret })).viewer.reports.nodes[0].receipt.proof;
  if ((await proof()) === null) {
    await save.click();
    await hears(page, /The report is not in the log yet|The receipt was saved/);
  }
  // Heads are signed at full minutes.
  for (const began = Date.now(); (await proof()) === null; await page.waitForTimeout(500)) {
    assert.ok(Date.now() - began < 90_000, 'the report is in the log within a minute');
  }
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  await hears(page, 'The receipt was saved.');
  assert.match(download.suggestedFilename(), /^write-for-rights-1\.tlog-proof$/);
  assert.equal(await readFile(await download.path(), 'utf8'), await proof());
  await visit.end({ origins, kept });
  const shown = async (other) => {
    await other.getByText('Your reports and their receipts').click();
    await other.getByRole('button', { name: /^Save the receipt/ }).waitFor();
  };
  await everywhere(browser, pictures, 'manage-receipt', rosa.link, shown, { origins, kept });
});

test('letters whose answer was never heard are counted once when they are sent again', async () => {
  const rosa = await registered();
  const visit = await open(rosa.link);
  const { page } = visit;
  const counted = async () => (await service.ask('{ edition(year: 2021) { total { letters people } } }')).edition.total;
  const before = await counted();
  let isLost = false;
  await page.route('**/graphql', async (route) => {
    if (isLost || !route.request().postData()?.includes('reportSubmit')) return route.continue();
    isLost = true;
    // The service hears it and answers; nobody hears the answer.
    await route.fetch();
    await route.abort();
  });
  const report = async () => {
    await page.getByRole('textbox', { name: 'Letters', exact: true }).fill('5');
    await press(page, 'Report');
  };
  await report();
  await hears(page, 'We did not hear whether it was done.');
  await page.getByText('You have reported 5 letters.').waitFor();
  const once = { letters: before.letters + 5, people: before.people + 1 };
  assert.deepEqual(await counted(), once);
  await report();
  await hears(page, 'Thank you: your letters are reported.');
  assert.deepEqual(await counted(), once);
  // Now that it was heard, as many again are others, by the same person.
  await report();
  await page.getByText('You have reported 10 letters.').waitFor();
  assert.deepEqual(await counted(), { ...once, letters: once.letters + 5 });
  await visit.end({ origins, kept, errors: [/ERR_FAILED/] });
});

test('a place is given back, and a person who waited may leave the list; twice is told kindly', async () => {
  const event = await gathering('Letters at the library', { capacity: 1 });
  const [going, waiting] = [await joined(event, 'Ada'), await joined(event, 'Grace')];
  const visits = [await open(waiting.link), await open(going.link), await open(going.link)];
  const [waits, goes, again] = visits.map(({ page }) => page);
  await waits.getByText('You are on the waiting list.').waitFor();
  await goes.getByText('There is a place for you.').waitFor();
  await goes.getByText('Elm School, 12 Elm Street, Toronto, Canada').waitFor();
  await goes.getByText(/14 November 2098.*18:00.*21:00 \(America\/Toronto\)/).waitFor();
  await again.getByRole('button', { name: 'Give my place back' }).waitFor();
  await press(waits, 'Leave the waiting list');
  await hears(waits, 'You are not on the waiting list any more.');
  await press(goes, 'Give my place back');
  await hears(goes, 'Thank you: your place goes to the next one.');
  await goes.getByText('You have no place any more').waitFor();
  await press(again, 'Give my place back');
  await hears(again, 'That was done before: there is nothing left to do.');
  assert.equal(await again.getByRole('button', { name: 'Give my place back' }).count(), 0);
  for (const visit of visits) await visit.end({ origins, kept });
});

test('a participant has all their places on one page, and a calendar whose address can be replaced', async () => {
  const rosa = await registered();
  for (const title of ['Letters in the morning', 'Letters in the evening']) {
    await joined(await gathering(title), null, rosa.secret);
  }
  const visit = await open(rosa.link);
  const { page } = visit;
  await press(page, 'Give me an address');
  const address = page.getByRole('textbox', { name: 'Subscribe to this address' });
  const first = await address.inputValue();
  assert.match(first, /\/calendars\/w4r_calendar_[\w-]+\.ics$/);
  const calendar = await (await fetch(first)).text();
  assert.equal(calendar.match(/BEGIN:VEVENT/g).length, 2);
  await page.getByRole('button', { name: 'Give my place back: Letters in the morning' }).click();
  await hears(page, 'Thank you: your place goes to the next one.');
  await page.getByText('You have such an address.').waitFor();
  assert.match(await (await fetch(first)).text(), /STATUS:CANCELLED/);
  await press(page, 'Give me a new address');
  const second = await address.inputValue();
  assert.notEqual(second, first);
  assert.equal((await fetch(first)).status, 404);
  assert.equal((await fetch(second)).status, 200);
  await visit.end({ origins, kept });
});

test('an organizer sees who comes, calls an event off, and reports another one', async () => {
  const event = await gathering('Letters at the café');
  const guest = await joined(event, 'Grace Hopper');
  const visit = await open(event.link);
  const { page } = visit;
  await heading(page, 'Letters at the café');
  await page.getByRole('listitem').filter({ hasText: 'Grace Hopper' }).getByText('going').waitFor();
  await page.getByText('Change the event').click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Letters at the other café');
  await page.getByRole('textbox', { name: /^How many people there is room for/ }).fill('30');
  await press(page, 'Change it');
  await hears(page, 'Your event is changed.');
  await heading(page, 'Letters at the other café');
  await page.getByRole('heading', { name: 'Your changes wait for review' }).waitFor();
  await page.getByRole('definition').filter({ hasText: /^Letters at the café$/ }).waitFor();
  await page.getByText('Going: 1 of 30. Waiting: 0.').waitFor();
  await page.getByText('Call the event off').click();
  await page.getByRole('textbox', { name: 'Why? Those who were going read this.' }).fill('The café is closed.');
  await press(page, 'Call it off');
  await hears(page, 'Your event is called off');
  await page.goto('about:blank');
  await page.goto(guest.link);
  await page.getByText('This event does not take place.').waitFor();
  await page.getByText('The café is closed.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Give my place back' }).count(), 0);

  const held = await gathering('Letters just now', { timeZone: 'UTC', sessions: [{ localStart: hours(-1), localEnd: hours(1) }] });
  await page.goto('about:blank');
  await page.goto(held.link);
  await page.getByRole('textbox', { name: 'Letters', exact: true }).fill('120');
  await page.getByRole('textbox', { name: 'People who wrote' }).fill('31');
  await press(page, 'Report');
  await hears(page, 'Thank you: the letters of your event are reported.');
  await page.getByText('Your report says 120 letters by 31 people so far.').waitFor();
  await visit.end({ origins, kept });
});

/** An event that is on, and the report of its host. */
async function reportedWhileItIsOn(title, quantity) {
  const event = await gathering(title, { timeZone: 'UTC', sessions: [{ localStart: hours(-1), localEnd: hours(1) }] });
  await service.change('reportSubmit', 'report { id }', {
    campaign: await service.campaign(), event: event.id, asHost: true, idempotencyKey: `the-first-figure-of-${quantity}`,
    numbers: [{ kind: 'APPEAL_LETTER', quantity }],
  }, event.secret);
  return event;
}

test('a host reports while people write, so far or in addition, corrects a number and closes the event', async () => {
  const event = await reportedWhileItIsOn('Letters all week', 715);
  const visit = await open(event.link);
  const { page } = visit;
  await page.getByText('Your report says 715 letters so far.').waitFor();
  const letters = page.getByRole('textbox', { name: 'Letters', exact: true });
  await letters.fill('996');
  await press(page, 'Report');
  await page.getByText('Please say which of the two it is.').waitFor();
  assert.equal(visit.questions.filter((question) => question.includes('mutation')).length, 0, 'it is never guessed');
  await page.getByRole('radio', { name: 'all letters so far' }).check();
  await press(page, 'Report');
  await hears(page, 'Thank you: your report says 996 letters now.');
  await letters.fill('279');
  await page.getByRole('radio', { name: 'letters in addition to those reported before' }).check();
  await page.getByRole('textbox', { name: /^People who wrote/ }).fill('12');
  await press(page, 'Report');
  await hears(page, 'Thank you: your report says 1,275 letters now.');
  await page.getByText('Your report says 1,275 letters by 12 people so far.').waitFor();
  await letters.fill('279');
  await page.getByRole('radio', { name: 'all letters so far' }).check();
  await press(page, 'Report');
  await hears(page, 'The number is lower than the one reported before.');
  await letters.fill('1300');
  await page.getByRole('radio', { name: /^letters in addition/ }).check();
  await press(page, 'Report');
  await hears(page, 'Thank you: your report says 2,575 letters now. The number was added, although');
  await page.getByText('Correct the number').click();
  await page.getByRole('textbox', { name: 'All letters so far' }).fill('1300');
  await page.getByRole('textbox', { name: 'What was wrong?' }).fill('It was the number so far.');
  await press(page, 'Correct it');
  await hears(page, 'Thank you: your report says 1,300 letters now. The number is lower');
  await page.getByText('Close the event').click();
  await press(page, 'Close it');
  await hears(page, 'Your event is closed.');
  await page.getByText('This event took place, and its letters are reported. Thank you!').waitFor();
  assert.equal(await page.getByText('Close the event').count(), 0);
  // An answer that was not heard: the same number once more is the same report.
  await letters.fill('5');
  await page.getByRole('radio', { name: /^letters in addition/ }).check();
  await page.route('**/graphql', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await press(page, 'Report');
  await hears(page, 'We did not hear whether it was done.');
  await page.getByText('Your report says 1,305 letters').waitFor();
  await letters.fill('5');
  await page.getByRole('radio', { name: /^letters in addition/ }).check();
  await press(page, 'Report');
  await hears(page, 'Thank you: your report says 1,305 letters now.');
  await visit.end({ origins, kept, errors: [/ERR_FAILED/] });
});

test('a subscription is confirmed, changed and ended by the link of its mail', async () => {
  const email = 'subscriber@example.org';
  await service.change('urgentActionSubscribe', 'asked', {
    email, ageBand: 'ADULT', contactConsent: 'urgent actions, 1', frequency: 'WEEKLY',
  });
  const link = await service.link(email);
  const secret = new URL(link).hash.slice(1);
  const own = async () => (await service.ask('{ urgentActionSubscription { frequency confirmedAt } }', {}, { secret })).urgentActionSubscription;
  const visit = await open(link);
  const { page } = visit;
  await heading(page, 'Urgent actions by mail');
  assert.deepEqual(await own(), { frequency: 'WEEKLY', confirmedAt: null });
  await everywhere(browser, pictures, 'manage-subscription', link, (other) => heading(other, 'Urgent actions by mail'), { origins, kept });
  await press(page, 'Yes, send it to me');
  await hears(page, 'Thank you: you hear of urgent actions from now on.');
  assert.notEqual((await own()).confirmedAt, null);
  await press(page, 'Write to me at once');
  await hears(page, 'You hear of each urgent action at once from now on.');
  assert.equal((await own()).frequency, 'AT_ONCE');
  await page.getByText('No more of this mail').click();
  await press(page, 'End it');
  await hears(page, 'Nothing more is sent.');
  assert.equal(await own(), null);
  await visit.end({ origins, kept });
});

test('a link that is none, is broken or was used up leads to a kind word and asks nobody for much', async () => {
  const visit = await open(`${service.url}manage`);
  const { page } = visit;
  await page.getByText('Please open it once more, all of it').waitFor();
  assert.equal(visit.questions.length, 0);
  for (const broken of ['w4r_mail_made-up', 'w4r_admin_made-up', '<b>', 'a%20b']) {
    // The page stays; only what stands behind the hash is another one.
    await page.goto(`${service.url}manage#${broken}`);
    await heading(page, 'This link leads to nothing');
  }
  await visit.offline(true);
  await page.evaluate(() => (location.hash = '#w4r_mail_another'));
  await page.getByText('The service cannot be reached at the moment.').waitFor();
  await visit.offline(false);
  await press(page, 'Try again');
  await heading(page, 'This link leads to nothing');
  await visit.end({ origins, kept, errors: [/ERR_INTERNET_DISCONNECTED/] });
});

test('everything on the page can be reached and done by keyboard, and is seen where it is', async () => {
  const event = await gathering('Letters by keyboard');
  const rosa = await registered();
  await joined(event, null, rosa.secret);
  const visit = await open(rosa.link);
  const { page } = visit;
  await heading(page, 'Your registration');
  const names = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      const name = element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent.trim();
      return { name, outlined, body: element === document.body };
    });
    if (focus.body || names.includes(focus.name)) break;
    assert.ok(focus.outlined, `${focus.name} has no outline`);
    names.push(focus.name);
  }
  assert.deepEqual(names, [
    'Write for Rights',
    'I did not say that: drop it, and the places at events',
    'Yes, this is my address',
    'Give my place back: Letters by keyboard',
    'Letters',
    'Report',
    'Give me an address',
    'Take no further part',
    'Have everything about you erased',
  ]);
  await page.getByText('Have everything about you erased').press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await hears(page, 'Everything about you is erased.');
  await visit.end({ origins, kept });
});

test('a reader of French reads French', async () => {
  const event = await gathering('Des lettres à la bibliothèque', { capacity: 1 });
  const guest = await joined(event, 'Simone');
  const visit = await open(guest.link, { locale: 'fr-CA' });
  const { page } = visit;
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr');
  await press(page, 'Rendre ma place');
  await hears(page, 'Merci : votre place revient à la personne suivante.');
  await visit.end({ origins, kept });
});

test('the pages can be read and used by everybody', async () => {
  const rosa = await registered();
  const event = await gathering('Letters for everybody in a hall with a rather long name', { capacity: 2, visibility: 'PRIVATE' });
  const query = 'query($id: ID!) { event(id: $id) { invitation } }';
  const { invitation } = (await service.ask(query, { id: event.id }, { secret: event.secret })).event;
  for (const displayName of ['Ada', 'Grace', 'Emmy']) {
    await service.change('eventJoin', 'secret', { event: event.id, displayName, invitation });
  }
  const public_ = await gathering('Letters on a Friday');
  await joined(public_, null, rosa.secret);
  const guest = await joined(public_, 'Hedy');
  const draft = await service.change('eventRegister', 'secret', {
    campaign: await service.campaign(), title: 'A draft', visibility: 'PUBLIC', format: 'ONLINE', venueKind: 'ONLINE',
    timeZone: 'Europe/Paris', sessions: [{ localStart: LATER, localEnd: LATER.replace('18', '21') }],
    organizer: { name: 'Ada', email: 'ada@example.org' },
  });
  const hosted = await reportedWhileItIsOn('Letters while we look', 42);
  const openDetails = async (page) => {
    await page.getByText('Your report says 42 letters so far.').waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.getByRole('textbox', { name: 'Letters', exact: true }).fill('50');
    await page.getByRole('button', { name: 'Report', exact: true }).click();
  };
  const ready = (name) => (page) => page.getByRole('heading', { name }).waitFor();
  const openAll = async (page) => {
    await page.getByRole('heading', { name: 'Your registration' }).waitFor();
    await page.getByRole('button', { name: /^Give me a/ }).click();
    await page.getByRole('textbox', { name: 'Subscribe to this address' }).waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
  };
  const looks = [
    ['registration', rosa.link, ready('Your registration')],
    ['registration-open', rosa.link, openAll],
    ['place', guest.link, ready('Letters on a Friday')],
    ['gathering', event.link, ready(/^Letters for everybody/)],
    ['hosting', hosted.link, openDetails],
    ['draft', `${service.url}manage#${draft.secret}`, ready('A draft')],
    ['nothing', `${service.url}manage#w4r_mail_made-up`, ready('This link leads to nothing')],
  ];
  for (const [name, link, shown] of looks) {
    await everywhere(browser, pictures, `manage-${name}`, link, shown, { origins, kept });
  }
  await everywhere(browser, pictures, 'manage-fr', rosa.link, ready('Votre inscription'), { origins, kept, locale: 'fr-FR' });
});

test('who organizes and who goes to an event in a zone that the browser does not know find it with its buttons', async () => {
  const event = await gathering('Cartas en Coyhaique', {
    timeZone: 'America/Coyhaique', sessions: [{ localStart: '2098-12-01T19:00', localEnd: '2098-12-01T21:00' }],
    place: { country: 'CL', region: 'CL-AI', locality: 'Coyhaique' },
  });
  const place = await joined(event, 'Gabriela');
  for (const [link, label] of [[event.link, 'Call the event off'], [place.link, 'Give my place back']]) {
    const visit = await Visit.begin(browser);
    await withoutZone(visit.page, 'America/Coyhaique');
    await visit.page.goto(link);
    await heading(visit.page, 'Cartas en Coyhaique');
    await visit.page.getByText(/1 December 2098.*19:00.*21:00 \(America\/Coyhaique\)/).waitFor();
    await visit.page.getByText(label).first().waitFor();
    await visit.end({ origins, kept });
  }
});
