import type { Channel, Endpoint, EndpointEntry, Framing, Transport } from "@holdfast/core";

/** What the suite needs to test a transport. A new one is made for every test, so that no test sees what another left behind. */
export interface Fixture {
  /**
   * The transport under test. Give it a low `maxFrameBytes` (64 KiB to 1 MiB) if it takes one: the suite sends frames of exactly
   * that length, and longer ones.
   */
  readonly transport: Transport;
  /**
   * A transport that listens: the address to listen on (`tcp://127.0.0.1:0`, `memory://server`); the suite is then both sides, and tests
   * both. One that does not (`ConformanceOptions.echo`): where a peer answers that behaves as `echoPeer` does.
   */
  readonly endpoint: EndpointEntry;
  /** For transports of bare bytes: a framing that carries any bytes of any length, such as one with a length in front. */
  readonly framing?: Framing;
  /** How to dial what was bound, where that takes more than its URI, such as the CA of a TLS server. @default the bound endpoint itself */
  reach?(bound: Endpoint): EndpointEntry;
  /**
   * An endpoint where nothing listens. A transport that listens need not name one: the suite binds one and closes it. Every other
   * must.
   */
  readonly dead?: EndpointEntry;
  /** An endpoint that takes the connection and then keeps silent, so that a dial never ends by itself. Tested where there is one. */
  readonly silent?: EndpointEntry;
  /** An endpoint that sends one frame longer than `maxFrameBytes` to whoever dials. May be left out only where the limit is Infinity. */
  readonly oversize?: EndpointEntry;
  /**
   * Counts what the transport holds open (sockets, processes). Where given, it must be 0 again when the channels of a test are gone.
   * With an echo the suite also learns by it when a peer is gone for good before anybody receives: give it where a peer takes longer
   * than `quiet` to go, as a process does, because what it said last could be lost right then.
   */
  open?(): number;
  /** Called after each test, when all its channels were aborted and its listeners closed. */
  dispose?(): void | Promise<void>;
}

/** What a peer of the suite is asked to do by a frame with exactly this text. Every other frame comes back unchanged. */
export const requests: { readonly close: string; readonly abort: string } = {
  close: "conformance: please close",
  abort: "conformance: please abort",
};

const decoder = new TextDecoder();

/**
 * Makes one accepted channel the peer that a transport without `listen` is tested against: it returns each frame as it is, closes
 * when it gets the text `requests.close`, aborts at `requests.abort`. Peers in other languages do the same.
 */
export function echoPeer(channel: Channel): void {
  channel.receive({
    frame: (frame) => {
      const text = typeof frame === "string" ? frame : frame.byteLength === requests.close.length || frame.byteLength === requests.abort.length ? decoder.decode(frame) : "";
      if (text === requests.close) channel.close();
      else if (text === requests.abort) channel.abort(new Error("the other side asked for it"));
      else channel.send(frame);
    },
    drained: () => undefined,
    pong: () => undefined,
    closed: () => undefined,
  });
}
