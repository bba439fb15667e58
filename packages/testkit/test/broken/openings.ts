import { LinkError, type Channel, type Transport } from "@holdfast/core";
import { sound, type Fault } from "./fault.ts";
import { listen } from "./tamper.ts";

/** Faults of dialling and listening. */
export const openings: readonly Fault[] = [
  {
    fault: "ignores an abort before the dial", breaks: "dial rejects with signal.reason when the signal is aborted before, and no connection is made", saying: /should have been rejected, but resolved/,
    transport: () => deaf((transport, endpoint) => transport.dial(endpoint, { signal: new AbortController().signal })),
  },
  {
    fault: "ignores an abort on the way", breaks: "dial rejects with signal.reason when it is aborted on the way, and leaves no connection behind, even if it completes later", saying: /aborted on the way and resolved/,
    transport: () => deaf((transport, endpoint) => transport.dial(endpoint, { signal: new AbortController().signal })),
  },
  {
    fault: "rejects with an error of its own when aborted", breaks: "dial rejects with signal.reason when the signal is aborted before, and no connection is made", saying: /rejected with Error: dial failed/,
    transport: () => deaf(async (transport, endpoint, signal) => { try { return await transport.dial(endpoint, { signal }); } catch (error) { throw new Error("dial failed", { cause: error }); } }),
  },
  {
    fault: "forgets the connection that completes after an abort", breaks: "dial rejects with signal.reason when it is aborted on the way, and leaves no connection behind, even if it completes later", saying: /a channel accepted from an aborted dial was not told of the end/,
    transport: () => deaf(async (transport, endpoint, signal) => {
      const aborted = new Promise<never>((_, reject) => { signal.addEventListener("abort", () => { reject(signal.reason as Error); }); });
      return Promise.race([transport.dial(endpoint, { signal: new AbortController().signal }), aborted]);
    }),
  },
  {
    fault: "closes a live channel when the signal of its dial is aborted", breaks: "an abort after dial has resolved changes nothing", saying: /a signal that only governs the dial/,
    transport: () => deaf(async (transport, endpoint, signal) => {
      const channel = await transport.dial(endpoint, { signal });
      signal.addEventListener("abort", () => { channel.abort(new Error("aborted")); });
      return channel;
    }),
  },
  {
    fault: "shows the token of the URI when it is refused", breaks: "a refused dial rejects with a HoldfastError that names the endpoint and shows no secret", saying: /shows a secret/,
    transport: () => deaf(async (transport, endpoint, signal) => {
      try { return await transport.dial(endpoint, { signal }); } catch (error) { throw new LinkError("HF_DIAL_FAILED", `${endpoint.label} refused`, { cause: new Error(`connect to ${endpoint.uri}`, { cause: error }) }); }
    }),
  },
  {
    fault: "rejects a refused dial with a bare Error", breaks: "a refused dial rejects with a HoldfastError that names the endpoint and shows no secret", saying: /should be a HoldfastError/,
    transport: () => deaf(async (transport, endpoint, signal) => { try { return await transport.dial(endpoint, { signal }); } catch (error) { throw new Error("ECONNREFUSED", { cause: error }); } }),
  },
  {
    fault: "closes accepted channels with the listener", breaks: "close of a listener stops accepting, and channels already accepted live on", saying: /did not hear 1 frames/,
    transport: () => {
      const transport = sound();
      return { ...transport, listen: async (endpoint, options) => {
        const accepted: Channel[] = [];
        const listener = await listen(transport)(endpoint, { ...options, accept: (channel) => { accepted.push(channel); options.accept(channel); } });
        return { endpoint, close: async () => { for (const channel of accepted) channel.close(); await listener.close(); } };
      } };
    },
  },
  {
    fault: "goes on accepting after the listener was closed", breaks: "close of a listener stops accepting, and channels already accepted live on", saying: /should have been rejected, but resolved/,
    transport: () => { const transport = sound(); return { ...transport, listen: async (endpoint, options) => ({ endpoint: (await listen(transport)(endpoint, options)).endpoint, close: () => Promise.resolve() }) }; },
  },
  {
    fault: "listens although the signal is aborted", breaks: "listen rejects with signal.reason when the signal is aborted before", saying: /should have been rejected, but resolved/,
    transport: () => { const transport = sound(); return { ...transport, listen: (endpoint, { accept }) => listen(transport)(endpoint, { accept }) }; },
  },
];

/** A transport with another way to dial. */
function deaf(dial: (transport: Transport, endpoint: Parameters<Transport["dial"]>[0], signal: AbortSignal) => Promise<Channel>): Transport {
  const transport = sound();
  return { ...transport, dial: (endpoint, { signal }) => dial(transport, endpoint, signal) };
}
