// A place at an event, or a turn on its waiting list.

import { button, calendar, careful, isMailed, meeting, paragraph, section } from "./parts.js";
import { words } from "./words.js";

export const PLACE = `fragment Place on Attendance {
  stands: state
  called: displayName
  mailedTo: email
  provedAt: confirmedAt
  event { ...Meeting }
}`;

export function showPlace({ id, stands, called, mailedTo, provedAt, event }, page) {
  const isOff = event?.happens === "CANCELLED";
  const parts = [];
  if (!isOff) parts.push(paragraph(words.stands[stands]));
  parts.push(...(event ? meeting(event) : [paragraph(words.eventHidden)]));
  if (called) parts.push(paragraph(words.called(called)));
  if (provedAt === null && mailedTo && isMailed(page) && !isOff) {
    const confirm = () => page.confirm("attendanceConfirm", {}, words.confirmed);
    parts.push(section(words.confirmTitle, paragraph(words.placeConfirm(mailedTo)), button(words.confirmLabel, confirm)));
  }
  const leaving = words.leaving[stands];
  if (leaving && !isOff) {
    parts.push(paragraph(leaving.text), button(leaving.label, () => page.act("attendanceCancel", { id }, leaving.done)));
  }
  parts.push(calendar(page, id, false));
  parts.push(careful(words.eraseTitle, words.erasePlace, words.eraseLabel, () => page.end("attendanceErase", { id }, words.erased)));
  return { title: event?.title ?? words.placeTitle, parts };
}
