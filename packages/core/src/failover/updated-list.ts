/**
 * A list of endpoints that others may add to: what stands in a file or at a URL, read again before each lap, and what a peer names that
 * asks us to leave.
 *
 * The members in code are dialled whatever anybody says, so a list from outside can add endpoints, and never take the known ones away.
 * What it names is dialled only where `accept` says so; the last list that could be read and had something acceptable counts.
 */
import { systemClock } from "../clock/system-clock.ts";
import { parseList, resolveEntries } from "../endpoint/list.ts";
import { parseEndpoint, redact } from "../endpoint/parse.ts";
import { isHoldfastError } from "../errors/holdfast-error.ts";
import { OptionError } from "../errors/option-error.ts";
import type { Logger } from "../link/logger.ts";
import { moreThanZero } from "../policy/bounds.ts";
import { shuffle } from "../policy/shuffle.ts";
import type { Transport } from "../ports/channel.ts";
import type { Clock, Millis, Random } from "../ports/clock.ts";
import type { Advice, Endpoint, EndpointEntry, EndpointSource, NamedEndpoints } from "../ports/endpoint.ts";
import { resolveAccept, type Accept, type Guard } from "./accept.ts";
import { fetchText, unreadable, type ReadText } from "./fetch-list.ts";
import { Remarks } from "./remarks.ts";

export interface UpdatedListOptions {
  /** The list in code: a URI, `a,b`, or an array. Always dialled, after what others add. */
  readonly endpoints: string | readonly EndpointEntry[];
  /** Those of the link. */
  readonly transports: readonly Transport[];
  /** What may be dialled of the endpoints that others name. Nothing is by itself. */
  readonly accept: Accept;
  /** Where the list is read: `http:`, `https:`, or whatever `readText` understands. Members stand on lines, or with commas between them. @default nowhere */
  readonly url?: string;
  /** Reads what is not at an `http:` or `https:` URL. @default `connect()` on Node reads files; elsewhere nothing does */
  readonly readText?: ReadText;
  /** How long reading may take; then the last list counts. @default 2000 */
  readonly timeout?: Millis;
  /** Endpoints that a peer names when it asks us to leave come before all others, until a peer names others. @default true */
  readonly updates?: boolean;
  /** The first of them is where the link moves to. @default true */
  readonly reconnects?: boolean;
  /** It moves although its own endpoint is among them. False: it stays as long as it may. Only where `updates` is true. @default true */
  readonly rebalances?: boolean;
  /** Every list is shuffled once, when it comes. @default true */
  readonly shuffle?: boolean;
  /** Hears of a list that could not be read, and of endpoints that were not accepted. Without one the console does, once. False: nobody. */
  readonly logger?: Logger | false;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

/** What a `failover:` URI adds. */
export interface Finish {
  /** Whose URIs come first, whatever is shuffled. */
  readonly first?: readonly string[];
  /** An endpoint from outside as it is dialled: with the nested options behind it. */
  readonly complete?: (uri: string) => string;
}

/** Bytes that are read, and members that are looked at. A list of brokers is nowhere near. */
const maxBytes = 65_536;
const mostLooked = 256;
/** Dials of one lap follow each other closely; whoever dials later wants to know how things are now. */
const fresh: Millis = 1_000;

/** For `new Link({ endpoints: updatedList({ … }) })`. Throws an `OptionError` for what cannot work. */
export function updatedList(options: UpdatedListOptions, finish: Finish = {}): EndpointSource {
  return new UpdatedList(options, finish);
}

class UpdatedList implements EndpointSource {
  readonly #options: UpdatedListOptions;
  readonly #finish: Finish;
  readonly #own: readonly EndpointEntry[];
  readonly #guard: Guard;
  readonly #clock: Clock;
  readonly #timeout: Millis;
  readonly #remarks: Remarks;
  readonly #read: ReadText;
  /** What the file says. */
  #written: readonly string[] = [];
  /** What a peer said last. */
  #named: readonly string[] = [];
  #list: readonly EndpointEntry[] = [];
  #readAt: Millis = -Infinity;
  /** Dials since it was read. */
  #asked = 0;

  constructor(options: UpdatedListOptions, finish: Finish) {
    const { endpoints, transports, accept, url, timeout = 2_000, clock = systemClock, logger } = options;
    this.#options = options;
    this.#finish = finish;
    this.#own = typeof endpoints === "string" ? parseList(endpoints).members : endpoints;
    this.#guard = resolveAccept(accept, resolveEntries(this.#own, transports));
    this.#clock = clock;
    this.#timeout = moreThanZero("timeout", timeout);
    this.#remarks = new Remarks(logger);
    this.#read = readerOf(url, options.readText);
    this.#arrange();
  }

  list({ signal }: { readonly signal: AbortSignal }): readonly EndpointEntry[] | Promise<readonly EndpointEntry[]> {
    const { url } = this.#options;
    const lapIsOver = this.#asked >= this.#list.length || this.#clock.now() - this.#readAt >= fresh;
    if (url !== undefined && lapIsOver) return this.#refresh(url, signal);
    this.#asked += 1;
    return this.#list;
  }

  /** What is not accepted is passed over, and then the link moves as if nobody had been named. */
  named({ to, from }: NamedEndpoints): Advice | undefined {
    const { updates = true, reconnects = true, rebalances = true } = this.#options;
    if (!updates && !reconnects) return undefined;
    const accepted = this.#judge(to, from.label);
    const others = accepted.filter((uri) => parseEndpoint(uri).label !== from.label);
    if (accepted.length === 0) return undefined;
    this.#named = updates ? accepted : others.slice(0, 1); // Where we go has to be in the list.
    this.#arrange();
    if (updates && !rebalances && others.length < accepted.length) return { stay: true };
    return reconnects && others[0] !== undefined ? { next: others[0] } : undefined;
  }

  /** Says what it is and shows no secret. */
  toJSON(): string {
    return "updatedList";
  }

  /** Reads the list anew; one that cannot be read changes nothing. */
  async #refresh(url: string, signal: AbortSignal): Promise<readonly EndpointEntry[]> {
    const started = this.#clock.now();
    this.#readAt = started; // First: others who ask meanwhile take the list as it is.
    this.#asked = 1;
    const late = new AbortController();
    const alarm = this.#clock.alarm(started + this.#timeout, () => { late.abort(unreadable(`it took longer than ${this.#timeout} ms`)); });
    try {
      const either = AbortSignal.any([signal, late.signal]);
      this.#take(await unless(either, this.#read(url, { signal: either, maxBytes })), redact(url));
    } catch (error) {
      signal.throwIfAborted();
      this.#remarks.say("listUnread", `the list of endpoints at ${redact(url)} could not be read (${shown(error)}): the last one counts, and it is read again before the next lap`);
    } finally {
      alarm.cancel();
    }
    return this.#list;
  }

  #take(text: string, where: string): void {
    const accepted = this.#judge(text.split(/[,\r\n]+/), where);
    if (accepted.length === 0 || accepted.join() === this.#written.join()) return;
    this.#written = accepted;
    this.#arrange();
  }

  /** Those that may be dialled, in order. A member that is wrong spoils none of the others. */
  #judge(members: readonly string[], where: string): readonly string[] {
    const written = members.map((member) => member.trim()).filter((member) => member !== "");
    const accepted = new Set<string>();
    let ignored = Math.max(0, written.length - mostLooked);
    for (const member of written.slice(0, mostLooked)) {
      const endpoint = this.#understand(member);
      if (endpoint !== undefined && accepted.size < this.#guard.max && this.#guard.accepts(endpoint)) accepted.add(endpoint.uri);
      else ignored += 1;
    }
    if (ignored > 0) this.#remarks.say("endpointsIgnored", `${ignored} of ${written.length} endpoints that ${where} names may not be dialled, and are not: \`accept\` decides`);
    return [...accepted];
  }

  /** Undefined for what nobody can dial. */
  #understand(member: string): Endpoint | undefined {
    try {
      return resolveEntries([this.#finish.complete?.(member) ?? member], this.#options.transports)[0];
    } catch {
      return undefined; // Counted by the caller.
    }
  }

  /** Others' endpoints before ours, as in ActiveMQ. */
  #arrange(): void {
    const { shuffle: shuffled = true, random = Math.random } = this.#options;
    const { first = [] } = this.#finish;
    const known = new Map([...this.#named, ...this.#written, ...this.#own].map((entry) => [uriOf(entry), entry]));
    const list = shuffled ? shuffle([...known.values()], random) : [...known.values()];
    const leads = (entry: EndpointEntry): boolean => first.includes(uriOf(entry));
    this.#list = [...list.filter(leads), ...list.filter((entry) => !leads(entry))];
  }
}

function uriOf(entry: EndpointEntry): string {
  return typeof entry === "string" ? entry : entry.uri;
}

function readerOf(url: string | undefined, readText: ReadText | undefined): ReadText {
  if (url === undefined || /^https?:/i.test(url)) {
    if (url !== undefined && /^https?:\/\/[^/?#]*@/i.test(url)) throw new OptionError("url", "without a name and a password in it, which fetch() does not take", redact(url));
    return fetchText;
  }
  if (readText !== undefined) return readText;
  throw new OptionError("url", "an http: or https: URL here: files are read by connect() on Node, or by a `readText` of yours", redact(url));
}

/** A stranger's error may quote the address. */
function shown(error: unknown): string {
  if (isHoldfastError(error)) return error.message;
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: { code?: unknown } };
  const word = cause?.code ?? code ?? name;
  return typeof word === "string" && /^\w{1,40}$/.test(word) ? word : "it failed";
}

/** The task, or the reason of the signal, whichever comes first: a reader may not heed the signal. */
async function unless<T>(signal: AbortSignal, task: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = (): void => { reject(signal.reason as Error); };
  signal.addEventListener("abort", aborted, { once: true });
  try {
    return await Promise.race([task, promise]);
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}
