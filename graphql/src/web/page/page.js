// The page of the service: the newest edition that still changes, its total, how it grew, its cases
// and sections.

import { Chart } from "./chart.js";
import { Events, EVENTS, firstDay } from "./events.js";
import { Lists } from "./lists.js";
import { Published, PUBLISHED } from "./published.js";
import { translate } from "./reader.js";
import { ask, onMistake, SERVICE, withoutData } from "./service.js";
import { Watch } from "./ticker.js";
import { words } from "./words.js";

// Which year to show is not known beforehand, and only one of them is shown whole.
const EDITIONS = `{
  service { simulated }
  editions(first: 100) { nodes { year state campaigns(first: 1) { nodes { id } } } }
}`;
const EDITION = `query Page($year: Int!, $from: Date!) {
  edition(year: $year) {
    year
    state
    total { version letters actions }
    ${PUBLISHED}
    cases(first: 100, orderBy: NAME) {
      nodes { slug name country state closeReason total { letters actions } }
    }
    campaigns(first: 100) { nodes { section { code name languages } total { letters actions } } }
  }
  ${EVENTS}
}`;
// What the ticker hears beside the total, so that the lists move with it.
const PARTS = `byCase { case { slug } letters actions } bySection { section { code } letters actions }`;
// Whether people may write for a case is heard at once, of whichever edition it is.
const CHANGES = `subscription CaseChanges {
  caseChanged { state closeReason case { slug edition { year } } }
}`;
/** New sections, new cases and a new edition are not told; they are found by reading again. */
const READ_EVERY = 60_000;

const find = (selector) => document.querySelector(selector);

/** The edition that is shown, as a topic of a `Watch`: its cases are told of at once. */
class Page {
  service = SERVICE;
  #year = null;
  #lists;
  #chart;
  #events = new Events();
  #published = new Published();
  #ticker = null;
  #simulated = false;
  #total = null;

  async ask() {
    const found = await this.#read().catch(withoutData(() => null));
    if (found) return null;
    trouble(found === null ? words.trouble : words.none);
    return "stale";
  }

  operation() {
    return { query: CHANGES };
  }

  take({ caseChanged: change }) {
    const known = change.case.edition.year !== this.#year || this.#lists.change(change);
    if (!known) this.ask();
    return false;
  }

  /** What was shown may have changed unheard, unless the page is connected. */
  hear(state) {
    if (state === "broken") trouble(words.broken);
    this.#lists?.connect(state === "live" || state === "polled");
  }

  /** Reads it; whether there is one. */
  async #read() {
    const { service, editions } = await ask(EDITIONS);
    this.#simulated = service.simulated;
    find("#demonstration").hidden = !service.simulated;
    // An edition that no section runs has nothing to count: only what was published about it.
    const run = editions.nodes.filter(({ campaigns }) => campaigns.nodes.length > 0);
    const chosen = run.find(({ state }) => state === "OPEN") ?? run[0] ?? editions.nodes[0];
    if (!chosen) return false;
    if (chosen.year !== this.#year) this.#begin(chosen.year);
    const { edition, events } = await ask(EDITION, { year: chosen.year, from: firstDay(this.#time()) });
    if (edition) {
      // Of an edition that nobody reported to and that takes no reports, the announced figures are the number.
      const { campaigns, publishedFigures, state, total } = edition;
      const isClosed = campaigns.nodes.length === 0 || state === "ARCHIVED";
      const isAnnounced = isClosed && total.actions === 0 && publishedFigures.length > 0;
      this.#lists.show(edition, !this.#ticker.paused, !isAnnounced);
      this.#published.show(publishedFigures);
      find("#total").hidden = isAnnounced;
    }
    this.#events.show(events.nodes, this.#time());
    trouble("");
    return true;
  }

  /** Shows the edition of another year. */
  #begin(year) {
    this.#year = year;
    this.#total = null;
    find("#year").textContent = year;
    find("#plain").hidden = false;
    find("#plain a").href = `totals/${year}.json`;
    this.#lists = new Lists();
    this.#chart ??= new Chart(() => this.#now());
    this.#ticker = document.createElement("w4r-ticker");
    this.#ticker.setAttribute("edition", year);
    this.#ticker.setAttribute("src", SERVICE.href);
    this.#ticker.parts = PARTS;
    this.#ticker.addEventListener("w4r-total", ({ detail }) => this.#move(detail));
    // Whatever happened while nothing was heard is in the history, by the hour.
    this.#ticker.addEventListener("w4r-state", ({ detail }) => {
      if (detail === "live" || detail === "polled") this.#remember();
    });
    find("#total").replaceChildren(this.#ticker);
  }

  async #remember() {
    await this.#chart.read(this.#year);
    if (this.#total) this.#chart.move(this.#total);
  }

  #move(total) {
    const startedOver = this.#total && total.version < this.#total.version;
    this.#total = total;
    this.#lists.move(total);
    if (startedOver) this.#remember();
    else this.#chart.move(total);
  }

  /** What time it is: a demonstration has a clock of its own. */
  #time() {
    const asOf = this.#simulated && this.#total?.asOf;
    return asOf ? Date.parse(asOf) : Date.now();
  }

  /** Until when the chart goes: a demonstration has a clock of its own, and what is over stands still. */
  #now() {
    const ends = this.#simulated || this.#total?.status !== "PROVISIONAL";
    const asOf = this.#total?.asOf;
    return ends && asOf ? Date.parse(asOf) : Date.now();
  }
}

function trouble(text) {
  const place = find("#trouble");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

// A mistake of a script is said as one: a reader would otherwise look for it in the network.
onMistake(() => trouble(words.broken));
translate(words);
await customElements.whenDefined("w4r-ticker");
const page = new Page();
new Watch(page, (state) => page.hear(state));
setInterval(() => document.hidden || page.ask(), READ_EVERY);
