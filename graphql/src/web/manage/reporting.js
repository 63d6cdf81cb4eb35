// A form that reports letters.

import { counted } from "../page/reader.js";
import { element } from "../page/service.js";
import { numberField } from "./number_field.js";
import { button, paragraph, section } from "./parts.js";
import { words } from "./words.js";

/** The maxima of the service: letters in one line, people of an event. */
const MAX_QUANTITY = 1_000_000;
const MAX_PEOPLE = 1_000_000;

/**
 * Reports whose answer was never heard, by what was typed. Sent again, each is the same report under the
 * same key, whether the first one arrived or not.
 */
const unheard = new Map();

function kept(typed, more) {
  if (!unheard.has(typed)) {
    const random = crypto.getRandomValues(new Uint8Array(16));
    const idempotencyKey = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
    unheard.set(typed, { idempotencyKey, ...more });
  }
  return unheard.get(typed);
}

/** A form that reports letters; `done` says that it was done, with the numbers, and `more` is what else the report says. */
export function reporting(page, { title, text, asksPeople, done, more }) {
  const lettersOf = (count) => counted(count, words.letters);
  const peopleOf = (count) => counted(count, words.people);
  const letters = numberField(words.lettersField, { most: MAX_QUANTITY, required: true, saidBack: (count) => words.saidBack(lettersOf(count)) });
  const people = asksPeople ? numberField(words.peopleField, { most: MAX_PEOPLE, required: true, saidBack: (count) => words.saidBack(peopleOf(count)) }) : null;
  const send = async () => {
    const quantity = letters.read();
    const writers = quantity === undefined ? undefined : people?.read();
    if (quantity === undefined || (people && writers === undefined)) return;
    const typed = { numbers: [{ kind: "APPEAL_LETTER", quantity }], ...(people && { people: writers }) };
    const name = JSON.stringify(typed);
    const said = people ? done(lettersOf(quantity), peopleOf(writers)) : done(lettersOf(quantity));
    if (await page.act("reportSubmit", kept(name, { ...more, ...typed }), said)) unheard.delete(name);
  };
  const form = element("form", { noValidate: true }, letters.place, ...(people ? [people.place] : []), button(words.report, send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button").click();
  });
  return section(title, paragraph(text), form);
}
