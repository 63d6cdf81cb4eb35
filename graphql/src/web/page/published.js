// What was announced for an edition, each figure with its source.

import { counted, number } from "./reader.js";
import { element } from "./service.js";
import { words } from "./words.js";

/** What is read about the figures of an edition. */
export const PUBLISHED = "publishedFigures { section { name } case { name } figure unit qualifier status asOf countries source }";

export class Published {
  #section = document.querySelector("#published");
  #shown = "";

  show(figures) {
    this.#section.hidden = figures.length === 0;
    // Replaced rows lose the focus and the place of a reader.
    const shown = JSON.stringify(figures);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#section.querySelector("ul").replaceChildren(...figures.map(row));
  }
}

function row({ section, case: written, figure, unit, qualifier, status, asOf, countries, source }) {
  const about = [
    section?.name,
    written?.name,
    words.figureStatus[status],
    asOf && words.asOf(asOf),
    countries && counted(countries, words.countries),
    source && link(source, `${words.source}: ${number(figure)} ${unit}`),
  ];
  const told = element("span", { className: "country" });
  for (const part of about.filter(Boolean)) told.append(" · ", part);
  return element("li", {}, element("strong", {}, words.qualifier[qualifier](number(figure))), ` ${unit}`, told);
}

/** A link to a source, which says what it is the source of. */
function link(href, label) {
  const made = element("a", { href, rel: "noreferrer" }, words.source);
  made.setAttribute("aria-label", label);
  return made;
}
