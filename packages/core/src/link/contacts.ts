import { resolveEntries, transportFor } from "../endpoint/list.ts";
import { ConnectError } from "../errors/connect-error.ts";
import { isHoldfastError, type HoldfastError } from "../errors/holdfast-error.ts";
import type { LinkEvent } from "../machine/link.ts";
import type { Channel, Farewell } from "../ports/channel.ts";
import type { Endpoint } from "../ports/endpoint.ts";
import type { Role } from "../ports/protocol.ts";
import { Wire, type WireOwner } from "../wire/wire.ts";
import type { LinkSettings } from "./options.ts";

interface Contact<Out, In> { readonly controller: AbortController; wire?: Wire<Out, In> }
type Tell = (event: LinkEvent, error?: HoldfastError) => void;

/** The dials and channels of a link, by epoch. Does what the machine orders and tells it what came of it. */
export class Contacts<Out, In> {
  readonly #settings: LinkSettings<Out, In>;
  readonly #owner: WireOwner<In>;
  readonly #tell: Tell;
  readonly #contacts = new Map<number, Contact<Out, In>>();
  #endpoints: readonly Endpoint[];

  constructor(settings: LinkSettings<Out, In>, owner: WireOwner<In>, tell: Tell) {
    this.#settings = settings;
    this.#owner = owner;
    this.#tell = tell;
    this.#endpoints = settings.endpoints;
  }

  wire(epoch: number): Wire<Out, In> | undefined {
    return this.#contacts.get(epoch)?.wire;
  }

  /** Asks the source for a fresh list. It may throw: it is asked again, and then the link waits as after any failure. */
  async resolve(epoch: number): Promise<void> {
    const { source, transports, clock, random } = this.#settings;
    const controller = new AbortController();
    this.#contacts.set(epoch, { controller });
    const { signal } = controller;
    try {
      // Loaded on first need: a link with a fixed list does without it.
      const { retry } = await import("../retry/retry.ts");
      const entries = await retry(async () => (await source?.list({ signal })) ?? [], { retries: 2, signal, clock, random });
      this.#endpoints = resolveEntries(entries, transports);
    } catch (error) {
      if (signal.aborted) return;
      const failure = new ConnectError("HF_NO_ENDPOINT", "", `the endpoint source gave no list to dial: ${messageOf(error)}`, { cause: error });
      this.#tell({ type: "lost", epoch, cause: "failed", next: "retry", retryAfter: 0 }, failure);
      return;
    }
    if (!signal.aborted) this.#tell({ type: "resolved", epoch, endpoints: this.#endpoints.map(({ label }) => label) });
  }

  async dial(epoch: number, index: number): Promise<void> {
    const contact: Contact<Out, In> = { controller: new AbortController() };
    this.#contacts.set(epoch, contact);
    const endpoint = this.#endpoints[index] as Endpoint; // The machine chooses from the list it was given.
    const { signal } = contact.controller;
    let channel: Channel;
    try {
      const { framing } = this.#settings.protocol;
      channel = await transportFor(endpoint, this.#settings.transports).dial(endpoint, { signal, ...(framing && { framing }) });
    } catch (error) {
      if (signal.aborted) return;
      const failure = asConnectError(error, endpoint);
      this.#contacts.delete(epoch);
      this.#tell({ type: "lost", epoch, cause: "failed", next: failure.next, retryAfter: failure.retryAfter }, failure);
      return;
    }
    if (signal.aborted) {
      channel.abort(signal.reason as Error);
      return;
    }
    this.#talk(epoch, channel, contact);
  }

  /** Ends a dial or a channel. A polite end is followed by `ended`; a rude one is silent. */
  hangUp(epoch: number, how: "close" | "abort", error: HoldfastError, farewell?: Farewell): void {
    const contact = this.#contacts.get(epoch);
    if (contact === undefined) return;
    if (how === "close" && contact.wire !== undefined) {
      contact.wire.close(farewell);
      return;
    }
    this.#contacts.delete(epoch);
    contact.controller.abort(error);
    contact.wire?.abort(error);
  }

  forget(epoch: number): void {
    this.#contacts.delete(epoch);
  }

  #talk(epoch: number, channel: Channel, contact: Contact<Out, In>): void {
    const { protocol, clock, random, heartbeat, heartbeatOptional, transports } = this.#settings;
    const role: Role = { side: "dialer", duty: "active", epoch, remote: channel.remote, clock, random };
    const pings = protocol.pings || !heartbeatOptional || transportFor(channel.remote, transports).traits.pings;
    contact.wire = new Wire({ owner: this.#owner, channel, protocol, role, heartbeat: pings ? heartbeat : undefined, clock, random });
    this.#tell({ type: "dialed", epoch });
    contact.wire.start(protocol, role);
  }
}

function asConnectError(error: unknown, { label }: Endpoint): HoldfastError {
  if (isHoldfastError(error)) return error;
  return new ConnectError("HF_DIAL_FAILED", label, `could not dial ${label}: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
