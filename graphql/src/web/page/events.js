// The next public events: when, where, and whether there is room.

import { address, counted, times } from "./reader.js";
import { element, SERVICE } from "./service.js";
import { words } from "./words.js";

/** What is asked about the events that begin on a day or later. */
export const EVENTS = `events(filter: { edition: $year, from: $from, states: [APPROVED] }, first: 20) {
  nodes { id title languages timeZone freePlaces sessions { endsAt localStart localEnd } place { addressLines country } }
}`;
/** More would push what this page is about out of sight. */
const SHOWN_MOST = 5;
const DAY = 86_400_000;

/** The first day on which an event may be that is not over: it is yesterday still somewhere. */
export const firstDay = (now) => new Date(now - DAY).toISOString().slice(0, 10);

export class Events {
  #section = document.querySelector("#events");
  #shown = "";

  /** Shows those that are not over now. */
  show(events, now) {
    const next = events
      .map((event) => ({ ...event, session: event.sessions.find(({ endsAt }) => Date.parse(endsAt) > now) }))
      .filter(({ session }) => session)
      .slice(0, SHOWN_MOST);
    this.#section.hidden = next.length === 0;
    // Replaced rows lose the focus and the place of a reader.
    const shown = JSON.stringify(next);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#section.querySelector("ul").replaceChildren(...next.map(rowOrTitle));
  }
}

/** The row of an event; its title alone if the browser cannot show the rest, so that all others are shown. */
function rowOrTitle(event) {
  try {
    return row(event);
  } catch (error) {
    console.warn(error);
    return element("li", {}, element("h3", {}, event.title));
  }
}

function row({ id, title, languages, timeZone, freePlaces, session, place }) {
  const where = place ? address(place) : words.online;
  const file = element("a", { href: new URL(`events/${id}.ics`, SERVICE).href }, words.toCalendar);
  file.setAttribute("aria-label", `${words.toCalendar}: ${title}`);
  const about = [where, ...(freePlaces === null ? [] : [counted(freePlaces, words.freePlaces)])].join(" · ");
  const when = element("p", {}, times(session, timeZone));
  return element("li", {}, element("h3", { lang: languages[0] ?? "" }, title), when, element("p", { className: "country" }, about), file);
}
