import { parseEndpoint, type Channel, type Millis } from "@holdfast/core";
import { echoPeer, type Fixture } from "../../src/conformance/index.ts";
import { memoryNetwork } from "../../src/index.ts";
import { maxFrameBytes } from "./fault.ts";
import { tamperChannel, tamperHandler } from "./tamper.ts";

/**
 * A transport that only dials and keeps what comes before `receive`, but forgets it when the peer is gone for good, `exit` ms after
 * its goodbye: so Node treats the output of a child process when that exits.
 */
export const hasty = (exit: Millis): Fixture => dialler((channel, open) => forgetful(channel, exit, open));

/** One whose peers stay until their words are read, as in a process that waits for room in a pipe. */
export const lingering = (): Fixture => dialler((channel, open) => {
  open.add(channel);
  return tamperChannel(channel, {
    receive: (handler) => { channel.receive(tamperHandler(handler, { closed: (error) => { open.delete(channel); handler.closed(error); } })); },
  });
});

function dialler(tamper: (channel: Channel, open: Set<Channel>) => Channel): Fixture {
  const network = memoryNetwork({ traits: { maxFrameBytes, listens: false } });
  void network.join({ traits: { listens: true } }).listen?.(parseEndpoint("memory://echo"), { accept: echoPeer });
  const open = new Set<Channel>();
  const { transport } = network;
  return {
    transport: { ...transport, dial: async (endpoint, options) => tamper(await transport.dial(endpoint, options), open) },
    endpoint: "memory://echo",
    dead: "memory://nobody",
    open: () => open.size,
  };
}

function forgetful(channel: Channel, exit: Millis, open: Set<Channel>): Channel {
  const late = Promise.withResolvers<void>();
  let kept: (() => void)[] | undefined = [];
  let handler: Parameters<Channel["receive"]>[0] | undefined;
  const tell = (deed: () => void): void => { if (kept === undefined) deed(); else kept.push(deed); };
  open.add(channel);
  channel.receive({
    frame: (frame) => { tell(() => { handler?.frame(frame); }); },
    drained: () => { tell(() => { handler?.drained(); }); },
    pong: () => { tell(() => { handler?.pong(); }); },
    closed: (error) => {
      setTimeout(() => {
        open.delete(channel);
        if (kept !== undefined) kept = []; // Nobody listens, so it flows away.
        void late.promise.then(() => { handler?.closed(error); });
      }, exit);
    },
  });
  return tamperChannel(channel, {
    receive: (listener) => {
      handler = listener;
      const early = kept ?? [];
      kept = undefined;
      queueMicrotask(() => {
        for (const deed of early) deed();
        late.resolve();
      });
    },
  });
}
