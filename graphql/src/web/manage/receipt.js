// The receipt of a report: a file that proves to others, without the service, that the report is in its log.

import { ask, element, NoData } from "../page/service.js";
import { instants } from "../page/reader.js";
import { button, paragraph } from "./parts.js";
import { words } from "./words.js";

const RECEIPT = `query Receipt($id: ID!) {
  report(id: $id) { receipt { revision proof expectedAt } }
}`;
const MINUTE = instants({ dateStyle: "long", timeStyle: "short" });

/** A button that saves the receipt of a report, and what it is good for. `label` tells one of several from the others. */
export function receipt(page, id, label) {
  const save = async () => {
    const found = await ask(RECEIPT, { id }, page.secret).catch((error) => {
      if (!(error instanceof NoData)) throw error;
      return null;
    });
    page.say(tell(found));
  };
  const made = button(words.receiptLabel, save, "second");
  if (label) made.setAttribute("aria-label", `${words.receiptLabel}: ${label}`);
  const about = element("a", { href: "/verify" }, words.receiptVerify);
  return element("div", {}, paragraph(words.receiptText), made, " ", about);
}

/** Saves the receipt, if there is one: what came of it. */
function tell(found) {
  if (!found) return words.receiptUnread;
  const known = found.report?.receipt;
  if (!known) return words.receiptNone;
  if (!known.proof) return known.expectedAt ? words.receiptLater(MINUTE.format(Date.parse(known.expectedAt))) : words.receiptHalted;
  const href = URL.createObjectURL(new Blob([known.proof], { type: "text/plain" }));
  element("a", { href, download: `write-for-rights-${known.revision}.tlog-proof` }).click();
  // The browser has the file once the click was handled.
  setTimeout(() => URL.revokeObjectURL(href), 0);
  return words.receiptDone;
}
