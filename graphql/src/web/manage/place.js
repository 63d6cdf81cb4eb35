// A place at an event, or a turn on its waiting list.

import { button, calendar, careful, meeting, paragraph } from "./parts.js";
import { words } from "./words.js";

export const PLACE = `fragment Place on Attendance {
  stands: state
  called: displayName
  event { ...Meeting }
}`;

export function showPlace({ id, stands, called, event }, page) {
  const isOff = event?.happens === "CANCELLED";
  const parts = [];
  if (!isOff) parts.push(paragraph(words.stands[stands]));
  parts.push(...(event ? meeting(event) : [paragraph(words.eventHidden)]));
  if (called) parts.push(paragraph(words.called(called)));
  const leaving = words.leaving[stands];
  if (leaving && !isOff) {
    parts.push(paragraph(leaving.text), button(leaving.label, () => page.act("attendanceCancel", { id }, leaving.done)));
  }
  parts.push(calendar(page, id, false));
  parts.push(careful(words.eraseTitle, words.erasePlace, words.eraseLabel, () => page.end("attendanceErase", { id }, words.erased)));
  return { title: event?.title ?? words.placeTitle, parts };
}
