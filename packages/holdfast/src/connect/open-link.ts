import { Link, OptionError, type EndpointEntry, type EndpointSource, type LinkOptions, type Protocol, type Transport } from "@holdfast/core";
import { plain } from "./plain.ts";
import { isUnwatched, warnUnwatched } from "./unwatched.ts";

/** Where to dial: a URI, a list `a,b`, `failover:(a,b)?key=value`, an array of them, or a source that is asked before every dial. */
export type Where = string | readonly EndpointEntry[] | EndpointSource;

/** Everything a `Link` can be told, and nothing of it is needed. */
export interface OpenOptions extends Omit<LinkOptions<unknown, unknown>, "endpoints" | "transports" | "protocol"> {
  /** Transports of your own, asked before those that come along. @default none */
  readonly transports?: readonly Transport[];
}

/** What is spoken, where it is not plain messages. */
export interface Spoken<Out, In> {
  /**
   * `text()`, `bytes()`, `json()`, `framed()` or one of your own.
   * @default plain messages: strings, and bytes as they come; over TCP one string per line
   */
  readonly protocol: Protocol<Out, In>;
}

/** What the options of a link are before it is made: `withFailover`, where it is worth its size. */
export type Reading = (options: LinkOptions<unknown, unknown>) => LinkOptions<unknown, unknown>;
const asGiven: Reading = (options) => options;

/**
 * Makes a link and opens it in the next turn of the microtask queue, so that a listener attached at once misses nothing. Whatever
 * goes wrong from then on is told by `ready()`, `closed` and the events.
 *
 * Throws an `OptionError` for what cannot work.
 */
export function openLink(where: Where, options: OpenOptions & Partial<Spoken<unknown, unknown>>, builtIn: readonly Transport[], read: Reading = asGiven): Link {
  const { transports: own = [] } = options;
  if (!Array.isArray(own)) throw new OptionError("transports", "an array of transports of your own", own);
  const transports: readonly Transport[] = [...(own as readonly Transport[]), ...builtIn]; // isArray forgets what is in it.
  const protocol = options.protocol ?? (plain(transports) as Protocol<unknown, unknown>); // The overloads of connect() say Frame.
  const { heartbeat = { optional: true }, logger } = options;
  const link = new Link(read({ ...options, endpoints: where, transports, protocol, heartbeat }));
  if (options.heartbeat === undefined && logger !== false) {
    link.on("connected", ({ endpoint }) => {
      // After the listeners of the user: the event comes first, the remark about it second.
      if (isUnwatched(endpoint, protocol, transports)) queueMicrotask(() => { warnUnwatched(endpoint, logger); });
    });
  }
  queueMicrotask(() => void open(link));
  return link;
}

async function open(link: Link): Promise<void> {
  try {
    await link.open();
  } catch {
    // The reason is in `closed`, and in what `ready()` rejects with.
  }
}
