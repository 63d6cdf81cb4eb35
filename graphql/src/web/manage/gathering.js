// An event, for its organizer.

import { counted, number } from "../page/reader.js";
import { element } from "../page/service.js";
import { hosting } from "./hosting.js";
import { numberField } from "./number_field.js";
import { button, careful, copied, field, isMailed, meeting, paragraph, section } from "./parts.js";
import { words } from "./words.js";

/** The maximum of the service: a stadium. */
const MAX_CAPACITY = 100_000;

export const GATHERING = `fragment Gathering on Event {
  ...Meeting
  revision
  description
  going
  waiting
  startsAt
  capacity
  invitation
  pendingChanges { field approved }
  campaign { id }
  hostReport { ...HostReport }
  guests: attendances(first: 100) { nodes { id stands: state called: displayName mail: email } pageInfo { hasNextPage } }
}`;

export function showGathering(event, page) {
  const { id, title, happens, revision } = event;
  const step = { id, expectedRevision: revision };
  const parts = [paragraph(words.happens[happens])];
  if (event.pendingChanges.length > 0) parts.push(pending(event.pendingChanges));
  parts.push(...meeting(event));
  if (isMailed(page)) {
    const confirm = () => page.confirm("eventConfirm", {}, words.confirmed);
    parts.push(section(words.confirmTitle, paragraph(words.eventConfirm), button(words.confirmLabel, confirm)));
    return { title, parts };
  }
  if (happens === "DRAFT" || happens === "REJECTED") {
    parts.push(button(words.submitLabel, () => page.act("eventSubmit", step, words.submitted)));
  }
  if (event.invitation) parts.push(section(words.invitationTitle, copied(words.invitation, event.invitation)));
  if (event.guests.nodes.length > 0) parts.push(guests(event));
  const hasBegun = Date.parse(event.startsAt) <= Date.now();
  parts.push(...hosting(event, step, page));
  if (!["CANCELLED", "COMPLETED", "REPORTED"].includes(happens) && !hasBegun) {
    parts.push(changing(event, step, page));
    const reason = element("textarea", { rows: 3, maxLength: 2_000, required: true });
    const cancel = () => reason.reportValidity() && page.act("eventCancel", { ...step, reason: reason.value }, words.cancelled);
    parts.push(careful(words.cancelTitle, words.cancelText, words.cancelLabel, cancel, field(words.cancelReason, reason)));
  }
  return { title, parts };
}

/** Which words wait for review, and what everybody else reads of each. */
function pending(changes) {
  const rows = changes.flatMap(({ field, approved }) => {
    const value = field === "VISIBILITY" ? words.visibility[approved] : approved;
    return [element("dt", {}, words.reviewed[field]), element("dd", {}, value ?? words.nothingApproved)];
  });
  return section(words.pendingTitle, paragraph(words.pendingChanges), element("dl", {}, ...rows));
}

/** What organizers change most often. All the rest is for the tool that they registered it with. */
function changing({ title, description, capacity }, step, page) {
  const name = element("input", { value: title, maxLength: 200, required: true });
  const about = element("textarea", { value: description ?? "", rows: 5, maxLength: 20_000 });
  const placesOf = (count) => counted(count, words.places);
  const room = numberField(words.roomField, { most: MAX_CAPACITY, value: capacity ?? "", saidBack: (count) => words.saidBack(placesOf(count)) });
  const change = () => {
    if (!name.reportValidity()) return null;
    const places = room.read();
    if (places === undefined) return null;
    const said = { title: name.value, description: about.value.trim() || null, capacity: places };
    return page.act("eventUpdate", { ...step, ...said }, words.changed(places === null ? null : placesOf(places)));
  };
  const fields = [field(words.titleField, name), field(words.aboutField, about), room.place];
  return element("details", {}, element("summary", {}, words.changeTitle), paragraph(words.changeText), ...fields, button(words.changeLabel, change));
}

/** Who comes and who waits, in the order in which they joined. */
function guests({ going, waiting, capacity, guests: { nodes, pageInfo } }) {
  const coming = nodes.filter(({ stands }) => stands !== "CANCELLED");
  const rows = coming.map(({ stands, called, mail }) => {
    const name = [called ?? words.erasedGuest, mail].filter(Boolean).join(", ");
    return element("li", {}, element("div", { className: "row" }, element("span", {}, name), element("span", {}, words.guest[stands])));
  });
  const more = pageInfo.hasNextPage ? [paragraph(words.moreGuests)] : [];
  const count = words.guestCount(number(going), number(waiting), capacity === null ? null : number(capacity));
  return section(words.guestsTitle, paragraph(count), element("ul", {}, ...rows), ...more);
}
