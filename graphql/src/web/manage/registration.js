// The registration of somebody who writes letters.

import { counted } from "../page/reader.js";
import { element } from "../page/service.js";
import { button, calendar, careful, meeting, paragraph, reporting, section } from "./parts.js";
import { words } from "./words.js";

export const REGISTRATION = `fragment Registration on Participant {
  takesPart: state
  name: displayName
  address: email
  revision
  letterGoal
  reported { letters reports }
  calendarIssuedAt
  campaign { id edition { year } section { name } }
  places: attendances { id stands: state event { ...Meeting } }
}`;
/** How the secrets begin that came by mail alone, and so prove the address. */
const MAILED = "w4r_mail_";

export function showRegistration({ id, takesPart, name, address, revision, letterGoal, reported, calendarIssuedAt, campaign, places }, page) {
  const parts = [paragraph(words.registered(name, campaign.section.name, campaign.edition.year))];
  if (letterGoal) parts.push(paragraph(words.goal(counted(letterGoal, words.letters))));
  if (reported.letters) parts.push(paragraph(words.reportedSoFar(counted(reported.letters, words.letters))));
  if (takesPart === "REGISTERED" && page.secret.startsWith(MAILED)) {
    const confirm = () => page.act("participantConfirm", { code: page.secret }, words.confirmed);
    parts.push(section(words.confirmTitle, paragraph(words.confirmText(address)), button(words.confirmLabel, confirm)));
  } else parts.push(paragraph(words.takesPart[takesPart](address)));
  const open = places.filter(({ stands, event }) => event && words.leaving[stands] && event.happens !== "CANCELLED");
  if (open.length > 0) parts.push(section(words.placesTitle, element("ul", {}, ...open.map((place) => row(place, page)))));
  if (takesPart !== "LEFT") {
    const report = { title: words.reportTitle, text: words.reportText, done: words.reported, more: { campaign: campaign.id, ...(reported.reports === 0 && { people: 1 }) } };
    parts.push(reporting(page, report), calendar(page, id, calendarIssuedAt !== null));
    const leave = () => page.act("participantLeave", { id, expectedRevision: revision }, words.left);
    parts.push(careful(words.leaveTitle, words.leaveText, words.leaveLabel, leave));
  }
  parts.push(careful(words.eraseTitle, words.eraseText, words.eraseLabel, () => page.end("participantErase", { id }, words.erased)));
  return { title: words.registrationTitle, parts };
}

/** A place among several; its button says of which event. */
function row({ id, stands, event }, page) {
  const { label, done } = words.leaving[stands];
  const cancel = button(label, () => page.act("attendanceCancel", { id }, done), "second");
  cancel.ariaLabel = `${label}: ${event.title}`;
  return element("li", {}, element("h3", {}, event.title), paragraph(words.stands[stands]), ...meeting(event), cancel);
}
