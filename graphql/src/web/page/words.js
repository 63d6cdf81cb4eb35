// What the page says, in the language of the reader: English and French.

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
  write: "How to write",
  writeFor: (name) => `How to write for ${name}`,
  ask: "What to ask",
  reading: "One moment …",
  begin: (salutation) => `Begin with “${salutation},”`,
  noAddress: "Your section tells you where to send the letter.",
  notNow: "How to write is shown while this page is connected: it can change at any moment, for the safety of the person.",
  restrictions: "For the safety of the person:",
  DO_NOT_MENTION_AMNESTY: "do not mention Amnesty International",
  DO_NOT_MENTION_CASE: "do not mention the case",
  NO_RELIGIOUS_CARDS: "send no religious cards",
  NO_POLITICS: "do not write about politics",
  NO_MONEY_OR_GIFTS: "send no money and no gifts",
  NO_RETURN_ADDRESS: "give no return address",
  OPEN_CARDS_ONLY: "send open cards, no letters in envelopes",
  HOUR: {
    title: "Letters by the hour",
    chart: (from, to) => `Letters by the hour, from ${from} to ${to}.`,
    most: (number, when) => `The most in one hour: ${number}, ${when}.`,
    part: "Hour",
    left: "Hours in which nothing changed are left out.",
  },
  DAY: {
    title: "Letters by the day",
    chart: (from, to) => `Letters by the day, from ${from} to ${to}.`,
    most: (number, when) => `The most on one day: ${number}, ${when}.`,
    part: "Day, in UTC",
    left: "Days on which nothing changed are left out.",
  },
  quiet: "No letters were reported in this time.",
  table: "The numbers of the chart",
  inPart: "Letters in it",
  byThen: "Letters by then",
};

const FRENCH = {
  demonstration:
    "Démonstration : toutes les déclarations sont simulées. Personne n’a écrit ces lettres ; aucun nombre de cette page ne peut être cité.",
  lead: "Chaque année, autour de la Journée des droits humains, des personnes du monde entier écrivent des lettres pour celles et ceux dont les droits sont bafoués. Voici combien elles en ont écrit.",
  growth: "Au fil du temps",
  hours: "48 heures",
  days: "Par jour",
  cases: "Cas",
  sections: "Sections",
  build: "Pour construire avec ces données",
  ide: "Éditeur GraphQL avec des exemples",
  schema: "Le schéma",
  plain: "Le total en JSON",
  ticker: "Le compteur, pour toute page",
  none: "Il n’y a pas encore d’édition.",
  trouble: "Les données n’ont pas pu être lues. Nouvel essai dans un instant.",
  // “1 000 000 de lettres”, but “1 000 001 lettres”.
  letters: { one: "lettre", many: "de lettres", other: "lettres" },
  SUSPENDED: "Suspendu pour raisons de sécurité : n’écrivez pas en ce moment.",
  CLOSED: "Clos : n’écrivez plus.",
  ARCHIVED: "Archivé : n’écrivez plus.",
  GOOD_NEWS: "Bonne nouvelle : ce qui était demandé s’est réalisé. N’écrivez plus.",
  ASKED_TO_STOP: "Clos à la demande de la personne : n’écrivez plus.",
  SAFETY: "Clos pour raisons de sécurité : n’écrivez plus.",
  write: "Comment écrire",
  writeFor: (name) => `Comment écrire pour ${name}`,
  ask: "Ce qu’il faut demander",
  reading: "Un instant…",
  begin: (salutation) => `Commencez par « ${salutation}, »`,
  noAddress: "Votre section vous dit où envoyer la lettre.",
  notNow: "La façon d’écrire n’est montrée que tant que cette page est connectée : elle peut changer à tout moment, pour la sécurité de la personne.",
  restrictions: "Pour la sécurité de la personne :",
  DO_NOT_MENTION_AMNESTY: "ne mentionnez pas Amnesty International",
  DO_NOT_MENTION_CASE: "ne mentionnez pas le cas",
  NO_RELIGIOUS_CARDS: "n’envoyez pas de cartes religieuses",
  NO_POLITICS: "n’écrivez pas sur la politique",
  NO_MONEY_OR_GIFTS: "n’envoyez ni argent ni cadeaux",
  NO_RETURN_ADDRESS: "n’indiquez pas d’adresse de retour",
  OPEN_CARDS_ONLY: "envoyez des cartes sans enveloppe",
  HOUR: {
    title: "Lettres par heure",
    chart: (from, to) => `Lettres par heure, de ${from} à ${to}.`,
    most: (number, when) => `Le plus en une heure : ${number}, ${when}.`,
    part: "Heure",
    left: "Les heures sans changement ne sont pas indiquées.",
  },
  DAY: {
    title: "Lettres par jour",
    chart: (from, to) => `Lettres par jour, du ${from} au ${to}.`,
    most: (number, when) => `Le plus en un jour : ${number}, ${when}.`,
    part: "Jour, en UTC",
    left: "Les jours sans changement ne sont pas indiqués.",
  },
  quiet: "Aucune lettre n’a été déclarée pendant ce temps.",
  table: "Les nombres du graphique",
  inPart: "Lettres",
  byThen: "Total à ce moment",
};

export const language = navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";
export const words = language === "fr" ? FRENCH : ENGLISH;

// A reader of neither language reads English, and numbers as English has them.
const locale = navigator.language.toLowerCase().startsWith(language) ? navigator.language : language;
const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules(locale);
const countries = new Intl.DisplayNames([locale], { type: "region" });

export const number = (count) => numbers.format(count);
export const letters = (count) => `${number(count)} ${words.letters[plurals.select(count)] ?? words.letters.other}`;
export const country = (code) => countries.of(code);

/** How an instant is told, in the zone of the reader unless another is given. */
export const instants = (form) => new Intl.DateTimeFormat(locale, form);

/** Puts French words in the place of the English ones that are marked by `data-text`. */
export function translate() {
  document.documentElement.lang = language;
  if (language === "en") return;
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = words[place.dataset.text];
  }
}
