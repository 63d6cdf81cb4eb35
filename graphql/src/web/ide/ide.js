// Opens GraphiQL on this server's own API, with one tab per example document.
"use strict";

{
  // Relative to the page, so that the service also works below a path of a reverse proxy.
  const httpUrl = new URL("../graphql", document.baseURI);
  const socketUrl = new URL("../graphql/ws", document.baseURI);
  socketUrl.protocol = socketUrl.protocol.replace("http", "ws");

  // GraphiQL puts the *text* of anything that is not JSON through a JSON parser, and shows only that
  // this failed. What a proxy has to say in plain text or HTML is worth more than that.
  const fetchJson = async (url, init) => {
    const response = await fetch(url, init);
    if (!/json/.test(response.headers.get("content-type") ?? "")) {
      const error = new Error(`HTTP ${response.status} ${response.statusText}\n${await response.text()}`);
      // GraphiQL would print it below the message; it is about this file, not about the answer.
      error.stack = undefined;
      throw error;
    }
    return response;
  };

  const send = Ide.createGraphiQLFetcher({
    url: httpUrl.href,
    // Speaks graphql-transport-ws. A browser cannot set headers on a WebSocket: what stands in the
    // header editor becomes the payload of connection_init.
    subscriptionUrl: socketUrl.href,
    fetch: fetchJson,
    headers: { accept: "application/graphql-response+json, application/json;q=0.9" },
    // The server has no @defer and @stream, so there is no multipart answer to ask for.
    enableIncrementalDelivery: false,
  });

  // What the editors check and complete with, each in a thread of its own.
  const WORKERS = { graphql: "graphql.worker.js", json: "json.worker.js" };
  globalThis.MonacoEnvironment = { getWorker: (_, label) => new Worker(WORKERS[label] ?? "editor.worker.js") };

  // Over HTTP the case of a header's name does not matter; in the payload, a JSON object, it would.
  const fetcher = (params, options) => {
    const headers = Object.entries(options?.headers ?? {}).map(([name, value]) =>
      name.toLowerCase() === "authorization" ? ["Authorization", value] : [name, value],
    );
    return send(params, { ...options, headers: Object.fromEntries(headers) });
  };

  // What GraphiQL calls its keys in the local storage; the last one is ours, and is cleared with them.
  const PREFIX = "graphiql:";
  const TABS = `${PREFIX}tabState`;
  const HEADERS = `${PREFIX}headers`;
  const HISTORY = [`${PREFIX}queries`, `${PREFIX}favorites`];
  const OFFERED = `${PREFIX}offeredExamples`;

  // Headers are secrets and must not be written down. `shouldPersistHeaders: false` keeps them out of
  // the stored tabs, but GraphiQL's history would still store them with every query that was run.
  const withoutHeaders = (json) =>
    JSON.stringify(JSON.parse(json, (key, value) => (key === "headers" ? undefined : value)));

  const openStorage = () => {
    try {
      localStorage.getItem(TABS);
    } catch {
      // The user has blocked it, and touching it throws: nothing outlives the page.
      return null;
    }
    const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return {
      get length() {
        return keys().length;
      },
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => {
        if (key !== HEADERS) localStorage.setItem(key, HISTORY.includes(key) ? withoutHeaders(value) : value);
      },
      removeItem: (key) => localStorage.removeItem(key),
      clear: () => keys().forEach((key) => localStorage.removeItem(key)),
    };
  };

  const readJson = (storage, key) => {
    try {
      return JSON.parse(storage.getItem(key));
    } catch {
      return null;
    }
  };

  const writeJson = (storage, key, value) => {
    try {
      storage.setItem(key, JSON.stringify(value));
    } catch (error) {
      // It is full. That is no reason not to open.
      console.warn(`Not stored: ${key}`, error);
    }
  };

  // A tab is called after the first operation in it, so the title of an example becomes a comment.
  const toTab = ({ title, query, variables }) => ({
    query: query.startsWith("#") ? query : `# ${title}\n\n${query}`,
    variables: variables ?? "",
  });

  // The form in which GraphiQL stores a tab; it ignores all stored tabs when one has another form.
  const toStoredTab = (tab) => {
    const name = /^(?!#).*(?:query|subscription|mutation)\s+(\w+)/m.exec(tab.query)?.[1] ?? null;
    const id = `example-${Date.now()}-${Math.random()}`;
    return { ...tab, id, title: name ?? "<untitled>", operationName: name, headers: null, response: null };
  };

  const sameText = (a, b) => a.query === b.query && (a.variables ?? "") === (b.variables ?? "");

  // GraphiQL shows stored tabs *instead of* the examples: after the first visit no new example would
  // ever be seen. So an example that has not been offered yet takes the place of its earlier wording,
  // if that is still there as it was, or else a new tab behind the user's own. One that has been
  // offered is left alone: the user may have changed it, or closed it.
  const offerExamples = (stored, examples, offered) => {
    for (const { title, tab } of examples) {
      const before = offered[title];
      if (before && sameText(before, tab)) continue;
      if (stored.tabs.some((own) => sameText(own, tab))) continue;
      const untouched = before ? stored.tabs.findIndex((own) => sameText(own, before)) : -1;
      stored.tabs.splice(untouched < 0 ? stored.tabs.length : untouched, 1, toStoredTab(tab));
    }
  };

  const loadExamples = async () => {
    try {
      // `no-cache` asks the server each time: another version of it has other examples.
      const response = await fetchJson("examples.json", { cache: "no-cache" });
      return (await response.json()).map((example) => ({ title: example.title, tab: toTab(example) }));
    } catch (error) {
      // Examples are a convenience: the editor is useful without them.
      console.warn("No examples:", error);
      return [];
    }
  };

  const open = async () => {
    const examples = await loadExamples();
    const defaultTabs = examples.length ? examples.map(({ tab }) => tab) : [{ query: "", variables: "" }];
    let active = defaultTabs[0];

    const storage = openStorage();
    if (storage) {
      const stored = readJson(storage, TABS);
      if (Array.isArray(stored?.tabs) && stored.tabs.length) {
        offerExamples(stored, examples, readJson(storage, OFFERED) ?? {});
        writeJson(storage, TABS, stored);
        active = stored.tabs[stored.activeTabIndex] ?? stored.tabs[0];
      } else {
        // Nothing, or nothing readable: on the latter GraphiQL would fail, and show an empty page.
        storage.removeItem(TABS);
      }
      if (examples.length) {
        writeJson(storage, OFFERED, Object.fromEntries(examples.map(({ title, tab }) => [title, tab])));
      }
    }

    const { createElement, createRoot, GraphiQL } = Ide;
    createRoot(document.getElementById("graphiql")).render(
      createElement(
        GraphiQL,
        {
          fetcher,
          storage,
          defaultTabs,
          // The text of the tab that opens. Left out, GraphiQL loses the variables of the first example
          // and adds an empty tab at each reload during which nothing was typed.
          initialQuery: active.query ?? "",
          initialVariables: active.variables ?? "",
          shouldPersistHeaders: false,
          isHeadersEditorEnabled: true,
          // Open, so that one sees where variables and headers go.
          defaultEditorToolsVisibility: true,
        },
        createElement(GraphiQL.Logo, null, "Write for Rights"),
      ),
    );
  };

  open();
}
