// What the pages behind our links are made of.

import { address, times } from "../page/reader.js";
import { element } from "../page/service.js";
import { words } from "./words.js";

/** What is told of an event wherever one is shown. */
export const MEETING = `fragment Meeting on Event {
  id title happens: state stateReason timeZone onlineLink
  sessions { localStart localEnd }
  place { addressLines country }
}`;

export const paragraph = (text) => element("p", {}, text);

/** How the secrets begin that came by mail alone, and so prove the address. */
const MAILED = "w4r_mail_";

/** Whether this page was opened by what came by mail alone. */
export const isMailed = (page) => page.secret.startsWith(MAILED);

export function section(title, ...children) {
  return element("section", {}, element("h2", {}, title), ...children);
}

/** A button that does this once it is pressed, and nothing more until that is done. */
export function button(label, press, kind = "") {
  const made = element("button", { type: "button", className: `press ${kind}` }, label);
  // A disabled button would lose the focus.
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    made.setAttribute("aria-disabled", "true");
    try {
      await press();
    } finally {
      made.removeAttribute("aria-disabled");
    }
  });
  return made;
}

/** What cannot be taken back is explained before there is a button for it. */
export function careful(title, text, label, press, ...fields) {
  return element("details", {}, element("summary", {}, title), paragraph(text), ...fields, button(label, press, "danger"));
}

/** A field with its label. */
export function field(label, input) {
  input.id = `field-${Math.random().toString(36).slice(2)}`;
  return element("p", {}, element("label", { htmlFor: input.id }, label), input);
}

/** What is there to be copied, with its label. */
export function copied(label, value) {
  return field(label, element("input", { readOnly: true, value, autocomplete: "off", spellcheck: false }));
}

/** When and where an event takes place, as far as the viewer may know. */
export function meeting({ sessions, timeZone, place, onlineLink, happens, stateReason }) {
  const rows = [[words.when, ...sessions.map((session) => times(session, timeZone))]];
  if (place) rows.push([words.where, address(place)]);
  if (onlineLink) rows.push([words.online, element("a", { href: onlineLink, rel: "noreferrer" }, onlineLink)]);
  if (stateReason) rows.push([words.reason, stateReason]);
  const list = element("dl");
  for (const [term, ...told] of rows) list.append(element("dt", {}, term), ...told.map((one) => element("dd", {}, one)));
  if (happens !== "CANCELLED") return [list];
  return [element("p", { className: "state" }, words.isOff), list];
}

/** The address of a calendar of one's own. */
export function calendar(page, id, isThere) {
  const told = element("div");
  const issue = async () => {
    const payload = await page.change("calendarUrlIssue", { id }, "url");
    if (!payload) return;
    told.replaceChildren(copied(words.calendarAddress, payload.url), paragraph(words.calendarKeep));
    page.say(words.calendarDone);
    told.querySelector("input").select();
  };
  const parts = [paragraph(words.calendar), ...(isThere ? [paragraph(words.calendarAgain)] : [])];
  return section(words.calendarTitle, ...parts, button(isThere ? words.calendarReplace : words.calendarUrlIssue, issue, "second"), told);
}
