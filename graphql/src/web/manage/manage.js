// The page that the links in our messages lead to. The secret stands behind the `#` of the address, so
// that opening it tells nobody; it shows what the secret manages, and only a button changes anything.
//
// The page takes the secret out of the address, where it would stay in the history of a computer that
// others use too, and be copied with the address. It is kept for this tab alone, so that the page can be
// loaded again, and is gone when the tab is closed.

import { translate } from "../page/reader.js";
import { ask, NoData, onMistake } from "../page/service.js";
import { GATHERING, showGathering } from "./gathering.js";
import { HOST_REPORT } from "./hosting.js";
import { button, MEETING, paragraph } from "./parts.js";
import { PLACE, showPlace } from "./place.js";
import { REGISTRATION, showRegistration } from "./registration.js";
import { showSubscription, SUBSCRIPTION } from "./subscription.js";
import { words } from "./words.js";

const VIEWER = `query Viewer {
  service { simulated }
  viewer { __typename id ...Registration ...Place ...Gathering ...Subscription }
}
${REGISTRATION} ${PLACE} ${GATHERING} ${HOST_REPORT} ${SUBSCRIPTION} ${MEETING}`;
/** How to show each kind of thing that a link may lead to. */
const KINDS = {
  Participant: showRegistration,
  Attendance: showPlace,
  Event: showGathering,
  UrgentActionSubscription: showSubscription,
};
/** What secrets are made of. Anything else leads nowhere, and is not sent anywhere. */
const SECRET = /^[\w-]+$/;

/** Under which name the secret is kept for the tab. */
const KEPT = "w4r-secret";

/** What is kept for this tab; nothing where the browser keeps nothing. */
function kept() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a secret for this tab, or forgets it, where the browser does that. */
function keep(secret) {
  try {
    if (secret) sessionStorage.setItem(KEPT, secret);
    else sessionStorage.removeItem(KEPT);
  } catch {
    // The page works all the same, until it is loaded again.
  }
}

const find = (selector) => document.querySelector(selector);

class Page {
  secret = "";
  /** Whether the last change was answered: what was not may have been done or not. */
  wasAnswered = false;
  // Each reading has its own; what comes back for an earlier one is not shown.
  #reading = null;

  /** Begins with the secret that stands in the address now, or with the one that stood there before. */
  async open() {
    const typed = location.hash.slice(1);
    // What is no secret is not kept; it stays where it was typed, to be corrected.
    const isSecret = SECRET.test(typed);
    this.secret = typed || kept();
    if (isSecret) {
      keep(typed);
      history.replaceState(null, "", location.pathname);
    }
    this.say("");
    await this.show();
  }

  /** Shows how it stands now. */
  async show() {
    const reading = (this.#reading = {});
    if (!this.secret) return this.#write(words.title, paragraph(words.noLink));
    if (!SECRET.test(this.secret)) return this.#unknown();
    this.#write(words.title, paragraph(words.reading));
    let answer;
    try {
      answer = await ask(VIEWER, {}, this.secret);
    } catch (error) {
      if (!(error instanceof NoData)) throw error;
      answer = error.code === "UNAUTHENTICATED" ? { viewer: null } : null;
    }
    if (reading !== this.#reading) return;
    if (!answer) {
      const again = button(words.again, () => this.show());
      return this.#write(words.title, paragraph(words.unreachable), again);
    }
    find("#demonstration").hidden = !answer.service?.simulated;
    if (!answer.viewer) return this.#unknown();
    const { title, parts } = KINDS[answer.viewer.__typename](answer.viewer, this);
    this.#write(title, ...parts);
  }

  #unknown() {
    keep("");
    this.#write(words.unknownTitle, paragraph(words.unknown), paragraph(words.unknownWhy));
  }

  /** Asks for a change: what came of it, or null once it is said why nothing did. */
  async change(mutation, input, selection = "") {
    const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation Change($input: ${type}!) {
      ${mutation}(input: $input) { ${selection} userErrors { code } }
    }`;
    this.wasAnswered = false;
    try {
      const payload = (await ask(document, { input }, this.secret))[mutation];
      this.wasAnswered = true;
      if (payload.userErrors.length === 0) return payload;
      this.say(words.codes[payload.userErrors[0].code] ?? words.refused, "trouble");
    } catch (error) {
      if (!(error instanceof NoData)) throw error;
      // Without an answer nobody knows whether it was done.
      const isNotDone = error.code && error.code !== "OUTCOME_UNKNOWN";
      this.wasAnswered = Boolean(isNotDone);
      this.say(isNotDone ? words.notDone : words.unheard, "trouble");
    }
    return null;
  }

  /**
   * Asks for a change, says that it was done, and shows how it stands now: whether it was done. `done` is what is said,
   * or makes it of what came of the change.
   */
  async act(mutation, input, done, selection = "") {
    const payload = await this.change(mutation, input, selection);
    await this.show();
    if (payload) this.say(typeof done === "function" ? done(payload) : done);
    else find("#said").focus();
    return payload !== null;
  }

  /** Confirms an address by the code that this page was opened with; from then on the secret that it brings is used. */
  async confirm(mutation, more, done) {
    const payload = await this.change(mutation, { code: this.secret, ...more }, "secret");
    if (payload) {
      this.secret = payload.secret;
      keep(payload.secret);
    }
    await this.show();
    if (payload) this.say(done);
    else find("#said").focus();
  }

  /** Asks for what leaves nothing to show. */
  async end(mutation, input, done) {
    if (!(await this.change(mutation, input))) return find("#said").focus();
    this.secret = "";
    this.#reading = null;
    // A reload would only find that it is gone.
    keep("");
    this.#write(words.goneTitle);
    this.say(done);
  }

  /** Says what came of it, where everybody hears it. */
  say(text, kind = "") {
    const place = find("#said");
    place.className = kind;
    place.textContent = text;
    if (text) place.focus();
  }

  #write(title, ...parts) {
    find("#title").textContent = title;
    document.title = `${title} – ${words.name}`;
    find("#about").replaceChildren(...parts);
  }
}

translate(words);
const page = new Page();
// A mistake of a script is said as one: a reader would otherwise look for it in the network.
onMistake(() => page.say(words.broken, "trouble"));
addEventListener("hashchange", () => page.open());
page.open();
