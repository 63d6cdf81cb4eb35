// Proofs of the transparency log, verified by the cryptography of the browser: signed heads, paths of RFC 6962, and
// the forms of C2SP. Nothing here asks the service for anything.

/** Why a proof is refused: the code is that of the library and of `w4r verify`. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.name = "Refused";
    this.code = code;
  }
}

const HEADER = "c2sp.org/tlog-proof@v1";
const SALT = 32;
const TYPE = "write-for-rights.report-revision.v1";
/** The algorithm of Ed25519 in key ids and keys. */
const ED25519 = 1;
const utf8 = new TextEncoder();

const refuse = (code) => {
  throw new Refused(code);
};

/** The bytes of Base64 that has one spelling only. */
function fromBase64(text) {
  try {
    const binary = atob(text);
    if (btoa(binary) === text) return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    // Refused below.
  }
  return refuse("MALFORMED");
}

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const equal = (one, other) => toHex(one) === toHex(other);

async function hash(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}

const parent = (left, right) => hash([1], left, right);

/** A number without a sign and without leading zeros; larger ones than a double has are no trouble. */
function decimal(text) {
  if (!/^(0|[1-9]\d{0,18})$/.test(text)) refuse("MALFORMED");
  return BigInt(text);
}

/** The public key in a line of text, with its name and its id. */
export async function readKey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const bytes = rest.length ? fromBase64(rest.join("+")) : refuse("KEY_INVALID");
  if (!name || bytes.length !== 33 || bytes[0] !== ED25519) refuse("KEY_INVALID");
  const expected = (await hash(utf8.encode(`${name}\n`), bytes)).slice(0, 4);
  if (toHex(expected) !== id) refuse("KEY_INVALID");
  return { name, id, key: await crypto.subtle.importKey("raw", bytes.slice(1), { name: "Ed25519" }, false, ["verify"]) };
}

/** The text of a signed note and its signature lines. */
function readNote(note) {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) refuse("MALFORMED");
  const signatures = note.slice(end + 2, -1).split("\n").map((line) => {
    const [, name, bytes] = line.match(/^\u2014 (\S+) (\S+)$/) ?? refuse("MALFORMED");
    return { name, bytes: fromBase64(bytes) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/** The head in a note that one of the keys has signed. */
export async function verifyHead(note, keys) {
  const { text, signatures } = readNote(note);
  const [origin, size, root] = text.split("\n");
  const head = { origin, size: decimal(size ?? ""), root: fromBase64(root ?? "") };
  if (!origin || head.root.length !== 32) refuse("MALFORMED");
  let why = "KEY_INVALID";
  for (const { name, id, key } of keys) {
    const own = signatures.filter((one) => one.name === name && toHex(one.bytes.slice(0, 4)) === id);
    if (name !== origin) why = "OTHER_ORIGIN";
    else if (!own.length) why = "NOT_SIGNED_BY_KEY";
    else {
      const checks = own.map(({ bytes }) => crypto.subtle.verify({ name: "Ed25519" }, key, bytes.slice(4), utf8.encode(text)));
      if ((await Promise.all(checks)).every(Boolean)) return head;
      why = "SIGNATURE_INVALID";
    }
  }
  return refuse(why);
}

/** The next two numbers up the path (RFC 9162, 2.1.3.2 and 2.1.4.2). */
function up(node, last, isRight) {
  if (isRight) while (node && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
  return [node >> 1n, last >> 1n];
}

async function verifyPath(leaf, index, path, { size, root }) {
  if (index >= size) refuse("INDEX_BEYOND_LOG");
  let [node, last, value] = [index, size - 1n, leaf];
  for (const sibling of path) {
    if (!last) refuse("LEAF_NOT_IN_LOG");
    const isRight = Boolean(node & 1n) || node === last;
    value = isRight ? await parent(sibling, value) : await parent(value, sibling);
    [node, last] = up(node, last, isRight);
  }
  if (last || !equal(value, root)) refuse("LEAF_NOT_IN_LOG");
}

/** Canonical JSON (RFC 8785) of what the log has: text, whole numbers, lists and objects. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

/** The report revision behind the salt of an opening. */
function readLine(opening) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(opening.slice(SALT));
    const line = JSON.parse(text);
    if (canonical(line) === text && line.type === TYPE && Array.isArray(line.lines)) return line;
  } catch {
    // Refused below.
  }
  return refuse("LINE_INVALID");
}

/** Hashes up to an empty line, and what stands behind it. */
function readHashes(lines) {
  const end = lines.indexOf("");
  if (end < 0) refuse("MALFORMED");
  const hashes = lines.slice(0, end).map(fromBase64);
  if (hashes.some((one) => one.length !== 32) || hashes.length > 64) refuse("MALFORMED");
  return { hashes, rest: lines.slice(end + 1).join("\n") };
}

/** What a receipt proves by one of these keys: the report revision, the index of its leaf, and the head of the log. */
export async function verifyReceipt(text, keys) {
  const [header, ...lines] = text.split("\n");
  if (header !== HEADER) refuse("MALFORMED");
  const extra = lines[0]?.startsWith("extra ") ? fromBase64(lines.shift().slice(6)) : null;
  const index = decimal(lines.shift()?.match(/^index (\d+)$/)?.[1] ?? "");
  const { hashes, rest } = readHashes(lines);
  const head = await verifyHead(rest, keys);
  if (!extra) refuse("OPENING_MISSING");
  await verifyPath(await hash([0], await hash(extra)), index, hashes, head);
  return { revision: readLine(extra), index, head };
}

/** The later head in the file of a consistency proof, which extends an earlier one. */
export async function verifyConsistency(text, earlier, keys) {
  const [first, ...lines] = text.split("\n");
  const from = decimal(first.match(/^old (\d+)$/)?.[1] ?? "");
  const { hashes, rest } = readHashes(lines);
  const later = await verifyHead(rest, keys);
  if (later.origin !== earlier.origin) refuse("OTHER_ORIGIN");
  if (!from || from !== earlier.size || from > later.size) refuse("NOT_CONSISTENT");
  if (from === later.size) {
    if (hashes.length || !equal(earlier.root, later.root)) refuse("NOT_CONSISTENT");
    return later;
  }
  const path = from & (from - 1n) ? hashes : [earlier.root, ...hashes];
  if (!path.length) refuse("NOT_CONSISTENT");
  let [node, last] = [from - 1n, later.size - 1n];
  while (node & 1n) [node, last] = [node >> 1n, last >> 1n];
  let [old, value] = [path[0], path[0]];
  for (const sibling of path.slice(1)) {
    if (!last) refuse("NOT_CONSISTENT");
    const isRight = Boolean(node & 1n) || node === last;
    if (isRight) old = await parent(sibling, old);
    value = isRight ? await parent(sibling, value) : await parent(value, sibling);
    [node, last] = up(node, last, isRight);
  }
  if (last || !equal(old, earlier.root) || !equal(value, later.root)) refuse("NOT_CONSISTENT");
  return later;
}
