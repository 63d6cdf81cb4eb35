// A form that reports letters.

import { counted } from "../page/reader.js";
import { element } from "../page/service.js";
import { numberField } from "./number_field.js";
import { button, paragraph, section } from "./parts.js";
import { words } from "./words.js";

/** The maxima of the service: letters in one line, people of an event. */
export const MAX_QUANTITY = 1_000_000;
export const MAX_PEOPLE = 1_000_000;

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

/**
 * Sends what was typed, and `more` that says what it is about: whether it was done. After an answer it is no longer kept,
 * so that the same number typed anew is another one.
 */
export async function sendOnce(page, mutation, typed, more, done, selection) {
  const name = JSON.stringify([mutation, more.id, typed]);
  const isDone = await page.act(mutation, kept(name, { ...more, ...typed }), done, selection);
  if (isDone || page.wasAnswered) unheard.delete(name);
  return isDone;
}

/** A form that the key for a new line sends, too. */
export function asForm(...parts) {
  const form = element("form", { noValidate: true }, ...parts);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button").click();
  });
  return form;
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
    const said = people ? done(lettersOf(quantity), peopleOf(writers)) : done(lettersOf(quantity));
    await sendOnce(page, "reportSubmit", typed, more, said);
  };
  const form = asForm(letters.place, ...(people ? [people.place] : []), button(words.report, send));
  return section(title, paragraph(text), form);
}
