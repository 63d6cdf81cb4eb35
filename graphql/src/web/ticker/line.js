// A live total of Write for Rights for any page, in two lines:
//
//   <script type="module" src="https://host/ticker.js"></script>
//   <w4r-ticker edition="2021" section="ca" case="slug" lang="fr"></w4r-ticker>
//
// `section` and `case` are optional. `src` is the address of the service, if it is not where this
// file comes from. A page with a Content-Security-Policy allows the host in `script-src`, and in
// `connect-src` as https: and as wss:. Nothing else is needed: no inline style, no cookie, no
// storage, nothing from elsewhere. All tickers of a page share one connection.
//
// It runs in Chromium 100, Firefox 100 and Safari 15.4, of spring 2022, and in newer ones.
//
// Each total that is shown is also an event, `w4r-total`, with the total as its `detail`; so is each
// change of its state, `w4r-state`: `live`, `polled`, `stale`, `paused`, `final`, `missing` or
// `broken` (a mistake in this script, which is also in the console).

// How an operation ended.
const REFUSED = "refused"; // it never worked
const LOST = "lost";
const FINAL = "final"; // nothing will follow

// A connection that has not said anything by then will not.
const OPENING_MOST = 10_000;
// Shorter than the idle time-outs of common proxies, which are a minute.
const PING_EVERY = 15_000;
// A browser opens six connections to a host, where it has no newer protocol; some are for the page.
const STREAMS_MOST = 3;

/** What is written as JSON; null for anything else, which is not of the service. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * A socket by `graphql-transport-ws`, for all that is watched of one service on this page. It opens
 * with the first operation and closes with the last.
 */
class Socket {
  static #open = new Map();

  #service;
  #socket;
  // By id: what is asked, who hears of it, and whom to tell of its end.
  #operations = new Map();
  #ids = 0;
  #worked = false;
  #unanswered = false;
  #opening;
  #beat;

  /**
   * Runs an operation. `hear.live()` says that the connection works, `hear.next(answer)` may say how
   * the answer ends it.
   * @returns `ended`, a promise of how it ended, and `end`, which ends it.
   */
  static run(service, operation, hear) {
    let socket = Socket.#open.get(service.href);
    if (!socket) {
      socket = new Socket(service);
      Socket.#open.set(service.href, socket);
      socket.#connect();
    }
    return socket.#run(operation, hear);
  }

  constructor(service) {
    this.#service = service;
  }

  #run(operation, hear) {
    const id = String((this.#ids += 1));
    let tell;
    const ended = new Promise((resolve) => (tell = resolve));
    this.#operations.set(id, { operation, hear, tell });
    if (this.#worked) this.#subscribe(id);
    return {
      ended,
      end: () => {
        if (this.#operations.has(id)) this.#send({ type: "complete", id });
        this.#finish(id, LOST);
      },
    };
  }

  #connect() {
    const url = new URL("graphql/ws", this.#service);
    url.protocol = url.protocol.replace("http", "ws");
    this.#opening = setTimeout(() => this.#close(), OPENING_MOST);
    // A connection that died without a word looks like one on which nothing happens.
    this.#beat = setInterval(() => {
      if (this.#unanswered) return this.#close();
      this.#unanswered = true;
      this.#send({ type: "ping" });
    }, PING_EVERY);
    try {
      this.#socket = new WebSocket(url, "graphql-transport-ws");
    } catch {
      // The caller awaits the end of the operation first.
      queueMicrotask(() => this.#close());
      return;
    }
    this.#socket.onopen = () => this.#send({ type: "connection_init" });
    // A socket that the policy of the page forbids fails without being closed.
    this.#socket.onclose = this.#socket.onerror = () => this.#close();
    this.#socket.onmessage = ({ data }) => {
      const message = parse(data);
      if (message) this.#read(message);
      else this.#close();
    };
  }

  #read({ type, id, payload }) {
    this.#unanswered = false;
    if (type === "connection_ack") {
      clearTimeout(this.#opening);
      this.#worked = true;
      for (const waiting of this.#operations.keys()) this.#subscribe(waiting);
    } else if (type === "ping") {
      this.#send({ type: "pong" });
    } else if (type === "pong") {
      for (const { hear } of this.#operations.values()) hear.live();
    } else if (type === "next") {
      const how = this.#operations.get(id)?.hear.next(payload);
      if (how) {
        this.#send({ type: "complete", id });
        this.#finish(id, how);
      }
    } else if (type === "error") {
      this.#finish(id, REFUSED);
    } else if (type === "complete") {
      this.#finish(id, LOST);
    }
  }

  #subscribe(id) {
    const { operation, hear } = this.#operations.get(id);
    this.#send({ type: "subscribe", id, payload: operation() });
    // Nothing comes until there is something newer than what is known.
    hear.live();
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #finish(id, how) {
    this.#operations.get(id)?.tell(how);
    this.#operations.delete(id);
    if (this.#operations.size === 0) this.#close();
  }

  #close() {
    clearTimeout(this.#opening);
    clearInterval(this.#beat);
    if (Socket.#open.get(this.#service.href) === this) Socket.#open.delete(this.#service.href);
    if (this.#socket) {
      this.#socket.onopen = this.#socket.onclose = this.#socket.onerror = this.#socket.onmessage = null;
      this.#socket.close(1000);
    }
    const operations = [...this.#operations.values()];
    this.#operations.clear();
    for (const { tell } of operations) tell(this.#worked ? LOST : REFUSED);
  }
}

/** Server-sent events, a stream for each operation, and only so many of them. */
class Events {
  static #open = 0;

  /** Runs an operation as `Socket.run` does; `hear.check()` says whether the service is still there. */
  static run(service, operation, hear) {
    if (Events.#open >= STREAMS_MOST) return { ended: Promise.resolve(REFUSED), end: () => {} };
    Events.#open += 1;
    const { query, variables = {} } = operation();
    const url = new URL("graphql/stream", service);
    url.searchParams.set("query", query.replace(/\s+/g, " "));
    url.searchParams.set("variables", JSON.stringify(variables));
    const events = new EventSource(url);
    let worked = false;
    let over = false;
    let end;
    const ended = new Promise((resolve) => {
      end = (how) => {
        if (over) return;
        over = true;
        clearTimeout(opening);
        clearInterval(beat);
        events.close();
        Events.#open -= 1;
        resolve(how ?? (worked ? LOST : REFUSED));
      };
    });
    const opening = setTimeout(end, OPENING_MOST);
    // A script does not see the signs of life of such a stream, so it looks for itself.
    const beat = setInterval(async () => {
      if (!(await hear.check())) end();
    }, 2 * PING_EVERY);
    events.onopen = () => {
      clearTimeout(opening);
      worked = true;
      hear.live();
    };
    // The browser would try again by itself, but with the version of the beginning and no patience.
    events.onerror = () => end();
    events.addEventListener("complete", () => end());
    events.addEventListener("next", ({ data }) => {
      const answer = parse(data);
      const how = answer ? hear.next(answer) : LOST;
      if (how) end(how);
    });
    return { ended, end };
  }
}
