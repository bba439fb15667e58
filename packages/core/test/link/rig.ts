import { SimClock } from "@holdfast/testkit";
import { Link } from "../../src/link/link.ts";
import type { LinkOptions } from "../../src/link/options.ts";
import { constant } from "../../src/policy/backoff.ts";
import { text } from "../../src/protocol/plain.ts";
import { FakeTransport, type FakeChannel } from "./fake-transport.ts";

export interface Rig<Out, In> {
  readonly link: Link<Out, In>;
  readonly clock: SimClock;
  readonly transport: FakeTransport;
  /** What the link told, in words, in order. */
  readonly told: string[];
  /** Lets promises run; no time passes. */
  readonly settle: () => Promise<void>;
  /** The peer of the latest dial accepts, and the link is connected. */
  readonly accept: () => Promise<FakeChannel>;
}

/** All events a link can tell, but `message`. */
export const eventNames = ["connecting", "failed", "connected", "prepared", "migrated", "missed", "suspected", "disconnected", "waiting", "dropped", "drained", "draining", "closed"] as const;
export type EventName = (typeof eventNames)[number];

/** A link over a fake transport, on a clock of its own: two endpoints in order, waits of 1 s without chance. */
export function rig<Out = string, In = string>(options: Partial<LinkOptions<Out, In>> = {}, traits: ConstructorParameters<typeof FakeTransport>[0] = {}): Rig<Out, In> {
  const clock = options.clock instanceof SimClock ? options.clock : new SimClock({ start: 0 });
  const transport = new FakeTransport(traits);
  const link = new Link<Out, In>({
    endpoints: "fake://a,fake://b", transports: [transport], shuffle: false,
    protocol: text() as unknown as LinkOptions<Out, In>["protocol"], // Strings, unless a test says otherwise.
    heartbeat: false, backoff: constant(1_000), clock, random: () => 0.5, logger: false, ...options,
  });
  const told: string[] = [];
  for (const name of eventNames) link.on(name, ((event: object | undefined) => { told.push(inWords(name, event)); }) as never);
  const settle = (): Promise<void> => clock.advanceAsync(0);
  return {
    link, clock, transport, told, settle,
    accept: async () => {
      const channel = transport.last.accept();
      await settle();
      return channel;
    },
  };
}

/** An open link that is connected to `a`. */
export async function connected<Out = string, In = string>(...parts: Parameters<typeof rig<Out, In>>): Promise<Rig<Out, In> & { readonly channel: FakeChannel }> {
  const made = rig<Out, In>(...parts);
  const opened = made.link.open();
  const channel = await made.accept();
  await opened;
  return { ...made, channel };
}

function inWords(name: EventName, event: object = {}): string {
  const { endpoint, cause, error, ...rest } = event as { endpoint?: string; cause?: string; error?: { code?: string } };
  const details = Object.entries(rest).filter(([key, value]) => !(key === "epoch" || value === false || (key === "unconfirmed" && value === 0))).map(([key, value]) => `${key} ${String(value)}`);
  return [name, endpoint?.replace("fake://", ""), cause, ...details, error && (error.code ?? "error")].filter((word) => word !== undefined).join(" ");
}
