// Judges mutants of the project's own documents by graphql-js and by a service:
//
//   node fuzz-documents.mjs http://127.0.0.1:8080/graphql [MUTANTS] [SEED]
//
// The documents are those of the guides, the pages, the tests and the table `tests/documents/cases.json`. A mutant has
// one to three edits of tokens or of characters. The operation that a request names is in no document, so that nothing
// is executed: a document that is accepted is answered with the error that it has no such operation.
//
// A document that graphql-js refuses and the service accepts is a fault. A document that only the service refuses needs
// a reason of the list below. Exits with 1 if anything else is found. The service needs `--max-batch-size 100` and
// `--cost-per-minute 0`.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildSchema, Lexer, parse, Source, TokenKind, validate, version } from 'graphql';

const url = process.argv[2];
const wanted = Number(process.argv[3] ?? 100_000);
const seed = Number(process.argv[4] ?? 1);
if (!url || !Number.isInteger(wanted) || !Number.isInteger(seed)) {
  console.error('usage: node fuzz-documents.mjs URL [MUTANTS] [SEED]');
  process.exit(2);
}
const BATCH_SIZE = 100;
const MAX_EXAMPLES = 10;
const OPERATION_NAME = 'OperationOfNoDocument';

/** Why the service may refuse a document that graphql-js accepts. */
const REASONS = [
  ['a limit of the service', ({ code }) => code === 'QUERY_TOO_COSTLY'],
  [
    'a value of a custom scalar, which graphql-js does not know from the schema alone',
    ({ code, message }) => code === 'BAD_USER_INPUT' && message.startsWith('Invalid value:'),
  ],
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const schema = buildSchema(read('schema.graphql'));

/** What graphql-js answers to a document, in the words of the table. */
function answerOf(document) {
  try {
    return validate(schema, parse(document)).length === 0 ? 'accepted' : 'validation';
  } catch {
    return 'syntax';
  }
}
const isAccepted = (document) => answerOf(document) === 'accepted';

function* filesIn(folder) {
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    if (['node_modules', '__generated__'].includes(name)) continue;
    if (statSync(join(root, path)).isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

/** Everything in a file that may be a document: blocks of code, and literals of Rust and JavaScript. */
function* candidates(path) {
  const text = read(path);
  if (path.endsWith('.graphql')) yield text;
  if (path.endsWith('.md')) for (const [, block] of text.matchAll(/^```graphql\n([^]*?)^```/gm)) yield block;
  if (/\.(rs|mjs|js|ts|html)$/.test(path)) {
    for (const [, literal] of text.matchAll(/"((?:[^"\\]|\\.)*)"/g)) {
      yield literal.replace(/\\\r?\n\s*/g, '').replace(/\\(["\\])/g, '$1').replace(/\\n/g, '\n');
    }
    for (const [, literal] of text.matchAll(/`([^`$]*)`/g)) yield literal;
  }
}

function realDocuments() {
  const found = new Set();
  const add = (text) => {
    if (text.length < 8_000 && isAccepted(text)) found.add(text.trim());
  };
  const paths = ['README.md', ...filesIn('graphql/docs'), ...filesIn('graphql/src'), ...filesIn('tests')];
  for (const path of paths) {
    if (/\.(graphql|md|rs|mjs|js|ts|html)$/.test(path)) for (const text of candidates(path)) add(text);
  }
  for (const { document } of JSON.parse(read('tests/documents/cases.json')).cases) add(document);
  return [...found].sort();
}

/** The generator mulberry32: the same seed gives the same mutants. */
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const next = random(seed);
const below = (limit) => Math.floor(next() * limit);
const among = (list) => list[below(list.length)];

/** The tokens of a document with what is between them: pieces that give the document when they are joined. */
function pieces(document) {
  const lexer = new Lexer(new Source(document));
  const found = [];
  let end = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      found.push(document.slice(end, token.start), document.slice(token.start, token.end));
      end = token.end;
    }
  } catch {
    // A mutant may have no tokens from here on.
  }
  found.push(document.slice(end));
  return found;
}

const CHARACTERS = [
  ...'{}()[]:!$@=|&.,"\'\\#-+0159eEuUxa_ \t\n\r<>*/?~`^%;',
  '"""', '...', '\\u', '\\u{', '\r\n', '\u{feff}', '\u{0}', '\u{7f}', '\u{a0}', '\u{2028}', 'é', '🏃', '-0', '01', '1.',
  '# ', ' on ', ' null ', ' true ', 'query', 'fragment', 'type A { a: Int }', '"described" ', '$a', '@skip(if: true)',
  '@include(if: false)', '{ a: 1, a: 2 }', '[1]', '[[1]]', '1e9', '2147483648', '""', '__typename', '__schema', 'a: ',
];

const IGNORED = [',', ' ', '\n', '\r', '\t', '# a comment\n', '#"\n', '\u{feff}', ',,', '"described" ', '"""\nde\n""" '];

/** The tokens of the same kind. */
function alike(token, tokens) {
  const kind = (text) => (/^[_A-Za-z]/.test(text) ? 'name' : /^[-0-9]/.test(text) ? 'number' : text[0]);
  return tokens.filter((other) => kind(other) === kind(token));
}

function editTokens(document, tokens) {
  const parts = pieces(document);
  const count = (parts.length - 1) / 2;
  if (count < 1) return document;
  const at = (index) => index * 2 + 1;
  const place = at(below(count));
  const other = at(below(count));
  const edits = [
    () => parts.splice(place, 1),
    () => parts.splice(place, 0, parts[place], ' '),
    () => ([parts[place], parts[other]] = [parts[other], parts[place]]),
    () => parts.splice(place, 0, among(tokens), ' '),
    () => (parts[place] = among(tokens)),
    // Another token of the same kind, and what has no meaning, leave many mutants valid.
    () => (parts[place] = among(alike(parts[place], tokens))),
    () => parts.splice(place, 0, among(IGNORED)),
    () => (parts[place] = among(parts.filter((_, index) => index % 2))),
    () => {
      // A part of the document is taken away, or stands there twice.
      const [from, to] = [Math.min(place, other), Math.max(place, other)];
      const part = parts.slice(from, Math.min(to + 1, from + 12));
      if (next() < 0.5) parts.splice(from, part.length);
      else parts.splice(from, 0, ...part, ' ');
    },
  ];
  among(edits)();
  return parts.join('');
}

function editCharacters(document) {
  const characters = [...document];
  const place = below(characters.length + 1);
  among([
    () => characters.splice(place, 1),
    () => characters.splice(place, 0, among(CHARACTERS)),
    () => characters.splice(place, 1, among(CHARACTERS)),
  ])();
  return characters.join('');
}

function mutant(documents, tokens) {
  let document = among(documents);
  const edits = among([1, 1, 1, 1, 2, 2, 3]);
  for (let done = 0; done < edits; done += 1) {
    document = next() < 0.75 ? editTokens(document, tokens) : editCharacters(document);
  }
  return document;
}

/** The first error of each document of a batch; null for a document that is accepted. */
async function judgements(documents) {
  const requests = documents.map((query) => ({ query, operationName: OPERATION_NAME }));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(requests),
  });
  const answers = await response.json();
  if (!Array.isArray(answers)) throw new Error(`the batch was refused: ${JSON.stringify(answers)}`);
  return answers.map(({ errors, data }) => {
    if (data !== undefined || !errors?.length) throw new Error('a document was executed');
    const { message, extensions } = errors[0];
    const isMissing = message.startsWith(`The document has no operation \`${OPERATION_NAME}\``);
    return isMissing ? null : { code: extensions?.code ?? '', message };
  });
}

// The table says what graphql-js answers.
for (const { document, answer } of JSON.parse(read('tests/documents/cases.json')).cases) {
  const found = answerOf(document);
  if (found !== answer) {
    console.error(`graphql-js ${version} answers ${found} and not ${answer}: ${JSON.stringify(document)}`);
    process.exitCode = 1;
  }
}

const documents = realDocuments();
const tokens = [...new Set(documents.flatMap((document) => pieces(document).filter((_, index) => index % 2)))].sort();
console.log(`graphql ${version}, ${documents.length} documents, ${wanted} mutants, seed ${seed}`);

const counts = { both: 0, neither: 0, reference: new Map(), service: [] };
const unexplained = [];
function compare(document, refusal) {
  const accepted = isAccepted(document);
  if (accepted && !refusal) counts.both += 1;
  else if (!accepted && refusal) counts.neither += 1;
  else if (!accepted) counts.service.push(document);
  else {
    const reason = REASONS.find(([, applies]) => applies(refusal))?.[0];
    if (reason) counts.reference.set(reason, (counts.reference.get(reason) ?? 0) + 1);
    else unexplained.push([document, refusal]);
  }
}

// The documents themselves come first: each of them is accepted by both, unless there is a reason.
const queue = [...documents];
const total = documents.length + wanted;
for (let done = 0; done < total; done += BATCH_SIZE) {
  const batch = [];
  while (batch.length < Math.min(BATCH_SIZE, total - done)) batch.push(queue.shift() ?? mutant(documents, tokens));
  const refusals = await judgements(batch);
  batch.forEach((document, index) => compare(document, refusals[index]));
}

console.log(`accepted by both: ${counts.both}`);
console.log(`refused by both: ${counts.neither}`);
for (const [reason, count] of counts.reference) console.log(`refused by the service alone, ${reason}: ${count}`);
console.log(`refused by the service alone, without a reason: ${unexplained.length}`);
console.log(`refused by graphql-js alone: ${counts.service.length}`);
for (const document of counts.service.slice(0, MAX_EXAMPLES)) {
  let reason = 'unknown';
  try {
    reason = validate(schema, parse(document))[0].message;
  } catch (error) {
    reason = error.message;
  }
  console.error(`\naccepted, but graphql-js says: ${reason}\n${JSON.stringify(document)}`);
}
for (const [document, { code, message }] of unexplained.slice(0, MAX_EXAMPLES)) {
  console.error(`\nrefused, but graphql-js accepts it: ${code} ${message}\n${JSON.stringify(document)}`);
}
if (counts.service.length + unexplained.length > 0) process.exitCode = 1;
