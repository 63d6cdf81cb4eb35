// The service that this page comes from, and how it is asked.

export const SERVICE = new URL("..", import.meta.url);
/** Longer than anything takes that will come at all. */
const PATIENCE = 10_000;

/**
 * The service gave no data: there was no answer, one of something in between, or one with errors, of which
 * `code` is the first one's. Anything else that is thrown is a mistake in a script, and is not to be taken for
 * trouble of the network.
 */
export class NoData extends Error {
  constructor(message, { code = null, cause = undefined } = {}) {
    super(message);
    this.name = "NoData";
    this.code = code;
    this.cause = cause;
  }
}

/** Gives something else in the place of data that is not there. What is no `NoData` goes on. */
export const withoutData = (otherwise) => (error) => {
  if (error instanceof NoData) return otherwise(error);
  throw error;
};

/** Tells of each mistake of a script of this service; extensions of the browser make their own. */
export function onMistake(tell) {
  addEventListener("error", ({ filename }) => filename?.startsWith(SERVICE.origin) && tell());
  addEventListener("unhandledrejection", ({ reason }) => reason instanceof Error && tell());
}

/** The data of an answer. */
async function answer(url, options) {
  // `AbortSignal.timeout` is newer than the browsers that are supported.
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const request = fetch(url, { ...options, signal: patience.signal });
  let found;
  try {
    found = await (await request).json();
  } catch (cause) {
    throw new NoData("there is no answer", { cause });
  } finally {
    clearTimeout(timer);
  }
  const { data, errors } = found;
  if (errors) throw new NoData(errors[0].message, { code: errors[0].extensions?.code });
  return data;
}

/** Asks for what is never kept, with a secret where one is given. */
export function ask(query, variables = {}, secret = null) {
  return answer(new URL("graphql", SERVICE), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(secret && { authorization: `Bearer ${secret}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
}

/** Asks for what the browser may keep, if the service says that it still holds. */
export function askAgain(query, variables = {}) {
  const url = new URL("graphql", SERVICE);
  url.searchParams.set("query", query.replace(/\s+/g, " "));
  url.searchParams.set("variables", JSON.stringify(variables));
  return answer(url, { headers: { accept: "application/json" }, cache: "no-cache" });
}

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** An element of SVG. Its attributes are no style, so a strict policy lets them change. */
export function drawn(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
