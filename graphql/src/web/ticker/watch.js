// Watching something for as long as it takes, whatever the network does.

// The first attempt is spread over two seconds, so that a restarted service does not meet all its
// readers at once; later ones over half a minute at most, so that nobody waits long for its return.
const backoff = (failures) => 250 + Math.random() * Math.min(30_000, 2_000 * 2 ** failures);
const POLL_EVERY = 5_000;
// Whatever kept sockets from working may be over: another network, another proxy.
const POLL_MOST = 300_000;

/**
 * Watches a topic: by WebSocket, else by server-sent events, else by asking again and again. Tells
 * `hear(state)` of each sign of life or death: `live`, `polled`, `final`, what `ask` said, or `broken` after a
 * mistake of a script.
 *
 * A topic has `service`, its address; `ask(signal)`, which asks once and gives null if there was an
 * answer, else the state that follows (`stale` or `missing`); `operation()`, the subscription that
 * goes on from there; and `take(data)`, which takes what comes and says whether it is the last.
 */
export class Watch {
  #topic;
  #hear;
  #stop = new AbortController();
  // Ends what is being waited for; set while there is something.
  #end = () => {};
  #wake = () => {};
  // Whether this attempt met a mistake of a script.
  #isBroken = false;

  constructor(topic, hear) {
    this.#topic = topic;
    this.#hear = hear;
    const { signal } = this.#stop;
    // The network or the reader is back: there is no need to wait any longer.
    const wake = () => document.hidden || this.#wake();
    addEventListener("online", wake, { signal });
    addEventListener("pageshow", wake, { signal });
    document.addEventListener("visibilitychange", wake, { signal });
    // The line would not notice for half a minute that the network is gone.
    addEventListener("offline", () => this.#end(), { signal });
    // A page with an open socket cannot wait for the reader's way back, so the socket goes first.
    addEventListener("pagehide", () => this.#end(), { signal });
    this.#run();
  }

  get #stopped() {
    return this.#stop.signal.aborted;
  }

  /** Hears nothing more. */
  stop() {
    this.#stop.abort();
    this.#end();
    this.#wake();
  }

  async #run() {
    const attempts = { way: 0, failures: 0, refusals: 0 };
    while (!this.#stopped) {
      let isOver = false;
      try {
        isOver = await this.#attempt(attempts);
      } catch (error) {
        this.#mistake(error);
      }
      if (this.#stopped || isOver) return;
      if (this.#isBroken) attempts.failures += 1;
      this.#isBroken = false;
      await this.#pause(backoff(attempts.failures));
    }
  }

  /** One attempt, in the way whose turn it is; whether nothing will follow. */
  async #attempt(attempts) {
    const ways = [() => this.#connect(Socket), () => this.#connect(Events), () => this.#polls()];
    // Each attempt begins with a question: its answer is there at once, and tells a service that is
    // down from a socket that is blocked on the way.
    const answered = await this.#ask();
    if (this.#stopped) return false;
    if (!answered) {
      attempts.refusals = 0;
      attempts.failures += 1;
      return false;
    }
    const began = Date.now();
    const ended = await ways[attempts.way]();
    if (this.#stopped || this.#isBroken) return false;
    if (ended === FINAL) {
      this.#hear("final");
      return true;
    }
    if (ended === REFUSED) {
      // The service answers, so the next way is near. Once may be chance.
      attempts.failures = 0;
      attempts.refusals += 1;
      if (attempts.refusals > 1) {
        attempts.way = Math.min(attempts.way + 1, ways.length - 1);
        attempts.refusals = 0;
      }
      return false;
    }
    attempts.refusals = 0;
    // A service that lets go at once is not asked again at once.
    attempts.failures = Date.now() - began > OPENING_MOST ? 0 : attempts.failures + 1;
    // Polling ends now and then so that the better ways are tried again.
    if (attempts.way === ways.length - 1) attempts.way = 0;
    else this.#hear("stale");
    return false;
  }

  /**
   * A mistake of a script, which is no trouble of the network: it is said as what it is, and is in the console.
   * What was wrong may be gone with the next answer, so that the attempts go on.
   */
  #mistake(error) {
    this.#isBroken = true;
    console.error(error);
    try {
      this.#hear("broken");
    } catch (other) {
      console.error(other);
    }
  }

  /** Does what a line calls for. After a mistake the line is given up. */
  #guard(action) {
    try {
      return action();
    } catch (error) {
      this.#mistake(error);
      this.#end(LOST);
      return LOST;
    }
  }

  /** Waits, unless it is woken. */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Asks once; whether there was an answer. */
  async #ask() {
    const trouble = await this.#topic.ask(this.#stop.signal);
    if (trouble && !this.#stopped) this.#hear(trouble);
    return !trouble;
  }

  /** Listens on a line until it ends. */
  async #connect(line) {
    const { ended, end } = line.run(this.#topic.service, () => this.#topic.operation(), {
      live: () => this.#guard(() => this.#hear("live")),
      next: ({ data, errors }) => {
        if (errors || !data) return REFUSED;
        return this.#guard(() => {
          const last = this.#topic.take(data);
          this.#hear("live");
          return last ? FINAL : null;
        });
      },
      check: () => this.#ask().catch((error) => this.#mistake(error)),
    });
    this.#end = end;
    if (this.#isBroken) end(LOST);
    return ended;
  }

  /** By asking again and again, for a while. */
  async #polls() {
    const until = Date.now() + POLL_MOST;
    while (Date.now() < until) {
      this.#hear("polled");
      await this.#pause(POLL_EVERY * (0.8 + 0.4 * Math.random()));
      if (this.#stopped || !(await this.#ask())) break;
    }
    return LOST;
  }
}
