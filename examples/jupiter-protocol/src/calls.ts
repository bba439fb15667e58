import { LinkError, type Link } from "@holdfast/core";
import type { Packet } from "./jupiter-protocol.ts";

interface Pending { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }

/** Status of a response that is a result. */
export const ok = 0x20;
export const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
export const decode = (body: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(body));

/** Requests and their responses, matched by id. A deadline is the caller's: `retry(({ signal }) => calls.call(…, signal), { timeout })`. */
export class Calls {
  readonly #link: Link<Packet, Packet>;
  readonly #pending = new Map<bigint, Pending>();
  #last = 0n;

  constructor(link: Link<Packet, Packet>) {
    this.#link = link;
    link.receive(({ code, status, id, body }) => {
      const call = this.#pending.get(id);
      if (code !== "response" || call === undefined) return;
      this.#pending.delete(id);
      if (status === ok) call.resolve(decode(body));
      else call.reject(new Error(String(decode(body))));
    });
    link.on("disconnected", ({ endpoint }) => {
      for (const { reject } of this.#pending.values()) reject(new LinkError("HF_RESET", `${endpoint} was lost before it answered: it may have done what it was asked for`));
      this.#pending.clear();
    });
  }

  /** While the link is down a request waits in its outbox. */
  async call(method: string, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = (this.#last += 1n);
    this.#pending.set(id, { resolve, reject });
    signal.addEventListener("abort", () => { this.#pending.delete(id); reject(signal.reason as Error); }, { once: true });
    this.#link.send({ code: "request", status: 0, id, body: encode({ method, args }) });
    return promise;
  }
}
