// A field for a whole number. A number field of a browser drops what it does not understand: of `12,5` it makes
// 125. This one is a text field that is read in one place, and that says the number back before it counts.

import { locale, number } from "../page/reader.js";
import { element } from "../page/service.js";
import { parseTypedNumber } from "../page/typed_number.js";
import { field } from "./parts.js";
import { words } from "./words.js";

/** Longer than any number of these fields with its signs and marks. */
const MAX_TYPED = 40;

/**
 * A field with its label, for a number from `least` to `most`. `saidBack(number)` says what the number means.
 * `read()` gives the number, null for an empty field that is not `required`, or undefined once it is said what
 * is wrong.
 */
export function numberField(label, { least = 1, most, required = false, value = "", saidBack }) {
  const input = element("input", { type: "text", inputMode: "numeric", autocomplete: "off", maxLength: MAX_TYPED, value, required });
  const place = field(label, input);
  const said = element("output", { className: "typed", id: `${input.id}-said` });
  said.htmlFor.add(input.id);
  input.setAttribute("aria-describedby", said.id);
  place.append(said);

  const parse = () => {
    const { number: typed, problem } = parseTypedNumber(input.value, locale);
    if (problem === "EMPTY" && !required) return { number: null };
    if (problem) return { problem: words.typedNumber[problem] };
    if (typed < least || typed > most) return { problem: words.typedNumber.OUT_OF_RANGE(number(least), number(most)) };
    return { number: typed };
  };
  const say = (text, isWrong) => {
    said.textContent = text;
    said.classList.toggle("wrong", isWrong);
    if (isWrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  // What is wrong is said when the number is read: half of a number may be no number, and a text that appears
  // when the field is left would move the button away from the finger that leaves it.
  input.addEventListener("input", () => {
    const { number: typed } = parse();
    say(typed === null || typed === undefined ? "" : saidBack(typed), false);
  });
  const read = () => {
    const { number: typed, problem } = parse();
    if (!problem) return typed;
    say(problem, true);
    input.focus();
    return undefined;
  };
  return { place, input, read };
}
