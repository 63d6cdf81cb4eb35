// How the total grew: letters, or actions where most of them are no letters, by the hour or by the day, as a chart and
// as a table.

import { instants, number, unitOf } from "./reader.js";
import { askAgain, drawn, element, withoutData } from "./service.js";
import { told, words } from "./words.js";

const HISTORY = `query History($year: Int!, $by: HistoryResolution!, $last: Int!) {
  edition(year: $year) { history(resolution: $by, last: $last) { from letters actions version } }
}`;

const HOUR = 3_600_000;
/** By the name of the resolution: how long a part is, how many of them are shown, and how they are told. */
const RESOLUTIONS = {
  HOUR: {
    length: HOUR,
    most: 48,
    label: instants({ weekday: "short", hour: "2-digit", minute: "2-digit" }),
    whole: instants({ weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }),
  },
  DAY: {
    length: 24 * HOUR,
    // The days of a campaign and its grace.
    most: 120,
    label: instants({ day: "numeric", month: "short", timeZone: "UTC" }),
    whole: instants({ weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
  },
};
/** Fewer would be as broad as a hand. */
const COLUMNS_LEAST = 12;
/** Often enough for the eye; each time the whole chart is drawn. */
const DRAW_EVERY = 1_000;

/** The total at the end of each part, and what was added in it. */
class History {
  constructor(resolution, points, mayBeCut) {
    this.resolution = resolution;
    this.points = points.map((point) => ({ ...point, from: Date.parse(point.from) }));
    // What came before the first of many points is only known from that point itself.
    this.before = mayBeCut ? this.points.shift() : { letters: 0, actions: 0 };
  }

  /** Goes on with a total, if it is newer. */
  add({ asOf, letters, actions, version }) {
    const last = this.points.at(-1);
    if (last && last.version >= version) return;
    const at = Date.parse(asOf);
    const from = at - (at % this.resolution.length);
    if (last && last.from >= from) Object.assign(last, { letters, actions, version });
    else this.points.push({ from, letters, actions, version });
  }

  /** The unit of the total that it ends with. */
  get unit() {
    return unitOf(this.points.at(-1));
  }

  /** The points with what was added in each. */
  changes() {
    const { unit } = this;
    return this.points.map((point, index) => {
      const { from, [unit]: total } = point;
      return { from, total, added: total - (this.points[index - 1] ?? this.before)[unit] };
    });
  }

  /** A column for every part up to `now`, also for those in which nothing changed. */
  columns(now) {
    const { length, most } = this.resolution;
    const changes = new Map(this.changes().map((change) => [change.from, change.added]));
    const begin = this.points[0].from;
    let end = Math.max(this.points.at(-1).from, now - (now % length));
    let first = Math.max(begin, end - (most - 1) * length);
    if (length !== HOUR && end - begin >= most * length) {
      // A campaign is long over: its own days are what is worth seeing.
      first = begin;
      end = begin + (most - 1) * length;
    }
    first = Math.min(first, end - (COLUMNS_LEAST - 1) * length);
    const columns = [];
    for (let from = first; from <= end; from += length) columns.push({ from, added: changes.get(from) ?? 0 });
    return columns;
  }
}

export class Chart {
  #section = document.querySelector("#growth");
  #year = null;
  #by = "HOUR";
  #clock;
  #history = null;
  #reading = null;
  #drawing = null;
  // By the beginning of their part.
  #rows = new Map();

  /** `clock` tells until when the chart goes. */
  constructor(clock) {
    this.#clock = clock;
    for (const button of this.#section.querySelectorAll("button")) {
      button.addEventListener("click", () => this.#choose(button.value));
    }
    this.#section.querySelector("details").addEventListener("toggle", () => this.#draw());
  }

  /** Reads the history of an edition. */
  async read(year) {
    const reading = (this.#reading = {});
    this.#year = year;
    const resolution = RESOLUTIONS[this.#by];
    // One more than is shown says what the total was before.
    const last = resolution.most + 1;
    // Without an answer the chart stays as it is; the next time that the page is connected it is read.
    const { edition } = await askAgain(HISTORY, { year, by: this.#by, last }).catch(withoutData(() => ({})));
    if (reading !== this.#reading || !edition) return;
    this.#history = new History(resolution, edition.history, edition.history.length === last);
    this.#rows.clear();
    this.#section.querySelector("tbody").replaceChildren();
    this.#draw();
  }

  /** Moves with the live total. */
  move(total) {
    if (!this.#history || !total.asOf) return;
    this.#history.add(total);
    this.#drawing ??= setTimeout(() => this.#draw(), DRAW_EVERY);
  }

  async #choose(by) {
    this.#by = by;
    for (const button of this.#section.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === by));
    // The live total goes on with whatever is there; a chart of another kind would mislead it.
    this.#history = null;
    await this.read(this.#year);
  }

  #draw() {
    clearTimeout(this.#drawing);
    this.#drawing = null;
    const history = this.#history;
    this.#section.hidden = !history?.points.length;
    if (this.#section.hidden) return;
    const { resolution, unit } = history;
    const say = words[this.#by][unit];
    const columns = history.columns(this.#clock());
    const most = columns.reduce((most, column) => (column.added > most.added ? column : most));
    const top = ceiling(most.added);
    const bars = columns.map(({ from, added }, index) => {
      const height = (100 * Math.max(0, added)) / top;
      const bar = drawn("rect", { x: index + 0.1, y: 100 - height, width: 0.8, height });
      const title = drawn("title", {});
      title.textContent = `${resolution.whole.format(from)}: ${told(added, unit)}`;
      bar.append(title);
      return bar;
    });
    const lines = [0, 50, 100].map((y) => drawn("line", { x1: 0, x2: columns.length, y1: y, y2: y }));
    const chart = this.#section.querySelector("svg");
    const [first, last] = [columns[0].from, columns.at(-1).from];
    const about = most.added > 0 ? say.most(told(most.added, unit), resolution.whole.format(most.from)) : words.quiet[unit];
    chart.setAttribute("viewBox", `0 0 ${columns.length} 100`);
    const span = say.chart(resolution.whole.format(first), resolution.whole.format(last));
    chart.setAttribute("aria-label", `${span} ${about}`);
    chart.replaceChildren(...lines, ...bars);
    this.#write(".title", say.title);
    this.#write(".top", number(top));
    this.#write(".half", number(top / 2));
    this.#write(".first", resolution.label.format(first));
    this.#write(".last", resolution.label.format(last));
    this.#write("figcaption", about);
    this.#write("caption", `${say.title}. ${say.left}`);
    this.#write(".part", say.part);
    for (const heading of this.#section.querySelectorAll("[data-word]")) {
      this.#write(`[data-word=${heading.dataset.word}]`, words[heading.dataset.word][unit] ?? words[heading.dataset.word]);
    }
    if (this.#section.querySelector("details").open) this.#tabulate(history);
  }

  /** Writes where something else stands: a screen reader would lose its place there. */
  #write(selector, text) {
    const place = this.#section.querySelector(selector);
    if (place.textContent !== text) place.textContent = text;
  }

  /** The newest first; rows stay where they are. */
  #tabulate(history) {
    const body = this.#section.querySelector("tbody");
    for (const { from, total, added } of history.changes()) {
      if (!this.#rows.has(from)) {
        const when = element("th", { scope: "row" }, history.resolution.whole.format(from));
        const cells = [element("td"), element("td")];
        this.#rows.set(from, cells);
        body.prepend(element("tr", {}, when, ...cells));
      }
      this.#rows.get(from).forEach((cell, index) => {
        const text = number([added, total][index]);
        if (cell.textContent !== text) cell.textContent = text;
      });
    }
  }
}

/** The next even number that is easy to read: 2, 4, 10, 20, 40, 100 … */
function ceiling(most) {
  let step = 2;
  for (let index = 0; step < most; index += 1) step *= [2, 2.5, 2][index % 3];
  return step;
}
