// In which language the reader reads, English or French, and how numbers and instants are told there.

export const language = navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";

// A reader of neither language reads English, and numbers as English has them.
export const locale = navigator.language.toLowerCase().startsWith(language) ? navigator.language : language;
const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules(locale);
const countries = new Intl.DisplayNames([locale], { type: "region" });

export const number = (count) => numbers.format(count);
/**
 * What a total is told in: letters, or actions where most of them are no letters, such as signatures. The ticker counts
 * by the same rule.
 */
export const unitOf = ({ letters, actions }) => (2 * letters < actions ? "actions" : "letters");
/** So many of something, whose forms are named for the plurals of the language. */
export const counted = (count, forms) => `${number(count)} ${forms[plurals.select(count)] ?? forms.other}`;
export const country = (code) => countries.of(code);
/** The address of a place in one line: the last of its lines is the country in English, the page has its language. */
export const address = (place) => [...place.addressLines.slice(0, -1), country(place.country)].join(", ");

/** How an instant is told, in the zone of the reader unless another is given. */
export const instants = (form) => new Intl.DateTimeFormat(locale, form);

/**
 * From when to when, by the local times that the service gives, and the name of their zone. The browser is not asked
 * for the zone: it may not know it, or know rules that have changed since.
 */
export function times({ localStart, localEnd }, timeZone) {
  const day = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  // Local times are read and written as if they were UTC, so that they stay what they are.
  const form = instants({ ...day, hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  const [from, to] = [localStart, localEnd].map((local) => Date.parse(`${local}Z`));
  // Where clocks go back, an end may be earlier by the clock than its start; that is no range.
  const range = from <= to ? form.formatRange(from, to) : `${form.format(from)} – ${form.format(to)}`;
  return `${range} (${timeZone.replaceAll("_", " ")})`;
}

/** Puts French words in the place of the English ones that are marked by `data-text`. */
export function translate(words) {
  document.documentElement.lang = language;
  if (language === "en") return;
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = words[place.dataset.text];
  }
}
