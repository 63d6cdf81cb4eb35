// The total that a ticker shows, and where it is to be had.

// The plain total may be kept for 31 seconds. A lower version for longer than this is no old copy:
// the service started over.
const OLD_COPY_MOST = 60_000;

/**
 * The plain total at an address, or the state that follows without it. What is thrown here is trouble of the
 * network or an answer of something in between; no mistake of the ticker itself is caught.
 */
async function plainTotal(url, signal) {
  // `AbortSignal.any` and `AbortSignal.timeout` are newer than the browsers that are supported.
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  const timer = setTimeout(abort, OPENING_MOST);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  // Asks the service whether the browser's own copy still holds.
  const request = fetch(url, { cache: "no-cache", credentials: "omit", signal: attempt.signal });
  try {
    const answer = await request;
    if (answer.status === 404) return { state: "missing" };
    return answer.ok ? { state: null, total: await answer.json() } : { state: "stale" };
  } catch {
    return { state: "stale" };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** A total as a topic of a `Watch`. Tells `hear(total)`. */
class TotalTopic {
  #asked;
  #hear;
  #total = null;
  #lowerSince = null;

  constructor(asked, hear) {
    this.#asked = asked;
    this.#hear = hear;
  }

  get service() {
    return this.#asked.service;
  }

  /** Asks for the plain total, which also says whether it is simulated. */
  async ask(signal) {
    const { service, edition, section, slug } = this.#asked;
    const parts = [edition, section, slug && "cases", slug].filter(Boolean).map(encodeURIComponent);
    const { state, total } = await plainTotal(new URL(`totals/${parts.join("/")}.json`, service), signal);
    if (total) this.#hold(total, false);
    return state;
  }

  operation() {
    const { edition, section, parts } = this.#asked;
    return {
      query: `subscription Ticker($edition: Int!, $section: String, $case: ID, $afterVersion: Count) {
        total(edition: $edition, section: $section, case: $case, afterVersion: $afterVersion) {
          total { letters actions pendingReview { letters actions } stated { letters actions } people goal status asOf version ${parts} } reset final } }`,
      variables: {
        edition: Number(edition),
        section: section || null,
        case: this.#total.caseId,
        afterVersion: this.#total.version,
      },
    };
  }

  take({ total: update }) {
    this.#hold(update.total, update.reset);
    return update.final;
  }

  /** Takes a total unless it is older than the one that is known. */
  #hold(total, reset) {
    if (!reset && this.#total && total.version < this.#total.version) {
      this.#lowerSince ??= Date.now();
      if (Date.now() - this.#lowerSince < OLD_COPY_MOST) return;
    }
    this.#lowerSince = null;
    // The live total says nothing of what cannot change: whether it is simulated, and the id.
    this.#total = { ...this.#total, ...total };
    this.#hear(this.#total);
  }
}
