import { OptionError, parseEndpoint, type Channel, type EndpointEntry, type Framing, type Listener, type Transport } from "@holdfast/core";
import { shutDown } from "./verdicts.ts";

/** The listeners of a server. */
export class Doors {
  readonly #listeners = new Set<Listener>();
  readonly #opening = new Set<AbortController>();
  #shut = false;

  /** Rejects with what the transport rejects with, with `signal.reason`, or with a `LinkError` when the server is closed meanwhile. */
  async open(transport: Transport, uri: EndpointEntry, options: { readonly accept: (channel: Channel) => void; readonly framing: Framing | undefined; readonly signal: AbortSignal | undefined }): Promise<Listener> {
    const { accept, framing, signal } = options;
    const endpoint = parseEndpoint(uri, "uri");
    if (!transport.schemes.includes(endpoint.scheme)) throw new OptionError("uri", `a URI this transport serves (${transport.schemes.join(", ")})`, endpoint.label);
    if (transport.listen === undefined) throw new OptionError("transport", `one that listens: the ${endpoint.scheme} transport of this runtime only dials`);
    signal?.throwIfAborted();
    if (this.#shut) throw shutDown();
    const controller = new AbortController();
    const abort = (): void => { controller.abort(signal?.reason); };
    signal?.addEventListener("abort", abort, { once: true });
    this.#opening.add(controller);
    try {
      const listener = await transport.listen(endpoint, { accept, signal: controller.signal, ...(framing && { framing }) });
      if (!this.#shut) return this.#keep(listener);
      await listener.close();
      throw shutDown();
    } finally {
      this.#opening.delete(controller);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Stops accepting, for good. */
  async shut(): Promise<void> {
    this.#shut = true;
    for (const controller of this.#opening) controller.abort(shutDown());
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  #keep(listener: Listener): Listener {
    this.#listeners.add(listener);
    return {
      endpoint: listener.endpoint,
      close: async () => {
        if (this.#listeners.delete(listener)) await listener.close();
      },
    };
  }
}
