// The service that this page comes from, and how it is asked.

export const SERVICE = new URL("..", import.meta.url);
/** Longer than anything takes that will come at all. */
const PATIENCE = 10_000;

async function answer(request) {
  const { data, errors } = await (await request).json();
  if (errors) throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions?.code });
  return data;
}

/** Asks for what is never kept, with a secret where one is given. */
export function ask(query, variables = {}, secret = null) {
  return answer(
    fetch(new URL("graphql", SERVICE), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(secret && { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(PATIENCE),
    }),
  );
}

/** Asks for what the browser may keep, if the service says that it still holds. */
export function askAgain(query, variables = {}) {
  const url = new URL("graphql", SERVICE);
  url.searchParams.set("query", query.replace(/\s+/g, " "));
  url.searchParams.set("variables", JSON.stringify(variables));
  return answer(
    fetch(url, {
      headers: { accept: "application/json" },
      cache: "no-cache",
      signal: AbortSignal.timeout(PATIENCE),
    }),
  );
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
