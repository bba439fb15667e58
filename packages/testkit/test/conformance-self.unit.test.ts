import { isHoldfastError, LinkError, type Channel, type Frame, type Transport } from "@holdfast/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { conformance, type DefineTest, type Fixture } from "../src/conformance/index.ts";
import { memory } from "../src/index.ts";
import { listen, tamperChannel, tamperHandler, tamperHandlers, tamperTransport } from "./broken/tamper.ts";

/** A test framework that only collects. */
function collect(make: () => Fixture): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  conformance({ it: (name, run) => tests.set(name, run) }, make, { patience: 100, quiet: 2 });
  return tests;
}

const maxFrameBytes = 70_000;
const sound = (): Transport => memory({ traits: { maxFrameBytes } });

interface Fault {
  readonly fault: string;
  readonly breaks: string;
  readonly saying: RegExp;
  readonly transport: () => Transport;
}

const endings: readonly Fault[] = [
  {
    fault: "calls closed twice", breaks: "close leads to closed, exactly once and without an error, on both sides", saying: /was called 2 times/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error); handler.closed(error); } })),
  },
  {
    fault: "forgets closed after abort", breaks: "abort leads to closed, exactly once and with the error it was given", saying: /was not told of the end/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { if (error === undefined) handler.closed(); } })),
  },
  {
    fault: "gives closed an error of its own after abort", breaks: "abort leads to closed, exactly once and with the error it was given", saying: /should get the error that was given to abort/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error && new LinkError("HF_ABORTED", "aborted")); } })),
  },
  {
    fault: "reports an orderly goodbye as an error", breaks: "the peer's goodbye leads to closed, exactly once and without an error", saying: /an orderly end has no error/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error ?? new LinkError("HF_CLOSED_BY_PEER", "gone")); } })),
  },
  {
    fault: "reports the peer's abort with a bare Error", breaks: "the peer's abort leads to closed, exactly once", saying: /should be a HoldfastError, got Error: ECONNRESET/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(isHoldfastError(error) ? new Error("ECONNRESET") : error); } })),
  },
  {
    fault: "delivers a frame after closed", breaks: "nothing is called after closed", saying: /called after closed: frame/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { closed: (error) => { handler.closed(error); handler.frame("late"); } })),
  },
  {
    fault: "throws from send after close", breaks: "after close, send returns false and nothing throws", saying: /should not throw, threw Error: not open/,
    transport: () => afterEnd((channel, frame, over) => { if (over) throw new Error("not open"); return channel.send(frame); }),
  },
  {
    fault: "returns true from send after abort", breaks: "after abort, send returns false and nothing throws", saying: /should return false right after it/,
    transport: () => afterEnd((channel, frame, over) => channel.send(frame) || over),
  },
  {
    fault: "drops what is not flushed at close", breaks: "close flushes what was sent", saying: /heard 0 frames of 64/,
    transport: () => tamperTransport(sound(), lazySender),
  },
  {
    fault: "loses frames that came before a goodbye when receive is late", breaks: "what the peer sent before its goodbye arrives before closed, also when receive comes late", saying: /heard 0 frames of 20/,
    transport: () => tamperTransport(sound(), impatient),
  },
  {
    fault: "tells nobody of an abort before receive", breaks: "a channel that was aborted before receive still calls closed, exactly once", saying: /was not told of the end/,
    transport: () => tamperTransport(sound(), (channel) => {
      const life = { over: false };
      return tamperChannel(channel, {
        abort: (error) => { life.over = true; channel.abort(error); },
        receive: (handler) => { if (!life.over) channel.receive(handler); },
      });
    }),
  },
];

const flows: readonly Fault[] = [
  {
    fault: "loses frames that came before receive", breaks: "a channel is paused until receive, and no earlier frame is lost", saying: /did not hear 21 frames/,
    transport: () => tamperTransport(sound(), impatient),
  },
  {
    fault: "swaps frames", breaks: "a burst of a thousand frames arrives in order, at most once", saying: /swapped|expected \d+ bytes, got \d+ bytes/,
    transport: () => tamperHandlers(sound(), (handler) => {
      const kept: Frame[] = [];
      return tamperHandler(handler, { frame: (frame) => { kept.push(frame); if (kept.length === 2) for (const one of kept.splice(0).reverse()) handler.frame(one); } });
    }),
  },
  {
    fault: "delivers a frame twice", breaks: "frames of every length arrive whole, in order, at most once", saying: /wrong|at most once/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { handler.frame(frame); if (frame.length === 127) handler.frame(frame); } })),
  },
  {
    fault: "cuts long frames", breaks: "frames of every length arrive whole, in order, at most once", saying: /expected 65534 bytes, got 40000 bytes/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { for (let at = 0; at === 0 || at < frame.length; at += 40_000) handler.frame(frame.slice(at, at + 40_000)); } })),
  },
  {
    fault: "drops empty frames", breaks: "frames of every length arrive whole, in order, at most once", saying: /did not hear \d+ frames/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { frame: (frame) => { if (frame.length > 0) handler.frame(frame); } })),
  },
  {
    fault: "delivers text as bytes although traits.text", breaks: "a text frame arrives as a string where traits.text says so, and as its UTF-8 bytes where it does not", saying: /expected a text \(string\), got bytes/,
    transport: () => ({ ...memory({ traits: { maxFrameBytes, text: false } }), traits: sound().traits }),
  },
  {
    fault: "ignores pause", breaks: "pause stops the flow and resume goes on with nothing lost, where traits.pauses says so", saying: /heard 50 frames while it was paused/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { pause: () => undefined })),
  },
  {
    fault: "has a pause although traits.pauses is false", breaks: "a channel has pause and resume exactly where traits.pauses says so", saying: /traits\.pauses is false, and pause of the dialled channel is there/,
    transport: () => { const transport = sound(); return { ...transport, traits: { ...transport.traits, pauses: false } }; },
  },
  {
    fault: "never answers a ping", breaks: "a ping is answered with a pong by the peer's transport, where traits.pings says so", saying: /did not hear the pong to ping 1/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { ping: () => undefined })),
  },
  {
    fault: "never says drained", breaks: "send returns false when the peer does not keep up, drained follows when it does, and nothing is lost, where traits.drains says so", saying: /was not told drained/,
    transport: () => tamperHandlers(sound(), (handler) => tamperHandler(handler, { drained: () => undefined })),
  },
  {
    fault: "never says stop", breaks: "send returns false when the peer does not keep up, drained follows when it does, and nothing is lost, where traits.drains says so", saying: /never returned false/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { send: (frame) => { channel.send(frame); return true; } })),
  },
  {
    fault: "sends frames that are too long", breaks: "send throws a FrameError of the local side for a frame longer than maxFrameBytes, and the channel goes on without it", saying: /should give a FrameError, got undefined/,
    transport: () => ({ ...memory(), traits: sound().traits }),
  },
  {
    fault: "dies of a frame that is too long", breaks: "send throws a FrameError of the local side for a frame longer than maxFrameBytes, and the channel goes on without it", saying: /did not hear 1 frames/,
    transport: () => tamperTransport(sound(), (channel) => tamperChannel(channel, { send: (frame) => { try { return channel.send(frame); } catch (error) { channel.close(); throw error; } } })),
  },
];

const openings: readonly Fault[] = [
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

describe.each([...endings, ...flows, ...openings])("a transport that $fault", ({ breaks, saying, transport }) => {
  it(`fails at "${breaks}"`, async () => {
    const test = collect(() => ({ transport: transport(), endpoint: "memory://server" })).get(breaks);
    await expect(test?.()).rejects.toThrow(saying);
  });
});

describe("the suite itself", () => {
  it("asks for the endpoint it needs rather than leaving a sentence out", async () => {
    const tests = collect(() => ({ transport: sound(), endpoint: "memory://server" }));
    await expect(tests.get("a frame longer than maxFrameBytes from the peer ends the channel with a FrameError of the remote side")?.()).rejects.toThrow(/must name `oversize`/);
  });

  it("fails a transport that holds sockets open when all its channels are gone", async () => {
    const tests = collect(() => ({ transport: sound(), endpoint: "memory://server", open: () => 1 }));
    await expect(tests.get("check accepts what can be dialled")?.()).rejects.toThrow(/should hold nothing open/);
  });

  it("says what to give it when there is no test framework", () => {
    expect(() => { conformance({}, () => ({ transport: sound(), endpoint: "memory://server" })); }).toThrow(/conformance\(\{ describe, it \}, factory\)/);
  });

  it("takes the functions of node:test and of vitest as they are", () => {
    expectTypeOf<typeof import("node:test").it>().toExtend<DefineTest>();
    expectTypeOf<typeof it>().toExtend<DefineTest>();
  });

  it("disposes of the fixture also after a failure", async () => {
    const disposed: string[] = [];
    const tests = collect(() => ({ transport: memory({ traits: { maxFrameBytes: 0 } }), endpoint: "memory://server", dispose: () => { disposed.push("done"); } }));
    await expect(tests.get("the transport names at least one scheme, in lower case and without the colon, and a limit for frames")?.()).rejects.toThrow(/maxFrameBytes/);
    expect(disposed).toEqual(["done"]);
  });
});

/** A transport with another way to dial. */
function deaf(dial: (transport: Transport, endpoint: Parameters<Transport["dial"]>[0], signal: AbortSignal) => Promise<Channel>): Transport {
  const transport = sound();
  return { ...transport, dial: (endpoint, { signal }) => dial(transport, endpoint, signal) };
}

/** Channels whose `send` knows whether they were closed. */
function afterEnd(send: (channel: Channel, frame: Frame, over: boolean) => boolean): Transport {
  return tamperTransport(sound(), (channel) => {
    const life = { over: false };
    return tamperChannel(channel, {
      send: (frame) => send(channel, frame, life.over),
      close: () => { life.over = true; channel.close(); },
      abort: (error) => { life.over = true; channel.abort(error); },
    });
  });
}

/** Sends a little later, and forgets it at close. */
function lazySender(channel: Channel): Channel {
  const queue: Frame[] = [];
  return tamperChannel(channel, {
    send: (frame) => {
      queue.push(frame);
      setTimeout(() => { for (const one of queue.splice(0)) channel.send(one); }, 0);
      return true;
    },
    close: () => { queue.length = 0; channel.close(); },
  });
}

/** Reads at once, whether or not anybody wants to hear it. */
function impatient(channel: Channel): Channel {
  const reader: { handler?: Parameters<Channel["receive"]>[0]; end?: { error?: Error } } = {};
  channel.receive({
    frame: (frame) => { reader.handler?.frame(frame); },
    drained: () => { reader.handler?.drained(); },
    pong: () => { reader.handler?.pong(); },
    closed: (error) => { reader.end = error === undefined ? {} : { error }; reader.handler?.closed(error); },
  });
  return tamperChannel(channel, { receive: (handler) => { reader.handler = handler; if (reader.end) handler.closed(reader.end.error); } });
}
