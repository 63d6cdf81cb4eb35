// The report of an event by its host: first one number, then later ones for as long as people write.

import { counted } from "../page/reader.js";
import { element } from "../page/service.js";
import { numberField } from "./number_field.js";
import { button, careful, field, paragraph, section } from "./parts.js";
import { receipt } from "./receipt.js";
import { asForm, MAX_PEOPLE, MAX_QUANTITY, reporting, sendOnce } from "./reporting.js";
import { words } from "./words.js";

export const HOST_REPORT = `fragment HostReport on Report {
  id revision state people lines { case { id } kind quantity }
}`;

const KIND = "APPEAL_LETTER";
const lettersOf = (count) => counted(count, words.letters);
const peopleOf = (count) => counted(count, words.people);
const lettersIn = ({ lines }) => lines.filter(({ kind }) => kind === KIND).reduce((sum, { quantity }) => sum + quantity, 0);
const asLine = ({ case: of, kind, quantity }) => ({ kind, quantity, ...(of && { case: of.id }) });

/** What a host can do about the letters of an event: report, report more, correct, and close the event. */
export function hosting(event, step, page) {
  const { happens, hostReport } = event;
  const hasBegun = Date.parse(event.startsAt) <= Date.now();
  const parts = [];
  if (hostReport) parts.push(later(hostReport, happens, page));
  else if (hasBegun && ["SUBMITTED", "APPROVED", "COMPLETED"].includes(happens)) {
    const more = { campaign: event.campaign.id, event: event.id, asHost: true };
    const text = happens === "SUBMITTED" ? `${words.hostText} ${words.hostUnapproved}` : words.hostText;
    parts.push(reporting(page, { title: words.hostTitle, text, asksPeople: true, done: words.hostDone, more }));
  }
  if (hasBegun && happens === "APPROVED") {
    const complete = () => page.act("eventComplete", step, words.completed);
    parts.push(careful(words.completeTitle, hostReport ? words.completeText : words.completeUnreported, words.completeLabel, complete));
  }
  return parts;
}

/** What was reported so far, and a form for a later number. Which kind of number it is has to be said. */
function later(report, happens, page) {
  const present = lettersIn(report);
  const so = words.hostSoFar(lettersOf(present), report.people === null ? null : peopleOf(report.people));
  const waits = report.state === "PENDING_REVIEW" ? [paragraph(words.hostHeld)] : [];
  const letters = numberField(words.lettersField, { most: MAX_QUANTITY, required: true, saidBack: (count) => words.saidBack(lettersOf(count)) });
  const people = numberField(words.peopleMore, { most: MAX_PEOPLE, saidBack: (count) => words.saidBack(peopleOf(count)) });
  const basis = choices(words.basisLegend, words.basis);
  const send = async () => {
    const quantity = letters.read();
    const chosen = quantity === undefined ? undefined : basis.read();
    const writers = chosen === undefined ? undefined : people.read();
    if (quantity === undefined || chosen === undefined || writers === undefined) return;
    // A figure so far is of the whole report: what it says of cases and other kinds goes along.
    const lines = chosen === "SO_FAR" ? report.lines.filter(({ case: of, kind }) => of || kind !== KIND).map(asLine) : [];
    const typed = { basis: chosen, numbers: [{ kind: KIND, quantity }], lines, ...(writers !== null && { people: writers }) };
    await sendOnce(page, "reportUpdate", typed, { id: report.id, expectedRevision: report.revision }, updated, UPDATED);
  };
  const form = asForm(letters.place, basis.place, people.place, button(words.report, send));
  const text = happens === "APPROVED" ? words.hostMore : words.hostLater;
  return section(words.hostTitle, paragraph(so), ...waits, paragraph(text), form, receipt(page, report.id), correcting(report, page));
}

/** The form for a number that was wrong, with the reason. */
function correcting(report, page) {
  const letters = numberField(words.correctField, { most: MAX_QUANTITY, required: true, saidBack: (count) => words.saidBack(lettersOf(count)) });
  const reason = element("textarea", { rows: 2, maxLength: 2_000, required: true });
  const correct = async () => {
    const quantity = letters.read();
    if (quantity === undefined || !reason.reportValidity()) return;
    const lines = report.lines.filter(({ kind }) => kind !== KIND).map(asLine);
    const people = report.people === null ? {} : { people: report.people };
    const typed = { numbers: [{ kind: KIND, quantity }], lines, reason: reason.value, ...people };
    await sendOnce(page, "reportCorrect", typed, { id: report.id, expectedRevision: report.revision }, updated, UPDATED);
  };
  return careful(words.correctTitle, words.correctText, words.correctLabel, correct, letters.place, field(words.correctReason, reason));
}

const UPDATED = "report { state lines { kind quantity } } warnings { code }";

/** What came of a later number: what the report says now, and what may be wrong about it. */
function updated({ report, warnings }) {
  const said = [words.hostUpdated(lettersOf(lettersIn(report)))];
  if (report.state === "PENDING_REVIEW") said.push(words.hostHeld);
  said.push(...warnings.flatMap(({ code }) => words.warnings[code] ?? []));
  return said.join(" ");
}

/** A choice of one among some, none of which is chosen before. `read()` gives it, or undefined once it is said that it is missing. */
function choices(legend, labels) {
  const name = `choice-${Math.random().toString(36).slice(2)}`;
  const inputs = Object.entries(labels).map(([value, label]) => {
    const input = element("input", { type: "radio", name, value, id: `${name}-${value}` });
    return { input, row: element("p", { className: "choice" }, input, element("label", { htmlFor: input.id }, label)) };
  });
  const said = element("p", { className: "typed wrong", id: `${name}-said` });
  const place = element("fieldset", {}, element("legend", {}, legend), ...inputs.map(({ row }) => row), said);
  place.setAttribute("aria-describedby", said.id);
  place.addEventListener("change", () => (said.textContent = ""));
  const read = () => {
    const chosen = inputs.find(({ input }) => input.checked);
    if (chosen) return chosen.input.value;
    said.textContent = words.basisMissing;
    inputs[0].input.focus();
    return undefined;
  };
  return { place, read };
}
