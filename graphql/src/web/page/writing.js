// How to write for a case. It is there while the case is published, and told while the page hears
// at once of every change: an address of a case that was suspended must not stand on a forgotten
// screen.

import { language } from "./reader.js";
import { ask, element, withoutData } from "./service.js";
import { words } from "./words.js";

const WRITING = `query Writing($year: Int!, $slug: String!, $language: Language!) {
  case(edition: $year, slug: $slug) {
    text(language: $language) { language ask }
    authorities { title name salutation address { lines email restrictions } }
  }
}`;

export class Writing {
  /** Where it stands. */
  place = element("div");
  #case;
  #told = element("div", { className: "told" });
  #details;
  #isConnected = false;
  // Each reading has its own; what comes back for an earlier one is not shown.
  #reading = null;

  /** How to write for the case with this slug of the edition of this year. */
  constructor(year, slug, name) {
    this.#case = { year, slug, language };
    const title = element("summary", {}, words.write);
    title.setAttribute("aria-label", words.writeFor(name));
    this.#details = element("details", { className: "writing" }, title, this.#told);
    this.#details.addEventListener("toggle", () => this.#show());
  }

  /** Whether people may write for the case. */
  allow(isPublished) {
    if (isPublished === this.#details.isConnected) return;
    if (!isPublished) this.#details.open = false;
    this.place.replaceChildren(...(isPublished ? [this.#details] : []));
    this.#show();
  }

  /** Whether the page hears of changes. */
  connect(isConnected) {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    this.#show();
  }

  async #show() {
    const reading = (this.#reading = {});
    const isOpen = this.#details.open && this.#details.isConnected;
    if (!isOpen) return this.#told.replaceChildren();
    if (!this.#isConnected) return this.#told.replaceChildren(element("p", {}, words.notNow));
    this.#told.replaceChildren(element("p", {}, words.reading));
    const parts = await ask(WRITING, this.#case)
      .then(({ case: one }) => (one ? partsOf(one) : []))
      .catch(withoutData(() => [element("p", {}, words.trouble)]));
    if (reading === this.#reading) this.#told.replaceChildren(...parts);
  }
}

function partsOf({ text, authorities }) {
  const parts = [];
  if (text?.ask) {
    parts.push(element("h3", {}, words.ask), element("p", { lang: text.language }, text.ask));
  }
  for (const authority of authorities) parts.push(...letter(authority));
  return parts;
}

/** Whom to address, and how. What must not be in a letter stands with its address. */
function letter({ title, name, salutation, address }) {
  const parts = [element("h3", {}, name ? `${title}, ${name}` : title)];
  if (salutation) parts.push(element("p", {}, words.begin(salutation)));
  const lines = [...(address?.lines ?? []), address?.email].filter(Boolean);
  if (lines.length === 0) parts.push(element("p", {}, words.noAddress));
  else {
    const envelope = element("address");
    envelope.append(...lines.flatMap((line, index) => (index ? [element("br"), line] : [line])));
    parts.push(envelope);
  }
  if (address?.restrictions.length) {
    const list = element("ul", {}, ...address.restrictions.map((one) => element("li", {}, words[one] ?? one)));
    parts.push(element("div", { className: "restrictions" }, element("p", {}, words.restrictions), list));
  }
  return parts;
}
