import type { EndpointEntry, EndpointSource } from "@holdfast/core";

/**
 * The servers, in the order in which they are dialled. The link asks before every dial, so an order may change at any time, and a
 * dial may have to wait until something is known.
 */
export class ServerList implements EndpointSource {
  readonly #scheme: "tcp" | "tls";
  #addresses: readonly string[];
  /** The one dialled last, and where it stood in the list that the link had then. */
  #last: { readonly address: string; readonly index: number } | undefined;
  /** Nobody is dialled before this is settled. */
  #gate: Promise<unknown> | undefined;

  constructor(addresses: readonly string[], scheme: "tcp" | "tls") {
    this.#addresses = addresses;
    this.#scheme = scheme;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  async list(): Promise<readonly EndpointEntry[]> {
    while (this.#gate !== undefined) {
      const gate = this.#gate;
      await gate;
      if (this.#gate === gate) this.#gate = undefined;
    }
    return this.#addresses.map((address) => this.uri(address));
  }

  uri(address: string): string {
    return `${this.#scheme}://${address}`;
  }

  /** What an endpoint's label says, without the scheme. */
  address(label: string): string {
    return label.slice(this.#scheme.length + 3);
  }

  dialled(address: string): void {
    this.#last = { address, index: Math.max(0, this.#addresses.indexOf(address)) };
  }

  /** Nobody is dialled before the promise is settled. It must not reject. */
  hold(gate: Promise<unknown>): void {
    this.#gate = gate;
  }

  /** The next dials go along this list, from its first one. */
  follow(order: readonly string[]): void {
    // The link goes on behind the server dialled last, or, where that is gone, at the number that comes next.
    const last = this.#last;
    if (last !== undefined && order.includes(last.address)) {
      this.#addresses = [last.address, ...order.filter((one) => one !== last.address)];
      return;
    }
    const from = last === undefined ? 0 : (last.index + 1) % order.length;
    this.#addresses = order.map((_, at) => order[(at - from + order.length) % order.length] as string);
  }

  /** This one is dialled next. */
  prefer(address: string): void {
    this.follow([address, ...this.#addresses.filter((one) => one !== address)]);
  }
}
