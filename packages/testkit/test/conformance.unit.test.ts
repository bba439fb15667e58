import { parseEndpoint, type TransportTraits } from "@holdfast/core";
import { describe, it } from "vitest";
import { conformance, echoPeer, type Fixture } from "../src/conformance/index.ts";
import { memoryNetwork, seededRandom, SimClock } from "../src/index.ts";

const maxFrameBytes = 100_000;

/** A network with one member who sends too much. */
function fixture(traits: Partial<TransportTraits> = {}): Fixture {
  const network = memoryNetwork({ traits: { maxFrameBytes, ...traits } });
  const member = network.join({ traits: { listens: true } });
  const generous = network.join({ traits: { listens: true, maxFrameBytes: maxFrameBytes + 1 } });
  void generous.listen?.(parseEndpoint("memory://oversize"), { accept: (channel) => { channel.send(new Uint8Array(maxFrameBytes + 1)); } });
  void member.listen?.(parseEndpoint("memory://echo"), { accept: echoPeer });
  const listens = network.transport.traits.listens;
  return {
    transport: network.transport,
    endpoint: listens ? "memory://server" : "memory://echo",
    dead: "memory://nobody",
    oversize: "memory://oversize",
  };
}

const options = { quiet: 2 };

describe("the memory transport", () => {
  conformance({ describe, it }, () => fixture(), options);
});

describe("the memory transport without any of the optional abilities", () => {
  conformance({ describe, it }, () => fixture({ pings: false, pauses: false, drains: false, text: false }), options);
});

describe("a transport that only dials, against an echo", () => {
  conformance({ describe, it }, () => fixture({ listens: false }), { ...options, echo: true });
});

describe("the memory transport with delays, on a clock that is turned in real time", () => {
  conformance({ describe, it }, () => {
    const clock = new SimClock();
    const random = seededRandom(1);
    const network = memoryNetwork({ clock, latency: () => random() * 5, traits: { maxFrameBytes } });
    const generous = network.join({ traits: { maxFrameBytes: maxFrameBytes + 1 } });
    void generous.listen?.(parseEndpoint("memory://oversize"), { accept: (channel) => { channel.send(new Uint8Array(maxFrameBytes + 1)); } });
    const hand = setInterval(() => { clock.advance(20); }, 0);
    return { transport: network.transport, endpoint: "memory://server", oversize: "memory://oversize", dispose: () => { clearInterval(hand); } };
  }, { quiet: 4 });
});
