import { SimClock } from "@holdfast/testkit";
import { resolveHeartbeat, type Heartbeat } from "../../src/policy/heartbeat.ts";
import type { Frame, TransportTraits } from "../../src/ports/channel.ts";
import type { Conversation, Line, Protocol, Role } from "../../src/ports/protocol.ts";
import type { WireOwner } from "../../src/wire/wire-owner.ts";
import { Wire } from "../../src/wire/wire.ts";
import { FakeChannel, fake } from "../link/fake-transport.ts";

const traits: TransportTraits = { listens: false, drains: true, pauses: true, pings: true, text: true, maxFrameBytes: 1_000 };

export interface WireRig {
  readonly wire: Wire<Frame, Frame>;
  readonly channel: FakeChannel;
  readonly clock: SimClock;
  /** What the owner was told, in words, in order. */
  readonly told: string[];
  readonly start: () => void;
}

export interface WireParts {
  readonly protocol: Protocol<never, never>;
  readonly side?: Role["side"];
  readonly heartbeat?: Heartbeat | undefined;
  readonly pings?: boolean;
  /** What the owner does when it is told something. */
  readonly when?: Readonly<Record<string, (wire: Wire<Frame, Frame>) => void>>;
}

/** A wire over a fake channel to `fake://a`, epoch 7, whose first ping comes at half an interval. */
export function wireRig({ protocol, side = "dialer", heartbeat, pings = true, when = {} }: WireParts): WireRig {
  const clock = new SimClock({ start: 0 });
  const channel = new FakeChannel(fake("a"), { ...traits, pings });
  const told: string[] = [];
  const tell = (words: string): void => {
    told.push(words);
    when[words.split(" ")[0] ?? ""]?.(wire);
  };
  const owner: WireOwner<Frame> = {
    greeted: (_, terms) => { tell(["greeted", ...Object.entries(terms).map(([name, value]) => `${name} ${String(value)}`)].join(" ")); },
    message: (message) => { tell(`message ${typeof message === "string" ? message : message instanceof Uint8Array ? `[${message.join(",")}]` : JSON.stringify(message)}`); },
    wireDrained: () => { tell("drained"); },
    missed: (_, misses, of) => { tell(`missed ${misses}/${of}`); },
    suspected: () => { tell("suspected"); },
    leave: (_, { within, spread, to }) => { tell(`leave within ${within} spread ${spread}${to ? ` to ${to.join()}` : ""}`); },
    ended: (_, cause, error) => { tell(["ended", cause, error?.code].filter(Boolean).join(" ")); },
  };
  const role: Role = { side, duty: "active", epoch: 7, remote: channel.remote, clock, random: () => 0.5 };
  const spoken = protocol as unknown as Protocol<Frame, Frame>; // Tests send what their protocol takes.
  const wire = new Wire<Frame, Frame>({ owner, channel, protocol: spoken, role, heartbeat, clock, random: () => 0.5 });
  return { wire, channel, clock, told, start: () => { wire.start(spoken, role); } };
}

export const lan: Heartbeat = resolveHeartbeat("lan");

/** A protocol the test plays itself: it gets the line, and the conversation is what it gives. */
export function scripted(conversation: Partial<Conversation<Frame>>, begin: (line: Line<Frame>) => void = () => { /* Greets later. */ }): Protocol<Frame, Frame> & { readonly line: () => Line<Frame> } {
  const lines: Line<Frame>[] = [];
  return {
    pings: true,
    standby: "none",
    line: () => lines.at(-1) as Line<Frame>, // Asked for after `start`.
    start: (line) => {
      lines.push(line);
      begin(line);
      return { frame: () => { /* Nothing is expected. */ }, send: (message) => line.send(message), ping: (nonce) => { line.send(`ping ${nonce}`); }, close: () => { line.send("goodbye"); }, closed: () => { /* Nothing is kept. */ }, ...conversation };
    },
  };
}
