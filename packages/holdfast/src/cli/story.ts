import type { Clock, Closed, Connected, Connecting, Disconnected, Draining, Failed, Migrated, Millis, Missed, RoundTripTime, Suspected, Waiting } from "@holdfast/core";
import { errorData, errorText, round, type Entry } from "./entry.ts";
import { count, duration } from "./printable.ts";
import { messageData, messageText } from "./speech.ts";

const endings: Readonly<Record<Disconnected["cause"], string>> = {
  failed: "it never came about",
  closed: "the peer closed the connection",
  reset: "the connection broke",
  heartbeat: "the peer is silent",
  suspected: "it was suspected",
  refused: "the peer refused",
  protocol: "the peer broke the rules",
  timeout: "it took too long",
  drained: "the peer asked us to move",
  requested: "as you asked",
};

/** What becomes of the messages that a lost channel had not confirmed. */
function fate(unconfirmed: number, resent = 0): string {
  const again = resent === 0 ? "" : `; ${count(resent, "message")} to be sent again`;
  return `${again}${unconfirmed === 0 ? "" : `; ${count(unconfirmed, "message")} may not have arrived`}`;
}

/** What a link went through, in sentences. Remembers what makes an event news: where we were before, and for how long we were gone. */
export class Story {
  readonly #clock: Clock;
  readonly #startedAt: Millis;
  #upSince: Millis | undefined;
  #downSince: Millis;
  #uptime: Millis = 0;
  #endpoint: string | undefined;
  /** Dials that failed since the last connection. */
  #failures = 0;
  #misses = 0;
  #rtt: RoundTripTime | undefined;
  #connections = 0;
  #failovers = 0;
  #received = 0;
  #sent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = this.#downSince = clock.now();
  }

  get received(): number {
    return this.#received;
  }

  /** The round trip last told of. */
  get rtt(): RoundTripTime | undefined {
    return this.#rtt;
  }

  /** People are told of the first dial of an outage: what becomes of the others is news enough. */
  connecting({ attempt, endpoint }: Connecting): Entry {
    const text = this.#failures === 0 ? { text: endpoint } : {};
    return { event: "connecting", tone: "quiet", ...text, data: { attempt, endpoint } };
  }

  failed({ attempt, endpoint, error }: Failed): Entry {
    this.#failures += 1;
    return { event: "failed", tone: "bad", text: errorText(error), data: { attempt, endpoint, error: errorData(error) } };
  }

  /** `noticedWithin`: how long a peer may be silent; Infinity without a heartbeat. */
  connected({ endpoint, epoch, resumed }: Connected, noticedWithin: Millis): Entry {
    const now = this.#clock.now();
    const [before, downFor] = [this.#endpoint, now - this.#downSince];
    const first = before === undefined;
    const failover = !first && before !== endpoint;
    this.#connections += 1;
    this.#failovers += failover ? 1 : 0;
    this.#endpoint = endpoint;
    this.#upSince = now;
    this.#rtt = undefined;
    this.#failures = this.#misses = 0;
    const watched = noticedWithin === Infinity ? "no heartbeat" : `a silent peer is noticed within ${duration(noticedWithin)}`;
    const news = first ? [watched] : [failover ? `failover from ${before}` : "reconnected", `after ${duration(downFor)}`];
    return {
      event: "connected", tone: "good", text: [endpoint, ...news].join(", "),
      data: { endpoint, epoch, resumed, ...(first ? {} : { from: before, downFor: round(downFor) }), noticedWithin: noticedWithin === Infinity ? null : noticedWithin },
    };
  }

  migrated({ from, to, cause, epoch, unconfirmed, resent }: Migrated): Entry {
    this.#connections += 1;
    this.#failovers += from === to ? 0 : 1;
    this.#endpoint = to;
    this.#rtt = undefined;
    this.#failures = this.#misses = 0;
    const text = `${to}, from ${from} without a gap${fate(unconfirmed, resent)}`;
    return { event: "migrated", tone: "good", text, data: { from, to, cause, epoch, unconfirmed, ...(resent !== undefined && { resent }) } };
  }

  /** A ping was answered. People want to know of the first answer, and of the one that ends a silence. */
  alive(rtt: RoundTripTime): Entry {
    const news = this.#rtt === undefined ? `${this.#endpoint} answers in ${duration(rtt.last)}` : this.#misses > 0 ? `${this.#endpoint} answers again` : undefined;
    this.#rtt = rtt;
    this.#misses = 0;
    const { last, smoothed, variation } = rtt;
    return { event: "alive", tone: "good", ...(news === undefined ? {} : { text: news }), data: { endpoint: this.#endpoint, last: round(last), smoothed: round(smoothed), variation: round(variation) } };
  }

  missed({ endpoint, misses, of }: Missed): Entry {
    this.#misses = misses;
    return { event: "missed", tone: "warning", text: `${endpoint} left ${misses} of ${count(of, "heartbeat")} unanswered`, data: { endpoint, misses, of } };
  }

  suspected({ endpoint }: Suspected): Entry {
    this.#misses = Math.max(1, this.#misses);
    return { event: "suspected", tone: "warning", text: `${endpoint} is late to answer`, data: { endpoint } };
  }

  draining({ endpoint, within }: Draining): Entry {
    return { event: "draining", tone: "warning", text: `${endpoint} asks us to move within ${duration(within)}`, data: { endpoint, within } };
  }

  disconnected({ endpoint, cause, error, unconfirmed, resent }: Disconnected): Entry {
    const now = this.#clock.now();
    const lasted = now - (this.#upSince ?? now);
    this.#uptime += lasted;
    this.#upSince = undefined;
    this.#downSince = now;
    const why = error ? errorText(error) : endings[cause];
    // Errors of a transport name the endpoint already.
    const text = `${why.includes(endpoint) ? "" : `${endpoint} `}after ${duration(lasted)}: ${why}${fate(unconfirmed, resent)}`;
    const data = { endpoint, cause, lasted: round(lasted), unconfirmed, ...(resent !== undefined && { resent }), ...(error && { error: errorData(error) }) };
    // Who asked for it need not be told.
    return cause === "requested" ? { event: "disconnected", tone: "quiet", data } : { event: "disconnected", tone: "bad", text, data };
  }

  waiting({ attempt, delay }: Waiting): Entry {
    return { event: "waiting", tone: "warning", text: `next try in ${duration(delay)}`, data: { attempt, delay: round(delay) } };
  }

  closed({ cause, error }: Closed): Entry {
    const data = { cause, ...(error && { error: errorData(error) }) };
    if (cause === "requested") return { event: "closed", tone: "quiet", data };
    const how = cause === "exhausted" ? "gave up, as no attempt was left" : "gave up, as the peer refused for good";
    return { event: "closed", tone: "bad", text: error ? `${how}: ${errorText(error)}` : how, data };
  }

  message(message: unknown): Entry {
    this.#received += 1;
    return { event: "message", tone: "plain", text: `← ${messageText(message)}`, data: messageData(message) };
  }

  /** `waits`: it is taken, and goes out with the next connection. */
  sent(message: unknown, { waits }: { readonly waits: boolean } = { waits: false }): Entry {
    this.#sent += 1;
    return { event: "sent", tone: "plain", text: `→ ${messageText(message)}${waits ? "  (waits for a connection)" : ""}`, data: { ...messageData(message), waits } };
  }

  unsent(message: unknown, reason: string): Entry {
    return { event: "unsent", tone: "bad", text: `${messageText(message)}: ${reason}`, data: { ...messageData(message), reason } };
  }

  inputLost(reason: string): Entry {
    return { event: "input", tone: "warning", text: `nothing more is read from the input: ${reason}`, data: { reason } };
  }

  /** The whole of it, for the end. */
  summary(): Entry {
    const now = this.#clock.now();
    const total = now - this.#startedAt;
    const up = this.#uptime + (this.#upSince === undefined ? 0 : now - this.#upSince);
    const share = total === 0 ? 0 : Math.floor((1_000 * up) / total) / 10; // Rounded down: 100 % is said only of the whole.
    const facts = [
      `connected ${share} % of ${duration(total)}`, count(this.#connections, "connection"), count(this.#failovers, "failover"),
      `${count(this.#received, "message")} in, ${this.#sent} out`, ...(this.#rtt ? [`round trip ${duration(this.#rtt.smoothed)}`] : []),
    ];
    return {
      event: "ended", tone: "quiet", text: facts.join(", "),
      data: { up: round(up), total: round(total), connections: this.#connections, failovers: this.#failovers, received: this.#received, sent: this.#sent, rtt: this.#rtt ? round(this.#rtt.smoothed) : null },
    };
  }

  /** What is the case while we are connected, for a status line. */
  connectedStatus(): string {
    const age = this.#clock.now() - (this.#upSince ?? this.#clock.now());
    const facts = [
      `● connected to ${this.#endpoint}${age < 1_000 ? "" : ` for ${duration(Math.floor(age / 1_000) * 1_000)}`}`, ...(this.#rtt ? [`round trip ${duration(this.#rtt.smoothed)}`] : []),
      ...(this.#misses > 0 ? [`${this.#misses} unanswered`] : []), `${this.#received} in, ${this.#sent} out`,
    ];
    return facts.join(", ");
  }
}
