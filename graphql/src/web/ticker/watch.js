// Watching something for as long as it takes, whatever the network does.

// The first attempt is spread over two seconds, so that a restarted service does not meet all its
// readers at once; later ones over half a minute at most, so that nobody waits long for its return.
const backoff = (failures) => 250 + Math.random() * Math.min(30_000, 2_000 * 2 ** failures);
const POLL_EVERY = 5_000;
// Whatever kept sockets from working may be over: another network, another proxy.
const POLL_MOST = 300_000;

/**
 * Watches a topic: by WebSocket, else by server-sent events, else by asking again and again. Tells
 * `hear(state)` of each sign of life or death: `live`, `polled`, `final`, or what `ask` said.
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
    const ways = [() => this.#connect(Socket), () => this.#connect(Events), () => this.#polls()];
    let way = 0;
    let failures = 0;
    let refusals = 0;
    while (!this.#stopped) {
      // Each attempt begins with a question: its answer is there at once, and tells a service that is
      // down from a socket that is blocked on the way.
      const answered = await this.#ask();
      if (this.#stopped) return;
      if (answered) {
        const began = Date.now();
        const ended = await ways[way]();
        if (this.#stopped) return;
        if (ended === FINAL) return this.#hear("final");
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
          else this.#hear("stale");
        }
      } else {
        refusals = 0;
        failures += 1;
      }
      await this.#pause(backoff(failures));
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
      live: () => this.#hear("live"),
      next: ({ data, errors }) => {
        if (errors || !data) return REFUSED;
        const last = this.#topic.take(data);
        this.#hear("live");
        return last ? FINAL : null;
      },
      check: () => this.#ask(),
    });
    this.#end = end;
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
