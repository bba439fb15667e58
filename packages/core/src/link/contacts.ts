import { resolveEntries, transportFor } from "../endpoint/list.ts";
import { parseEndpoint } from "../endpoint/parse.ts";
import { ConnectError } from "../errors/connect-error.ts";
import { isHoldfastError, type HoldfastError } from "../errors/holdfast-error.ts";
import { OptionError } from "../errors/option-error.ts";
import type { LinkEvent } from "../machine/link-state.ts";
import type { Channel, Farewell } from "../ports/channel.ts";
import type { Endpoint, EndpointEntry } from "../ports/endpoint.ts";
import type { Role } from "../ports/protocol.ts";
import type { WireOwner } from "../wire/wire-owner.ts";
import { Wire } from "../wire/wire.ts";
import type { LinkSettings } from "./options.ts";

/** Hears what came of an order, and owns the wires. */
export interface ContactsOwner<In> extends WireOwner<In> {
  happened(event: LinkEvent, error?: HoldfastError): void;
}

/** A list that is being asked for, or a dial: what can be called off. */
interface Attempt { readonly epoch: number; readonly controller: AbortController }

/** The dials and channels of a link, by epoch. Does what the machine orders and tells it what came of it. */
export class Contacts<Out, In> {
  readonly #settings: LinkSettings<Out, In>;
  readonly #owner: ContactsOwner<In>;
  /** A handful at most: one active, one on its way, a few that say goodbye. */
  #contacts: readonly (Attempt | Wire<Out, In>)[] = [];
  #endpoints: readonly Endpoint[];
  /** What they were made of: the same texts, in the same order, are not read again. */
  #entries: readonly EndpointEntry[] = [];

  constructor(settings: LinkSettings<Out, In>, owner: ContactsOwner<In>) {
    this.#settings = settings;
    this.#owner = owner;
    this.#endpoints = settings.endpoints;
  }

  wire(epoch: number): Wire<Out, In> | undefined {
    const contact = this.#find(epoch);
    return contact instanceof Wire ? contact : undefined;
  }

  /** The label of an endpoint of the list, given that or the URI. */
  label(given: string): string {
    const found = this.#endpoints.find(({ label, uri }) => given === label || given === uri);
    // What was given is not shown: it may hold a secret.
    if (found === undefined) throw new OptionError("endpoint", `one of those the link knows: ${this.#endpoints.map(({ label }) => label).join(", ")}`);
    return found.label;
  }

  /** What the source makes of endpoints that a peer names: where to go first, by its label, or null to stay. */
  advice(to: readonly string[], from: Endpoint): string | null | undefined {
    const { next, stay = false } = this.#settings.source?.named?.({ to, from }) ?? {};
    return stay ? null : next === undefined ? undefined : parseEndpoint(next).label;
  }

  /** Asks the source for a fresh list. It may throw: it is asked again, and then the link waits as after any failure. */
  async resolve(epoch: number): Promise<void> {
    const { source, transports, clock, random } = this.#settings;
    const signal = this.#begin(epoch);
    try {
      const ask = async (): Promise<readonly EndpointEntry[]> => (await source?.list({ signal })) ?? [];
      // Asked again only where it threw: `retry` is loaded on first need, and a failover does not wait for it.
      const entries = await ask().catch(async (error: unknown) => {
        if (isHoldfastError(error) && error.next === "stop") throw error;
        const { retry } = await import("../retry/retry.ts");
        return retry(ask, { retries: 1, signal, clock, random });
      });
      if (!same(entries, this.#entries)) {
        this.#endpoints = resolveEntries(entries, transports);
        this.#entries = [...entries];
      }
    } catch (cause) {
      if (!signal.aborted) this.#failed(epoch, new ConnectError("HF_NO_ENDPOINT", "", `the endpoint source gave no list to dial: ${messageOf(cause)}`, { cause }));
      return;
    }
    if (signal.aborted) return;
    this.forget(epoch); // A dial begins afresh, and there may be none.
    this.#owner.happened({ type: "resolved", epoch, endpoints: this.#endpoints.map(({ label }) => label) });
  }

  async dial(epoch: number, index: number): Promise<void> {
    const signal = this.#begin(epoch);
    const endpoint = this.#endpoints[index] as Endpoint; // The machine chooses from the list it was given.
    let channel: Channel;
    try {
      const { protocol: { framing }, limiter } = this.#settings;
      const turn = limiter?.turn(signal);
      if (turn) await this.#held(epoch, turn);
      channel = await transportFor(endpoint, this.#settings.transports).dial(endpoint, { signal, ...(framing && { framing }) });
    } catch (error) {
      if (!signal.aborted) this.#failed(epoch, asConnectError(error, endpoint));
      return;
    }
    if (signal.aborted) channel.abort(signal.reason as Error);
    else this.#talk(epoch, channel);
  }

  /** Many links share what the limiter grants; to wait for a turn is no failure, however long it takes. */
  async #held(epoch: number, turn: Promise<void>): Promise<void> {
    this.#owner.happened({ type: "held", epoch, on: true });
    await turn;
    this.#owner.happened({ type: "held", epoch, on: false });
  }

  /** The conversation of a channel begins. */
  greet(epoch: number, duty: Role["duty"]): void {
    const { protocol, clock, random } = this.#settings;
    const wire = this.wire(epoch);
    wire?.start(protocol, { side: "dialer", duty, epoch, remote: wire.remote, clock, random });
  }

  /** Ends a dial or a channel. A polite end is followed by `ended`; a rude one is silent. */
  hangUp(epoch: number, how: "close" | "abort", error: HoldfastError, farewell?: Farewell): void {
    const contact = this.#find(epoch);
    if (how === "close" && contact instanceof Wire) {
      contact.close(farewell);
      return;
    }
    this.forget(epoch);
    if (contact instanceof Wire) contact.abort(error);
    else contact?.controller.abort(error);
  }

  forget(epoch: number): void {
    this.#contacts = this.#contacts.filter((contact) => contact.epoch !== epoch);
  }

  #find(epoch: number): Attempt | Wire<Out, In> | undefined {
    return this.#contacts.find((contact) => contact.epoch === epoch);
  }

  #begin(epoch: number): AbortSignal {
    const controller = new AbortController();
    this.#keep({ epoch, controller });
    return controller.signal;
  }

  /** In the place of what had the same epoch: a channel follows its dial, a dial the asking for the list. */
  #keep(contact: Attempt | Wire<Out, In>): void {
    this.forget(contact.epoch);
    this.#contacts = this.#contacts.concat(contact); // As long as it is full: others set room aside for 16 more.
  }

  #failed(epoch: number, error: HoldfastError): void {
    this.#owner.happened({ type: "lost", epoch, cause: "failed", next: error.next, retryAfter: error.retryAfter }, error);
  }

  #talk(epoch: number, channel: Channel): void {
    const { protocol, clock, random, heartbeat, heartbeatOptional, transports } = this.#settings;
    const pings = protocol.pings || !heartbeatOptional || transportFor(channel.remote, transports).traits.pings;
    const wire = new Wire<Out, In>({ owner: this.#owner, channel, protocol, role: { epoch }, heartbeat: pings ? heartbeat : undefined, clock, random });
    this.#keep(wire);
    this.#owner.happened({ type: "dialed", epoch });
    wire.attend(); // Unless its conversation has begun.
  }
}

/** Texts only: what an object says may have changed. */
function same(entries: readonly EndpointEntry[], before: readonly EndpointEntry[]): boolean {
  return entries.length === before.length && entries.length > 0 && entries.every((entry, at) => typeof entry === "string" && entry === before[at]);
}

/** A transport that is not ours may quote the address, with its secrets. */
function asConnectError(error: unknown, { label, uri }: Endpoint): HoldfastError {
  if (isHoldfastError(error)) return error;
  return new ConnectError("HF_DIAL_FAILED", label, `could not dial ${label}: ${messageOf(error).replaceAll(uri, label)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
