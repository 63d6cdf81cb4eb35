// The element `<w4r-ticker>`.

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

// A screen reader announces the number once a minute, and a lost connection after a few seconds: an announcement of each
// change would suppress everything else on the page.
const SAY_NUMBER_EVERY = 60_000;
const SAY_STATE_AFTER = 4_000;
// Long enough to be spoken; then only the number itself is left to be read.
const SAID_FOR = 10_000;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Styles a shadow root. A constructed sheet is no inline style, which a strict policy of the page would refuse. */
function style(root) {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    // Safari before 16.4. Where the policy of the page refuses it, the ticker has the page's own style.
    root.append(element("style", {}, STYLE));
  }
}

class Ticker extends HTMLElement {
  static observedAttributes = ["edition", "section", "case", "src", "lang", "count"];

  /** More fields of the live total, as GraphQL, for a page that hears `w4r-total`. Set it before the
   * element is in the document. Totals that do not come live are without them. */
  parts = "";

  #watch = null;
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
    style(this.#root);
    const parts = {
      simulated: element("p", { className: "simulated", part: "simulated", hidden: true }),
      number: element("span", { className: "number", part: "number" }, "–"),
      unit: element("span", { className: "unit", part: "unit" }),
      progress: element("progress", { hidden: true }),
      goal: element("p", { hidden: true }),
      stated: element("p", { part: "stated", hidden: true }),
      checked: element("p", { part: "checked", hidden: true }),
      state: element("span", {}),
      // What moves by itself for more than five seconds can be stopped (WCAG 2.2.2).
      button: element("button", { type: "button", hidden: true }),
      status: element("p", {}),
    };
    parts.status.setAttribute("role", "status");
    this.#parts = parts;
    const dot = element("span", { className: "dot" });
    dot.setAttribute("aria-hidden", "true");
    parts.foot = element("div", { className: "foot" }, element("p", {}, dot, parts.state), parts.button);
    const count = element("p", { part: "count" }, parts.number, " ", parts.unit);
    parts.ticker = element("div", { className: "ticker", part: "ticker" });
    parts.ticker.append(parts.simulated, count, parts.stated, parts.progress, parts.goal, parts.checked, parts.foot, parts.status);
    this.#root.append(parts.ticker);
    parts.button.addEventListener("click", () => {
      this.#pausedAt = this.#pausedAt ? null : this.#heardAt;
      this.#show();
      this.#tell("w4r-state", this.#pausedAt ? "paused" : this.#state);
    });
  }

  /** Whether the reader stopped it, and so does not want anything else of the page to move either. */
  get paused() {
    return this.#pausedAt !== null;
  }

  connectedCallback() {
    this.#begin();
  }

  disconnectedCallback() {
    this.#leave();
  }

  attributeChangedCallback(name, before, now) {
    if (before === now || !this.#watch) return;
    if (name === "lang" || name === "count") return this.#show();
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
    const topic = new TotalTopic(asked, (total) => {
      this.#total = total;
      this.#heardAt = Date.now();
      this.#show();
      this.#sayIn(SAY_NUMBER_EVERY);
    });
    this.#watch = new Watch(topic, (state) => {
      // What has been lost is as old as the last word of the service, not as its loss.
      if (state === "live" || state === "polled") this.#heardAt = Date.now();
      if (state === this.#state) return;
      this.#state = state;
      this.#show();
      if (state === "stale") this.#sayIn(SAY_STATE_AFTER);
      this.#tell("w4r-state", state);
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

  /** What the number counts: letters, or all actions if the page asks for them or most of them are no letters. */
  #unit({ letters, actions }) {
    const unit = this.getAttribute("count");
    if (unit === "letters" || unit === "actions") return unit;
    return 2 * letters < actions ? "actions" : "letters";
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
    const plurals = new Intl.PluralRules(locale);
    const unit = this.#unit(total);
    const isLetters = unit === "letters";
    // The number jumps and does not run up: the ones between were never true.
    parts.number.textContent = numbers.format(total[unit]);
    parts.unit.textContent = words[unit][plurals.select(total[unit])] ?? words[unit].other;
    parts.simulated.textContent = words.simulated;
    parts.simulated.hidden = !total.simulated;
    // A goal is one of letters.
    const hasGoal = isLetters && total.goal !== null;
    parts.progress.hidden = parts.goal.hidden = !hasGoal;
    if (hasGoal) {
      parts.progress.max = total.goal;
      parts.progress.value = total.letters;
      parts.progress.setAttribute("aria-label", words.towards);
      parts.goal.textContent = words.goal(numbers.format(total.goal));
    }
    const stated = total.stated?.[unit] ?? 0;
    parts.stated.hidden = stated === 0;
    parts.stated.textContent = words.stated(numbers.format(total[unit] - stated), numbers.format(stated));
    const checked = total.pendingReview?.[unit] ?? 0;
    const sentences = isLetters ? words.checked : words.checkedActions;
    const sentence = sentences[plurals.select(checked)] ?? sentences.other;
    parts.checked.hidden = checked === 0;
    parts.checked.textContent = sentence(numbers.format(checked));
    if (this.#shown !== total) {
      this.#shown = total;
      this.#tell("w4r-total", total);
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
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
