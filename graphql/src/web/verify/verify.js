// The page that verifies receipts. The file stays in the browser: the service is asked for its keys and for the proof
// that its log still extends the one of the receipt.

import { counted, instants, number, translate } from "../page/reader.js";
import { ask, element, NoData, onMistake, SERVICE, withoutData } from "../page/service.js";
import { readKey, Refused, verifyConsistency, verifyReceipt } from "./proof.js";
import { words } from "./words.js";

const KEYS = "{ transparencyLog { verifierKeys } }";
/** The largest file that is read; a receipt of two hundred lines has about thirty kilobytes. */
const MAX_BYTES = 1_000_000;

const find = (selector) => document.querySelector(selector);

// Each file that is chosen has its own turn; what comes of an earlier one is not shown.
let turn = null;

function say(text, isTrouble = false) {
  find("#said").textContent = text;
  find("#said").classList.toggle("trouble", isTrouble);
}

/** The keys in the field. */
function keys() {
  const lines = find("#keys").value.split("\n").filter((line) => line.trim());
  return Promise.all(lines.map(readKey));
}

/** The newest head, if the service proves that it extends an earlier one; null where it cannot be reached. */
async function extended(earlier, known) {
  let text;
  try {
    const answer = await fetch(new URL(`log/proof/consistency?from=${earlier.size}`, SERVICE));
    if (!answer.ok) return null;
    text = await answer.text();
  } catch {
    return null;
  }
  return verifyConsistency(text, earlier, known);
}

/** Rows of a list of terms. */
const terms = (rows) => element("dl", {}, ...rows.flatMap(([term, ...values]) => [element("dt", {}, term), element("dd", {}, ...values)]));
/** A name that is read from left to right on every page. */
const code = (text) => element("bdi", { dir: "ltr" }, text);

function lines(revision) {
  const row = ({ case: slug, kind, quantity }) =>
    element("tr", {}, element("td", {}, words.kinds[kind] ?? kind), element("td", {}, slug ? code(slug) : words.noCase),
      element("td", { className: "number" }, number(quantity)));
  const head = [words.kind, words.case, words.quantity].map((name, column) =>
    element("th", { scope: "col", className: column === 2 ? "number" : "" }, name));
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...revision.lines.map(row)));
}

/** What a genuine receipt says. */
function show({ revision, index, head }, later) {
  const received = instants({ dateStyle: "long", timeStyle: "short" }).format(new Date(revision.receivedAt));
  const state = words.states[revision.state] ?? revision.state;
  find("#about").replaceChildren(
    terms([
      [words.report, code(revision.report), `, ${words.revision(number(revision.revision))}`],
      [words.state, state],
      [words.campaign, `${revision.edition}, ${revision.section}`],
      [words.received, received],
    ]),
    lines(revision),
    terms([
      [words.place, words.leaf(number(index), number(head.size))],
      [words.log, code(head.origin)],
      [words.today, later ? words.extends(counted(Number(later.size), words.leaves)) : words.notCompared],
    ]),
  );
}

async function verify(file) {
  const own = (turn = {});
  find("#about").replaceChildren();
  say(words.reading);
  try {
    const text = file.size > MAX_BYTES ? "" : await file.text();
    const known = await keys();
    if (!known.length) throw new Refused("KEY_INVALID");
    const receipt = await verifyReceipt(text, known);
    const later = await extended(receipt.head, known);
    if (own !== turn) return;
    say(words.genuine);
    show(receipt, later);
  } catch (error) {
    if (own !== turn) return;
    if (error instanceof Refused) say(`${words.refused} ${words.codes[error.code] ?? error.code}`, true);
    else if (error.name === "NotSupportedError") say(words.unsupported, true);
    else throw error;
  }
  find("#said").focus();
}

function begin() {
  const drop = find("#drop");
  const input = find("#file");
  find("#form").hidden = false;
  find("#form").addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("change", () => input.files[0] && verify(input.files[0]));
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const [file] = event.dataTransfer.files;
    if (file) verify(file);
  });
}

onMistake(() => say(words.broken, true));
translate(words);
document.title = words.title;
// Browsers have their cryptography on encrypted pages and on this machine only.
if (!globalThis.crypto?.subtle) {
  say(words.insecure, true);
} else {
  begin();
  const log = await ask(KEYS).catch(withoutData((error) => error));
  if (!(log instanceof NoData) && log.transparencyLog) find("#keys").value = log.transparencyLog.verifierKeys.join("\n");
}
