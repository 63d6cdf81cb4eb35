// The page of the service: the newest edition that still changes, its total, cases and sections.

const FRENCH = {
  demonstration:
    "Démonstration : toutes les déclarations sont simulées. Personne n’a écrit ces lettres ; aucun nombre de cette page ne peut être cité.",
  lead: "Chaque année, autour de la Journée des droits humains, des personnes du monde entier écrivent des lettres pour celles et ceux dont les droits sont bafoués. Voici combien elles en ont écrit.",
  cases: "Cas",
  sections: "Sections",
  build: "Pour construire avec ces données",
  ide: "Éditeur GraphQL avec des exemples",
  schema: "Le schéma",
  plain: "Le total en JSON",
  ticker: "Le compteur, pour toute page",
  none: "Il n’y a pas encore d’édition.",
  trouble: "Les données n’ont pas pu être lues. Nouvel essai dans un instant.",
  letters: { one: "lettre", many: "de lettres", other: "lettres" },
  SUSPENDED: "Suspendu pour raisons de sécurité : n’écrivez pas en ce moment.",
  CLOSED: "Clos : n’écrivez plus.",
  ARCHIVED: "Archivé : n’écrivez plus.",
  GOOD_NEWS: "Bonne nouvelle : ce qui était demandé s’est réalisé. N’écrivez plus.",
  ASKED_TO_STOP: "Clos à la demande de la personne : n’écrivez plus.",
  SAFETY: "Clos pour raisons de sécurité : n’écrivez plus.",
};
const ENGLISH = {
  none: "There is no edition yet.",
  trouble: "The data could not be read. Trying again in a moment.",
  letters: { one: "letter", other: "letters" },
  SUSPENDED: "Suspended for safety: please do not write at the moment.",
  CLOSED: "Closed: please do not write any more.",
  ARCHIVED: "Archived: please do not write any more.",
  GOOD_NEWS: "Good news: what was asked for has come true. Please do not write any more.",
  ASKED_TO_STOP: "Closed at the person’s request: please do not write any more.",
  SAFETY: "Closed for safety: please do not write any more.",
};

const language = navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";
const words = language === "fr" ? FRENCH : ENGLISH;
const numbers = new Intl.NumberFormat(navigator.language);
const plurals = new Intl.PluralRules(navigator.language);
const countries = new Intl.DisplayNames([navigator.language, language], { type: "region" });

// Which year to show is not known beforehand, and only one of them is shown whole.
const EDITIONS = `{
  service { simulated }
  editions(first: 100) { nodes { year state campaigns(first: 1) { nodes { id } } } }
}`;
const EDITION = `query Page($year: Int!) {
  edition(year: $year) {
    total { version }
    cases(first: 100, orderBy: NAME) {
      nodes { slug name country state closeReason total { letters } }
    }
    campaigns(first: 100) { nodes { section { code name languages } total { letters } } }
  }
}`;
// What the ticker hears beside the total, so that the lists move with it over the same socket.
const PARTS = `byCase { case { slug state closeReason } letters } bySection { section { code } letters }`;
// A case may be suspended while nobody reports.
const READ_EVERY = 15_000;
const READ_AGAIN_AFTER = 4_000;

const find = (selector) => document.querySelector(selector);

async function ask(query, variables = {}) {
  const answer = await fetch("graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A row of a list: what is counted, how many, and what must be said about it. */
class Row {
  constructor(...title) {
    this.number = element("span");
    this.state = element("p", { className: "state", hidden: true });
    // Attributes of SVG are no style, so a strict policy lets their width change.
    const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
    this.bar = svg("rect");
    this.bar.setAttribute("height", "100%");
    const chart = svg("svg");
    chart.setAttribute("class", "bar");
    chart.setAttribute("aria-hidden", "true");
    chart.append(this.bar);
    const row = element("div", { className: "row" }, element("span", {}, ...title), this.number);
    this.item = element("li", {}, row, chart, this.state);
  }

  count(letters) {
    this.letters = letters;
    const unit = words.letters[plurals.select(letters)] ?? words.letters.other;
    const text = `${numbers.format(letters)} ${unit}`;
    if (this.number.textContent !== text) this.number.textContent = text;
  }

  /** Draws how much it is beside the most. */
  measure(most) {
    this.bar.setAttribute("width", `${most ? (100 * this.letters) / most : 0}%`);
  }

  /** Says that nobody should write, unless people do. */
  say(state, reason) {
    this.state.hidden = state === "PUBLISHED";
    this.state.textContent = words[reason] ?? words[state] ?? "";
  }
}

const rows = { cases: new Map(), sections: new Map() };
let version = -1;

function row(list, key, title) {
  if (!rows[list].has(key)) rows[list].set(key, new Row(...title()));
  return rows[list].get(key);
}

function measure() {
  for (const list of Object.values(rows)) {
    const most = Math.max(0, ...[...list.values()].map((row) => row.letters));
    for (const row of list.values()) row.measure(most);
  }
}

/** Puts rows into a list that holds others or the same in another order, and only then: whoever reads
 * there is not thrown out of it. */
function arrange(list, shown) {
  const place = find(`#${list} ul`);
  const items = shown.map((row) => row.item);
  if (items.some((item, index) => place.children[index] !== item) || items.length !== place.children.length) {
    place.replaceChildren(...items);
  }
  find(`#${list}`).hidden = items.length === 0;
}

function show(edition) {
  // The live total may have been faster; states are as new as can be in either case.
  const newer = edition.total.version >= version && !find("w4r-ticker").paused;
  const cases = edition.cases.nodes.map((one) => {
    const country = element("span", { className: "country" }, ` · ${countries.of(one.country)}`);
    const shown = row("cases", one.slug, () => [one.name, country]);
    if (newer || shown.letters === undefined) shown.count(one.total.letters);
    shown.say(one.state, one.closeReason);
    return shown;
  });
  const sections = edition.campaigns.nodes.map(({ section, total }) => {
    const name = element("span", { lang: section.languages[0] ?? "" }, section.name);
    const shown = row("sections", section.code, () => [name]);
    if (newer || shown.letters === undefined) shown.count(total.letters);
    return shown;
  });
  if (newer) version = edition.total.version;
  arrange("cases", cases);
  arrange("sections", sections);
  measure();
}

function move({ detail: total }) {
  // A total that did not come live has no parts; the next reading brings them.
  if (!total.byCase) return;
  version = total.version;
  // What is not in a breakdown has no letters, or none any more.
  for (const [list, parts, key] of [
    ["cases", total.byCase, (part) => part.case?.slug],
    ["sections", total.bySection, (part) => part.section?.code],
  ]) {
    const letters = new Map(parts.map((part) => [key(part), part.letters]));
    for (const [name, row] of rows[list]) row.count(letters.get(name) ?? 0);
  }
  for (const { case: one } of total.byCase) if (one) rows.cases.get(one.slug)?.say(one.state, one.closeReason);
  measure();
}

function trouble(text) {
  const place = find("#trouble");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

async function read() {
  const { service, editions } = await ask(EDITIONS);
  find("#demonstration").hidden = !service.simulated;
  // An edition that no section runs has nothing to count: only what was published about it.
  const run = editions.nodes.filter(({ campaigns }) => campaigns.nodes.length > 0);
  const edition = run.find(({ state }) => state === "OPEN") ?? run[0] ?? editions.nodes[0];
  if (!edition) return trouble(words.none);
  const year = String(edition.year);
  let ticker = find("w4r-ticker");
  if (ticker?.getAttribute("edition") !== year) {
    for (const list of Object.values(rows)) list.clear();
    version = -1;
    find("#year").textContent = year;
    find("#plain").hidden = false;
    find("#plain a").href = `totals/${year}.json`;
    ticker = document.createElement("w4r-ticker");
    ticker.setAttribute("edition", year);
    ticker.parts = PARTS;
    ticker.addEventListener("w4r-total", move);
    find("#total").replaceChildren(ticker);
  }
  const answer = await ask(EDITION, { year: edition.year });
  if (answer.edition) show(answer.edition);
  trouble("");
}

if (language === "fr") {
  document.documentElement.lang = "fr";
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = FRENCH[place.dataset.text];
  }
}

let reading = null;
async function readOn() {
  clearTimeout(reading);
  let pause = READ_EVERY;
  try {
    if (!document.hidden) await read();
  } catch {
    trouble(words.trouble);
    pause = READ_AGAIN_AFTER;
  }
  reading = setTimeout(readOn, pause * (0.8 + 0.4 * Math.random()));
}
document.addEventListener("visibilitychange", () => document.hidden || readOn());
await customElements.whenDefined("w4r-ticker");
readOn();
