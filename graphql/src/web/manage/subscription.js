// What somebody wants to hear of urgent actions, by mail.

import { button, careful, paragraph, section } from "./parts.js";
import { words } from "./words.js";

export const SUBSCRIPTION = `fragment Subscription on UrgentActionSubscription {
  hearsAt: email
  frequency
  confirmedAt
  revision
}`;

export function showSubscription({ id, hearsAt, frequency, confirmedAt, revision }, page) {
  const parts = [];
  if (confirmedAt === null) {
    const confirm = () => page.act("urgentActionSubscriptionConfirm", { code: page.secret }, words.hearsNow);
    parts.push(section(words.confirmTitle, paragraph(words.hearsAsked(hearsAt)), button(words.hearsLabel, confirm)));
  } else {
    const other = frequency === "WEEKLY" ? "AT_ONCE" : "WEEKLY";
    const input = { id, expectedRevision: revision, frequency: other };
    const change = () => page.act("urgentActionSubscriptionUpdate", input, words.hears[other].done);
    parts.push(paragraph(words.hears[frequency].text(hearsAt)), button(words.hears[other].label, change, "second"));
  }
  const end = () => page.end("urgentActionSubscriptionEnd", { id }, words.hearsEnded);
  parts.push(careful(words.hearsEndTitle, words.hearsEndText, words.hearsEndLabel, end));
  return { title: words.hearsTitle, parts };
}
