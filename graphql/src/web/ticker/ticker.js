// A live total of Write for Rights for any page, in two lines:
//
//   <script type="module" src="https://host/ticker.js"></script>
//   <w4r-ticker edition="2021" section="ca" case="slug" lang="fr"></w4r-ticker>
//
// `section` and `case` are optional. `src` is the address of the service, if it is not where this
// file comes from. A page with a Content-Security-Policy allows the host in `script-src`, and in
// `connect-src` as https: and as wss:. Nothing else is needed: no inline style, no cookie, no
// storage, nothing from elsewhere.
//
// Each total that is shown is also an event, `w4r-total`, with the total as its `detail`.

/** @returns a promise that is kept after this many milliseconds, or when `wake` is called. */
function pause(milliseconds, waking) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    waking(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// The first attempt is spread over two seconds, so that a restarted service does not meet all its
// readers at once; later ones over half a minute at most, so that nobody waits long for its return.
const backoff = (failures) => 250 + Math.random() * Math.min(30_000, 2_000 * 2 ** failures);
// A connection that has not said anything by then will not.
const OPENING_MOST = 10_000;
// Shorter than the idle time-outs of common proxies, which are a minute.
const PING_EVERY = 15_000;
const POLL_EVERY = 5_000;
// Whatever kept sockets from working may be over: another network, another proxy.
const POLL_MOST = 300_000;
// The plain total may be kept for 31 seconds. A lower version for longer than this is no old copy:
// the service started over.
const OLD_COPY_MOST = 60_000;

// How a connection ended.
const REFUSED = "refused"; // it never worked
const LOST = "lost";
const FINAL = "final"; // nothing will follow

/**
 * Watches one total for as long as it takes: by WebSocket, else by server-sent events, else by
 * asking again and again. Tells `hear.total(total)` and `hear.state(state)`: `live`, `polled`,
 * `stale`, `final` or `missing`.
 */
class Watch {
  #asked;
  #hear;
  #total = null;
  #lowerSince = null;
  #stopped = false;
  // Ends what is being waited for; set while there is something.
  #end = () => {};
  #wake = () => {};

  constructor(asked, hear) {
    this.#asked = asked;
    this.#hear = hear;
    this.#run();
  }

  stop() {
    this.#stopped = true;
    this.#end();
    this.#wake();
  }

  /** Does not wait any longer to try again: the network or the reader is back. */
  wake() {
    this.#wake();
  }

  async #run() {
    const ways = [() => this.#socket(), () => this.#events(), () => this.#polls()];
    let way = 0;
    let failures = 0;
    let refusals = 0;
    while (!this.#stopped) {
      // Each attempt begins with a plain total: it is there at once, it says whether the data is
      // simulated, and it tells a service that is down from a socket that is blocked on the way.
      const answered = await this.#ask();
      if (this.#stopped) return;
      if (answered) {
        const began = Date.now();
        const ended = await ways[way]();
        if (this.#stopped) return;
        if (ended === FINAL) return this.#hear.state("final");
        if (ended === REFUSED) {
          // The service answers, so the next way is near. Once may be chance.
          failures = 0;
          refusals += 1;
          if (refusals > 1) {
            way = Math.min(way + 1, ways.length - 1);
            refusals = 0;
          }
        } else {
          refusals = 0;
          // A service that lets go at once is not asked again at once.
          failures = Date.now() - began > OPENING_MOST ? 0 : failures + 1;
          // Polling ends now and then so that the better ways are tried again.
          if (way === ways.length - 1) way = 0;
          else this.#hear.state("stale");
        }
      } else {
        refusals = 0;
        failures += 1;
      }
      await this.#pause(backoff(failures));
    }
  }

  #pause(milliseconds) {
    return pause(milliseconds, (wake) => (this.#wake = wake));
  }

  /** Asks for the plain total; whether there was an answer. */
  async #ask() {
    const { service, edition, section, slug } = this.#asked;
    const parts = [edition, section, slug && "cases", slug].filter(Boolean).map(encodeURIComponent);
    try {
      const answer = await fetch(new URL(`totals/${parts.join("/")}.json`, service), {
        // Asks the service whether the browser's own copy still holds.
        cache: "no-cache",
        credentials: "omit",
        signal: AbortSignal.timeout(OPENING_MOST),
      });
      if (this.#stopped) return false;
      if (answer.status === 404) {
        this.#hear.state("missing");
        return false;
      }
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      this.#take(await answer.json(), false);
      return true;
    } catch {
      if (!this.#stopped) this.#hear.state("stale");
      return false;
    }
  }

  /** Takes a total unless it is older than the one that is known. */
  #take(total, reset) {
    if (this.#stopped) return;
    if (!reset && this.#total && total.version < this.#total.version) {
      this.#lowerSince ??= Date.now();
      if (Date.now() - this.#lowerSince < OLD_COPY_MOST) return;
    }
    this.#lowerSince = null;
    // The live total says nothing of what cannot change: whether it is simulated, and the id.
    this.#total = { ...this.#total, ...total };
    this.#hear.total(this.#total);
  }

  #operation() {
    const { edition, section, parts } = this.#asked;
    return {
      query: `subscription Ticker($edition: Int!, $section: String, $case: ID, $afterVersion: Count) {
        total(edition: $edition, section: $section, case: $case, afterVersion: $afterVersion) {
          total { letters people goal status asOf version ${parts} } reset final } }`,
      variables: {
        edition: Number(edition),
        section: section || null,
        case: this.#total.caseId,
        afterVersion: this.#total.version,
      },
    };
  }

  /** An answer of the live total; how it ends the connection, if it does. */
  #live(answer) {
    const update = answer.data?.total;
    if (answer.errors || !update) return REFUSED;
    this.#take(update.total, update.reset);
    this.#hear.state("live");
    return update.final ? FINAL : null;
  }

  /** By `graphql-transport-ws`. */
  #socket() {
    return new Promise((resolve) => {
      const url = new URL("graphql/ws", this.#asked.service);
      url.protocol = url.protocol.replace("http", "ws");
      let socket;
      try {
        socket = new WebSocket(url, "graphql-transport-ws");
      } catch {
        return resolve(REFUSED);
      }
      let worked = false;
      let unanswered = false;
      const send = (message) => socket.send(JSON.stringify(message));
      const end = (how) => {
        clearTimeout(opening);
        clearInterval(beat);
        socket.onclose = socket.onerror = socket.onmessage = null;
        socket.close(1000);
        resolve(how ?? (worked ? LOST : REFUSED));
      };
      const opening = setTimeout(end, OPENING_MOST);
      // A connection that died without a word looks like one on which nothing happens.
      const beat = setInterval(() => {
        if (unanswered) return end();
        unanswered = true;
        if (socket.readyState === WebSocket.OPEN) send({ type: "ping" });
      }, PING_EVERY);
      this.#end = end;
      socket.onopen = () => send({ type: "connection_init" });
      // A socket that the policy of the page forbids fails without being closed.
      socket.onclose = socket.onerror = () => end();
      socket.onmessage = ({ data }) => {
        unanswered = false;
        const message = JSON.parse(data);
        if (message.type === "connection_ack") {
          clearTimeout(opening);
          worked = true;
          send({ type: "subscribe", id: "1", payload: this.#operation() });
          // Nothing comes until there is something newer than what the plain total said.
          this.#hear.state("live");
        } else if (message.type === "ping") {
          send({ type: "pong" });
        } else if (message.type === "next") {
          const how = this.#live(message.payload);
          if (how) end(how);
        } else if (message.type === "error") {
          end(REFUSED);
        } else if (message.type === "complete") {
          end();
        }
      };
    });
  }

  /** By server-sent events. */
  #events() {
    return new Promise((resolve) => {
      const { query, variables } = this.#operation();
      const url = new URL("graphql/stream", this.#asked.service);
      url.searchParams.set("query", query.replace(/\s+/g, " "));
      url.searchParams.set("variables", JSON.stringify(variables));
      const events = new EventSource(url);
      let worked = false;
      const end = (how) => {
        clearTimeout(opening);
        clearInterval(beat);
        events.close();
        resolve(how ?? (worked ? LOST : REFUSED));
      };
      const opening = setTimeout(end, OPENING_MOST);
      // A script does not see the signs of life of such a stream, so it looks for itself.
      const beat = setInterval(async () => {
        if (!(await this.#ask())) end();
      }, 2 * PING_EVERY);
      this.#end = end;
      events.onopen = () => {
        clearTimeout(opening);
        worked = true;
        this.#hear.state("live");
      };
      // The browser would try again by itself, but with the version of the beginning and no patience.
      events.onerror = () => end();
      events.addEventListener("complete", () => end());
      events.addEventListener("next", ({ data }) => {
        const how = this.#live(JSON.parse(data));
        if (how) end(how);
      });
    });
  }

  /** By asking again and again, for a while. */
  async #polls() {
    const until = Date.now() + POLL_MOST;
    while (Date.now() < until) {
      this.#hear.state("polled");
      await this.#pause(POLL_EVERY * (0.8 + 0.4 * Math.random()));
      if (this.#stopped || !(await this.#ask())) break;
    }
    return LOST;
  }
}

const WORDS = {
  en: {
    letters: { one: "letter written", other: "letters written" },
    goal: (goal) => `The goal is ${goal}.`,
    towards: "Letters written, of the goal",
    simulated: "Simulated: nobody wrote these letters.",
    connecting: "Connecting …",
    live: "Live.",
    polled: "Updated every few seconds.",
    stale: (time) => `No connection. As of ${time}.`,
    never: "No connection.",
    paused: (time) => `Paused. As of ${time}.`,
    final: "The campaign is over.",
    missing: "There is no such total.",
    PROVISIONAL: "Provisional: reports are still coming in.",
    COMPLETE: "Complete.",
    pause: "Pause",
    resume: "Resume",
  },
  fr: {
    // “1 000 000 de lettres”, but “1 000 001 lettres”.
    letters: { one: "lettre écrite", many: "de lettres écrites", other: "lettres écrites" },
    goal: (goal) => `L’objectif est de ${goal}.`,
    towards: "Lettres écrites, par rapport à l’objectif",
    simulated: "Simulation : personne n’a écrit ces lettres.",
    connecting: "Connexion…",
    live: "En direct.",
    polled: "Mis à jour toutes les quelques secondes.",
    stale: (time) => `Pas de connexion. Dernier total connu : ${time}.`,
    never: "Pas de connexion.",
    paused: (time) => `En pause. Dernier total affiché : ${time}.`,
    final: "La campagne est terminée.",
    missing: "Ce total n’existe pas.",
    PROVISIONAL: "Provisoire : des lettres sont encore déclarées.",
    COMPLETE: "Complet.",
    pause: "Suspendre",
    resume: "Reprendre",
  },
};

// The pairs have a contrast of 7:1 or more. `light-dark` follows the `color-scheme` of the page, so
// that a page without a dark style gets no dark ticker; a browser that does not know it falls back
// to the page's own colours.
const STYLE = `
  :host { display: block; max-inline-size: 34rem; font-family: system-ui, sans-serif; line-height: 1.4; }
  :host([hidden]), [hidden] { display: none !important; }
  .ticker {
    padding: 1rem 1.25rem;
    border: 1px solid var(--w4r-border, light-dark(#767676, #8c8c8c));
    border-radius: 0.5rem;
    color: var(--w4r-text, light-dark(#1a1a1a, #f3f3f3));
    background: var(--w4r-background, light-dark(#ffffff, #17181b));
  }
  p { margin: 0; }
  .number { font-size: clamp(2.25rem, 12vw, 3.75rem); font-weight: 700; line-height: 1.1; font-variant-numeric: tabular-nums; }
  .unit { font-size: 1.125rem; white-space: nowrap; }
  .simulated {
    inline-size: fit-content; margin-block-end: 0.5rem; padding: 0.125rem 0.5rem; border-radius: 0.25rem;
    font-weight: 600; color: #3d2b00; background: #ffdf80;
  }
  progress { inline-size: 100%; block-size: 0.75rem; margin-block: 0.5rem 0; accent-color: var(--w4r-accent, light-dark(#7a4b00, #ffd500)); }
  .foot { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; margin-block-start: 0.5rem; color: var(--w4r-muted, light-dark(#4a4a4a, #c8c8c8)); }
  .foot p { flex: 1 1 12rem; }
  /* Its form differs too, for those who do not see the colour. */
  .dot { display: inline-block; inline-size: 0.625rem; block-size: 0.625rem; margin-inline-end: 0.375rem; border: 2px solid currentColor; border-radius: 50%; }
  .live .dot { border-color: transparent; background: var(--w4r-live, light-dark(#13692c, #5ddb7d)); }
  button {
    min-block-size: 1.75rem; padding: 0 0.75rem; border: 1px solid currentColor; border-radius: 0.25rem;
    font: inherit; color: inherit; background: none; cursor: pointer;
  }
  button:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
  [role="status"] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  @media (prefers-reduced-motion: no-preference) {
    .live .dot { animation: beat 2s ease-in-out infinite; }
    @keyframes beat { 50% { opacity: 0.35; } }
  }
`;

// Whoever listens hears of the number once a minute, and of a lost connection after a few seconds:
// each tick would drown everything else on the page.
const SAY_NUMBER_EVERY = 60_000;
const SAY_STATE_AFTER = 4_000;
// Long enough to be spoken; then only the number itself is left to be read.
const SAID_FOR = 10_000;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

class Ticker extends HTMLElement {
  static observedAttributes = ["edition", "section", "case", "src", "lang"];

  /** More fields of the live total, as GraphQL, for a page that hears `w4r-total`. Set it before the
   * element is in the document. Totals that do not come live are without them. */
  parts = "";

  #watch = null;
  #attached = null;
  #total = null;
  #shown = null;
  #state = "connecting";
  #heardAt = null;
  // When the last total came before the reader stopped the ticker; null while it goes on.
  #pausedAt = null;
  #saying = null;
  #said = "";
  #parts;
  #root;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    // Constructed sheets are no inline style, which a strict policy of the page would refuse.
    this.#root.adoptedStyleSheets = [sheet];
    const parts = {
      simulated: element("p", { className: "simulated", part: "simulated", hidden: true }),
      number: element("span", { className: "number", part: "number" }, "–"),
      unit: element("span", { className: "unit", part: "unit" }),
      progress: element("progress", { hidden: true }),
      goal: element("p", { hidden: true }),
      state: element("span", {}),
      // What moves by itself for more than five seconds can be stopped (WCAG 2.2.2).
      button: element("button", { type: "button", hidden: true }),
      status: element("p", {}),
    };
    parts.status.setAttribute("role", "status");
    this.#parts = parts;
    const dot = element("span", { className: "dot", ariaHidden: "true" });
    parts.foot = element("div", { className: "foot" }, element("p", {}, dot, parts.state), parts.button);
    const count = element("p", { part: "count" }, parts.number, " ", parts.unit);
    parts.ticker = element("div", { className: "ticker", part: "ticker" });
    parts.ticker.append(parts.simulated, count, parts.progress, parts.goal, parts.foot, parts.status);
    this.#root.append(parts.ticker);
    parts.button.addEventListener("click", () => {
      this.#pausedAt = this.#pausedAt ? null : this.#heardAt;
      this.#show();
    });
  }

  /** Whether the reader stopped it, and so does not want anything else of the page to move either. */
  get paused() {
    return this.#pausedAt !== null;
  }

  connectedCallback() {
    this.#attached = new AbortController();
    const { signal } = this.#attached;
    this.#begin();
    addEventListener("online", () => this.#watch?.wake(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#watch?.wake(), { signal });
    // A page with an open socket cannot wait for the reader's way back, so the socket goes first.
    addEventListener("pagehide", () => this.#leave(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#begin(), { signal });
  }

  disconnectedCallback() {
    this.#attached?.abort();
    this.#leave();
  }

  attributeChangedCallback(name, before, now) {
    if (before === now || !this.#watch) return;
    if (name === "lang") return this.#show();
    this.#total = this.#shown = this.#heardAt = null;
    this.#state = "connecting";
    this.#begin();
  }

  #begin() {
    this.#leave();
    const asked = {
      // A path without a slash at its end would lose its last part.
      service: new URL((this.getAttribute("src") ?? ".").replace(/\/*$/, "/"), import.meta.url),
      edition: this.getAttribute("edition") ?? "",
      section: this.getAttribute("section"),
      slug: this.getAttribute("case"),
      parts: this.parts,
    };
    this.#watch = new Watch(asked, {
      total: (total) => {
        this.#total = total;
        this.#heardAt = Date.now();
        this.#show();
        this.#sayIn(SAY_NUMBER_EVERY);
      },
      state: (state) => {
        // What has been lost is as old as the last word of the service, not as its loss.
        if (state === "live" || state === "polled") this.#heardAt = Date.now();
        const lost = state === "stale" && this.#state !== "stale";
        const changed = state !== this.#state;
        this.#state = state;
        if (changed) this.#show();
        if (lost) this.#sayIn(SAY_STATE_AFTER);
      },
    });
    this.#show();
  }

  #leave() {
    this.#watch?.stop();
    this.#watch = null;
    clearTimeout(this.#saying);
    this.#saying = null;
  }

  /** The language of the words, and the way the reader writes numbers in it. */
  #language() {
    const wanted = this.closest("[lang]")?.lang || navigator.language;
    const language = wanted.toLowerCase().startsWith("fr") ? "fr" : "en";
    const locale = navigator.languages.find((own) => own.toLowerCase().startsWith(language));
    return { words: WORDS[language], locale: locale ?? language, language };
  }

  #time(instant, locale) {
    const at = new Date(instant);
    const today = at.toDateString() === new Date().toDateString();
    return at.toLocaleString(locale, { dateStyle: today ? undefined : "long", timeStyle: "short" });
  }

  #stateText({ words, locale }) {
    if (this.#pausedAt) return words.paused(this.#time(this.#pausedAt, locale));
    if (this.#state === "stale") return this.#heardAt ? words.stale(this.#time(this.#heardAt, locale)) : words.never;
    return words[this.#state];
  }

  #show() {
    const { words, locale, language } = this.#language();
    const parts = this.#parts;
    const moving = this.#state !== "missing" && this.#state !== "final";
    parts.ticker.lang = language;
    parts.foot.classList.toggle("live", this.#state === "live" && !this.#pausedAt);
    parts.button.textContent = this.#pausedAt ? words.resume : words.pause;
    parts.button.hidden = !this.#total || !moving;
    const status = this.#total && this.#state !== "missing" ? ` ${words[this.#total.status] ?? ""}` : "";
    // The text is touched only when it changes, or a screen reader would lose its place in it.
    const text = this.#stateText({ words, locale }) + status;
    if (parts.state.textContent !== text) parts.state.textContent = text;
    if (!this.#total || (this.#pausedAt && this.#shown)) return;
    const total = this.#total;
    const numbers = new Intl.NumberFormat(locale);
    const plural = new Intl.PluralRules(locale).select(total.letters);
    // The number jumps and does not run up: the ones between were never true.
    parts.number.textContent = numbers.format(total.letters);
    parts.unit.textContent = words.letters[plural] ?? words.letters.other;
    parts.simulated.textContent = words.simulated;
    parts.simulated.hidden = !total.simulated;
    parts.progress.hidden = parts.goal.hidden = total.goal === null;
    if (total.goal !== null) {
      parts.progress.max = total.goal;
      parts.progress.value = total.letters;
      parts.progress.ariaLabel = words.towards;
      parts.goal.textContent = words.goal(numbers.format(total.goal));
    }
    if (this.#shown !== total) {
      this.#shown = total;
      this.dispatchEvent(new CustomEvent("w4r-total", { detail: total, bubbles: true, composed: true }));
    }
  }

  /** Says the number, or that it is old, in so many milliseconds; sooner if that was to be later. */
  #sayIn(milliseconds) {
    if (this.#saying && milliseconds >= SAY_NUMBER_EVERY) return;
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => {
      this.#saying = null;
      const { number, unit, simulated, status } = this.#parts;
      const stale = this.#state === "stale" ? ` ${this.#stateText(this.#language())}` : "";
      const warning = simulated.hidden ? "" : ` ${simulated.textContent}`;
      const text = `${number.textContent} ${unit.textContent}.${stale}${warning}`;
      if (text === this.#said) return;
      this.#said = status.textContent = text;
      setTimeout(() => (status.textContent = ""), SAID_FOR);
    }, milliseconds);
  }
}

// A page may load this file twice.
if (!customElements.get("w4r-ticker")) customElements.define("w4r-ticker", Ticker);
