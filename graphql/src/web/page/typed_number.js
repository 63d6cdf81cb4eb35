// Whole numbers as people type them, read as `typed_number` of the library in Rust reads them. The vectors of
// that module test both.

/** The largest number that every client reads exactly. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER;
/**
 * Languages and their regions by the sign between groups of digits: CLDR 48.2.0, Latin digits, languages of
 * modern coverage. The last line has regions that write neither, unlike their language elsewhere.
 */
const GROUPS = [
  [
    "comma",
    `
    ak am ar as bn chr cy en fa fil ga gd gu ha he hi ig ja km kn ko kok ml mn mr ms my ne or pa
    pcm qu sd shn si so sw ta te th ti ur yo yue zh zu es-419 es-BR es-BZ es-CU es-DO es-GT
    es-HN es-MX es-NI es-PA es-PE es-PR es-SV es-US`,
  ],
  [
    "dot",
    `
    az bs ca da de dsb el es eu gl hr hsb id is it jv lo mk nl ps pt ro sl sr tr vi ar-DZ ar-LB
    ar-LY ar-MA ar-MR ar-TN en-AT en-BE en-DE en-DK en-ES en-ID en-IT en-NL en-PL en-RO en-SI
    fr-LU fr-MA ms-BN ms-ID qu-BO sw-CD`,
  ],
  [
    null,
    `
    de-AT de-CH de-LI en-CH en-CZ en-EE en-FI en-FR en-GE en-HU en-LT en-LV en-NO en-PT en-SE
    en-SK en-UA en-ZA es-CR it-CH pt-AO pt-CH pt-CV pt-GQ pt-GW pt-LU pt-MO pt-MZ pt-PT pt-ST
    pt-TL`,
  ],
];
const GROUP_SIGNS = new Map(
  GROUPS.flatMap(([sign, tags]) => tags.trim().split(/\s+/).map((tag) => [tag.toLowerCase(), sign])),
);

/** Keyboards and copies from pages add marks that only direct the text around them. */
const DIRECTION_MARKS = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** What stands between digits, with full-width and typographic forms. */
const SIGNS = [
  ["space", /[ \u00a0\u2000-\u200a\u202f\u205f\u3000]/],
  ["apostrophe", /['\u2019\uff07]/],
  ["comma", /[,\uff0c]/],
  ["dot", /[.\uff0e]/],
  ["arabicGroup", /\u066c/],
  ["arabicDecimal", /\u066b/],
];
const DIGIT = /\p{Nd}/u;

/** A decimal digit: the zero of its script, and its value; null if it is none. */
function digit(character) {
  if (!DIGIT.test(character)) return null;
  const code = character.codePointAt(0);
  let first = code;
  while (first > 0 && DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  // Some scripts follow one another without a gap, each with ten digits.
  const value = (code - first) % 10;
  return { zero: code - value, value };
}

/** The sign between groups in a language, if it is a comma or a dot. */
function groupSign(language) {
  const [base, ...subtags] = language.toLowerCase().split("-");
  const region = subtags.find((subtag) => /^([a-z]{2}|[0-9]{3})$/.test(subtag));
  const regional = GROUP_SIGNS.get(`${base}-${region}`);
  return regional === undefined ? (GROUP_SIGNS.get(base) ?? null) : regional;
}

/** Digits in groups, with a sign between each two; null for anything else. */
function split(text) {
  const groups = [[]];
  const signs = [];
  let script = null;
  for (const character of text) {
    const found = digit(character);
    if (found) {
      script ??= found.zero;
      if (found.zero !== script) return null;
      groups[groups.length - 1].push(found.value);
    } else {
      const [sign] = SIGNS.find(([, form]) => form.test(character)) ?? [];
      if (!sign) return null;
      signs.push(sign);
      groups.push([]);
    }
  }
  return groups.every((group) => group.length > 0) ? { groups, signs } : null;
}

/** What is wrong with the signs; null if they can only be between groups. */
function problemOfSigns({ groups: [first, ...rest], signs }, language) {
  const [sign] = signs;
  if (!sign) return null;
  if (signs.some((other) => other !== sign)) return "AMBIGUOUS";
  if (sign === "arabicDecimal") return "NOT_WHOLE";
  const begins = (most) => first.length <= most && first[0] !== 0;
  const isGrouped = begins(3) && rest.every((group) => group.length === 3);
  if (sign !== "comma" && sign !== "dot") return isGrouped ? null : "NOT_A_NUMBER";
  if (signs.length > 1) {
    // As in `12,34,567` of India.
    const pairs = rest.slice(0, -1).every((group) => group.length === 2) && rest[rest.length - 1].length === 3;
    return isGrouped || (sign === "comma" && begins(2) && pairs) ? null : "AMBIGUOUS";
  }
  if (!isGrouped) return "NOT_WHOLE";
  return groupSign(language) === sign ? null : "AMBIGUOUS";
}

/**
 * A whole number that was typed on a page in this language: `number`, or `problem`, the name of what is wrong.
 * What could mean two numbers is a problem, so that the person is asked.
 */
export function parseTypedNumber(typed, language = "") {
  const text = typed.replace(DIRECTION_MARKS, "").trim();
  if (!text) return { problem: "EMPTY" };
  const found = split(text);
  const problem = found ? problemOfSigns(found, language ?? "") : "NOT_A_NUMBER";
  if (problem) return { problem };
  const number = found.groups.flat().reduce((sum, value) => 10 * sum + value, 0);
  return number > MAX_COUNT ? { problem: "TOO_LARGE" } : { number };
}
