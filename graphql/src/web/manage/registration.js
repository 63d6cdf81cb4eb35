// The registration of somebody who writes letters.

import { counted, instants } from "../page/reader.js";
import { element } from "../page/service.js";
import { button, calendar, careful, field, isMailed, meeting, paragraph, section } from "./parts.js";
import { receipt } from "./receipt.js";
import { reporting } from "./reporting.js";
import { words } from "./words.js";

/** The kinds of action that count as letters. */
const LETTERS = ["APPEAL_LETTER", "SOLIDARITY_MESSAGE"];
const DAY = instants({ dateStyle: "long" });

export const REGISTRATION = `fragment Registration on Participant {
  takesPart: state
  name: displayName
  address: email
  revision
  letterGoal
  roles
  agreed: contactConsent { text }
  chosen: cases { id }
  reported { letters reports }
  sent: reports(first: 20) { nodes { id revision receivedAt lines { kind quantity } } }
  calendarIssuedAt
  campaign { id edition { year } section { name } }
  places: attendances { id stands: state event { ...Meeting } }
}`;

export function showRegistration({ id, takesPart, name, address, revision, letterGoal, roles, agreed, chosen, reported, sent, calendarIssuedAt, campaign, places }, page) {
  const parts = [paragraph(words.registered(name, campaign.section.name, campaign.edition.year))];
  if (letterGoal) parts.push(paragraph(words.goal(counted(letterGoal, words.letters))));
  if (reported.letters) parts.push(paragraph(words.reportedSoFar(counted(reported.letters, words.letters))));
  if (takesPart === "REGISTERED" && isMailed(page)) {
    const said = [words.rolesSaid(roles), ...(chosen.length > 0 ? [words.casesSaid(chosen.length)] : []), ...(agreed ? [words.agreed(agreed.text)] : [])];
    const drops = element("input", { type: "checkbox" });
    const confirm = () => page.confirm("participantConfirm", { dropsDetails: drops.checked }, words.confirmed);
    const details = [paragraph(words.confirmSaid), element("ul", {}, ...said.map((one) => element("li", {}, one))), field(words.dropsDetails, drops)];
    parts.push(section(words.confirmTitle, paragraph(words.confirmText(address)), ...details, button(words.confirmLabel, confirm)));
  } else parts.push(paragraph(words.takesPart[takesPart](address)));
  const open = places.filter(({ stands, event }) => event && words.leaving[stands] && event.happens !== "CANCELLED");
  if (open.length > 0) parts.push(section(words.placesTitle, element("ul", {}, ...open.map((place) => row(place, page)))));
  if (sent.nodes.length > 0) parts.push(receipts(sent.nodes, page));
  if (takesPart !== "LEFT") {
    const report = { title: words.reportTitle, text: words.reportText, done: words.reported, more: { campaign: campaign.id, ...(reported.reports === 0 && { people: 1 }) } };
    parts.push(reporting(page, report), calendar(page, id, calendarIssuedAt !== null));
    const leave = () => page.act("participantLeave", { id, expectedRevision: revision }, words.left);
    parts.push(careful(words.leaveTitle, words.leaveText, words.leaveLabel, leave));
  }
  parts.push(careful(words.eraseTitle, words.eraseText, words.eraseLabel, () => page.end("participantErase", { id }, words.erased)));
  return { title: words.registrationTitle, parts };
}

/** The newest reports, each with its receipt. */
function receipts(reports, page) {
  const rows = [...reports].reverse().map(({ id, receivedAt, lines }) => {
    const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
    const unit = lines.every(({ kind }) => LETTERS.includes(kind)) ? words.letters : words.actions;
    const about = words.reportedOn(counted(quantity, unit), DAY.format(Date.parse(receivedAt)));
    return element("li", {}, element("h3", {}, about), receipt(page, id, about));
  });
  return element("details", {}, element("summary", {}, words.receiptsTitle), element("ul", {}, ...rows));
}

/** A place among several; its button says of which event. */
function row({ id, stands, event }, page) {
  const { label, done } = words.leaving[stands];
  const cancel = button(label, () => page.act("attendanceCancel", { id }, done), "second");
  cancel.setAttribute("aria-label", `${label}: ${event.title}`);
  return element("li", {}, element("h3", {}, event.title), paragraph(words.stands[stands]), ...meeting(event), cancel);
}
