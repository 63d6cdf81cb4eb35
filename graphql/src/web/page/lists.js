// The lists of cases and of sections, with their counts.

import { country, unitOf } from "./reader.js";
import { drawn, element } from "./service.js";
import { told, words } from "./words.js";
import { Writing } from "./writing.js";

/** A row of a list: what is counted, how many, and what must be said about it. */
class Row {
  constructor(title, writing = null) {
    this.number = element("span");
    this.state = element("p", { className: "state", hidden: true });
    this.writing = writing;
    this.bar = drawn("rect", { height: "100%" });
    this.chart = drawn("svg", { class: "bar", "aria-hidden": "true" });
    this.chart.append(this.bar);
    const row = element("div", { className: "row" }, element("span", {}, ...title), this.number);
    this.item = element("li", {}, row, this.chart, this.state);
    if (writing) this.item.append(writing.place);
  }

  /** Shows a count in this unit, or nothing where nothing was counted. */
  count(total, unit) {
    this.total = total;
    const text = unit ? told(total[unit], unit) : "";
    if (this.number.textContent !== text) this.number.textContent = text;
  }

  /** Draws how much it is beside the most. */
  measure(most, unit) {
    const count = this.total[unit];
    this.bar.setAttribute("width", `${most ? (100 * count) / most : 0}%`);
    this.chart.toggleAttribute("hidden", count === 0);
  }

  /** Says that nobody should write, unless people do. */
  say(state, reason) {
    this.writing.allow(state === "PUBLISHED");
    this.state.hidden = state === "PUBLISHED";
    this.state.classList.toggle("good", reason === "GOOD_NEWS");
    this.state.textContent = words[reason] ?? words[state] ?? "";
  }
}

export class Lists {
  #cases = new Map();
  #sections = new Map();
  #version = -1;
  #isConnected = false;
  // The unit of the total, of which the rows are parts; null where nothing is counted.
  #unit = "letters";

  /**
   * Shows an edition as it was read; its counts only if they may move, and are not older than what is shown, and none at
   * all where nothing was counted.
   */
  show({ year, total, cases, campaigns }, mayMove, isCounted) {
    const newer = mayMove && total.version >= this.#version;
    if (newer) this.#unit = isCounted ? unitOf(total) : null;
    const shownCases = cases.nodes.map((one) => {
      const where = element("span", { className: "country" }, ` · ${country(one.country)}`);
      const row = found(this.#cases, one.slug, () => new Row([one.name, where], new Writing(year, one.slug, one.name)));
      row.writing.connect(this.#isConnected);
      if (newer || row.total === undefined) row.count(one.total, this.#unit);
      row.say(one.state, one.closeReason);
      return row;
    });
    const shownSections = campaigns.nodes.map(({ section, total }) => {
      const name = element("span", { lang: section.languages[0] ?? "" }, section.name);
      const row = found(this.#sections, section.code, () => new Row([name]));
      if (newer || row.total === undefined) row.count(total, this.#unit);
      return row;
    });
    if (newer) this.#version = total.version;
    arrange(document.querySelector("#cases"), shownCases);
    arrange(document.querySelector("#sections"), shownSections);
    this.#measure();
  }

  /** Moves with the live total. One that did not come live has no parts; the next reading brings them. */
  move(total) {
    const { version, byCase, bySection } = total;
    if (!byCase) return;
    this.#version = version;
    if (this.#unit || total.actions > 0) this.#unit = unitOf(total);
    // What is not in a breakdown has nothing, or nothing any more.
    for (const [rows, parts, key] of [
      [this.#cases, byCase, (part) => part.case?.slug],
      [this.#sections, bySection, (part) => part.section?.code],
    ]) {
      const counts = new Map(parts.map((part) => [key(part), part]));
      for (const [name, row] of rows) row.count(counts.get(name) ?? { letters: 0, actions: 0 }, this.#unit);
    }
    this.#measure();
  }

  /** A case changed; whether it is one of these. */
  change({ case: { slug }, state, closeReason }) {
    const row = this.#cases.get(slug);
    row?.say(state, closeReason);
    return row !== undefined;
  }

  /** Whether changes are heard of. */
  connect(isConnected) {
    this.#isConnected = isConnected;
    for (const { writing } of this.#cases.values()) writing.connect(isConnected);
  }

  #measure() {
    for (const rows of [this.#cases, this.#sections]) {
      const unit = this.#unit ?? "letters";
      const most = Math.max(0, ...[...rows.values()].map((row) => row.total[unit]));
      for (const row of rows.values()) row.measure(most, unit);
    }
  }
}

function found(rows, key, make) {
  if (!rows.has(key)) rows.set(key, make());
  return rows.get(key);
}

/** Puts rows into a list that holds others or the same in another order, and only then: replaced rows lose the focus and
 * the place of a reader. */
function arrange(section, rows) {
  const list = section.querySelector("ul");
  const items = rows.map((row) => row.item);
  if (items.length !== list.children.length || items.some((item, index) => list.children[index] !== item)) {
    list.replaceChildren(...items);
  }
  section.hidden = items.length === 0;
}
