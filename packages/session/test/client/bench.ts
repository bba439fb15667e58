import type { LeaveNotice } from "@holdfast/core";
import type { ClientHost, ClientPolicy, ClientReport, Fault } from "../../src/client/client-host.ts";
import { ClientMachine } from "../../src/client/client-machine.ts";
import type { ClientState } from "../../src/client/client-state.ts";
import { decode } from "../../src/frames/decode.ts";
import { encodeData, fragments } from "../../src/frames/data.ts";
import { body, encode, seal } from "../../src/frames/encode.ts";
import type { Attached, Message, Opened, Refused, SessionFrame } from "../../src/frames/frame.ts";
import { labels } from "../../src/proof/labels.ts";
import { portableHmac } from "../../src/proof/portable-hmac.ts";

export const id = new Uint8Array(16).fill(1);
export const secret = new Uint8Array(32).fill(2);
export const generation = new Uint8Array(8).fill(3);
const noMac = new Uint8Array(16);
const limits = { frameMax: 65_536, windowMessages: 1_024, windowBytes: 1_048_576 };

export const policy: ClientPolicy = {
  hmac: portableHmac, wallClock: () => 1_700_000_000_000, timeout: 30_000, grant: limits, allowPlaintext: false, onEnd: "close",
  ackAfter: { messages: 32, delay: 250 }, outbox: { maxMessages: 1_024, maxBytes: 1_048_576 }, drainTimeout: 5_000,
};

/** A machine on a bench: what it orders is noted, and a scripted keeper, built from the codec, says what a test wants. */
export class Bench implements ClientHost {
  readonly machine: ClientMachine;
  now = 1_000;
  /** Every order but `transmit`, as `name argument…`. */
  readonly orders: string[] = [];
  readonly reports: ClientReport[] = [];
  readonly delivered: [Message, number][] = [];
  readonly faults: Fault[] = [];
  /** By channel, oldest first. */
  readonly frames = new Map<number, SessionFrame[]>();
  readonly greetings = new Map<number, Uint8Array>();
  /** What `transmit` says. */
  takes = true;

  constructor(changes: Partial<ClientPolicy> = {}, state?: ClientState) {
    this.machine = new ClientMachine({ ...policy, ...changes }, this, state);
  }

  // --- the host -----------------------------------------------------------------------------------------------------

  transmit(channel: number, frame: Uint8Array): boolean {
    const sent = this.frames.get(channel) ?? [];
    if (sent.length === 0) this.greetings.set(channel, frame);
    const read = decode(frame);
    if (typeof read === "string") throw new Error(read);
    this.frames.set(channel, [...sent, read]);
    return this.takes;
  }
  greeted(channel: number, { heartbeat, resumed }: { heartbeat: number; resumed: boolean }): void { this.orders.push(`greeted ${channel} ${heartbeat} ${resumed}`); }
  pong(channel: number, nonce: number): void { this.orders.push(`pong ${channel} ${nonce}`); }
  leave(channel: number, { within, spread }: LeaveNotice): void { this.orders.push(`leave ${channel} ${within} ${spread}`); }
  drop(channel: number, fault: Fault): void { this.orders.push(`drop ${channel} ${fault.code} ${fault.next}`); this.faults.push(fault); }
  done(channel: number): void { this.orders.push(`done ${channel}`); }
  rest(fault?: Fault): void { this.orders.push(`rest ${fault?.code ?? ""}`); if (fault) this.faults.push(fault); }
  deliver(message: Message, sequence: number): void { this.delivered.push([message, sequence]); }
  drained(): void { this.orders.push("drained"); }
  tell(report: ClientReport): void { this.reports.push(report); }

  // --- what the client does -----------------------------------------------------------------------------------------

  start(channel: number, endpoint = `k${channel}`, facts: { secure?: boolean; auth?: Uint8Array } = {}): void {
    this.machine.started(channel, { endpoint, secure: true, auth: new Uint8Array(0), frameMax: 1_048_576, ...facts }, this.now);
  }

  /** Opens a session on channel 1. */
  static attached(changes: Partial<ClientPolicy> = {}, terms: Partial<Opened> = {}): Bench {
    const bench = new Bench(changes);
    bench.start(1);
    bench.opened(1, terms);
    return bench;
  }

  wait(ms: number): void {
    this.now += ms;
    if (this.now >= this.machine.wakeAt()) this.machine.wake(this.now);
  }

  /** Frames on a channel since the last look, without the greeting. */
  sent(channel: number): readonly SessionFrame[] {
    const all = this.frames.get(channel) ?? [];
    this.frames.set(channel, all.slice(0, 1));
    return all.slice(1);
  }

  /** The same, as words. */
  said(channel: number): readonly string[] {
    return this.sent(channel).map(words);
  }

  greeting(channel: number): SessionFrame {
    const first = this.frames.get(channel)?.[0];
    if (first === undefined) throw new Error("nothing was said");
    return first;
  }

  types(): readonly string[] {
    return this.reports.map(({ type }) => type);
  }

  // --- what the keeper says -----------------------------------------------------------------------------------------

  say(channel: number, frame: SessionFrame | Uint8Array | string): void {
    this.machine.frame(channel, frame instanceof Uint8Array || typeof frame === "string" ? frame : encode(frame), this.now);
  }

  opened(channel: number, terms: Partial<Opened> = {}, key = secret): void {
    const draft = encode({ type: "opened", version: 1, features: 0, id, secret, epoch: 1, timeout: 30_000, heartbeat: 5_000, ...limits, generation, mac: noMac, ...terms });
    this.say(channel, seal(draft, portableHmac(key, labels.opened, this.#greeting(channel), body(draft))));
  }

  attached(channel: number, terms: Partial<Attached> = {}, key = secret): void {
    const greeting = this.greeting(channel);
    const counts = greeting.type === "attach" ? { received: Math.min(greeting.sent, this.machine.state.outgoing.sent), replayFrom: greeting.received + 1 } : { received: 0, replayFrom: 1 };
    const draft = encode({ type: "attached", version: 1, features: 0, epoch: this.machine.state.epoch + 1, ...counts, timeout: 30_000, heartbeat: 5_000, ...limits, mac: noMac, ...terms });
    this.say(channel, seal(draft, portableHmac(key, labels.attached, this.#greeting(channel), body(draft))));
  }

  refused(channel: number, code: number, terms: Partial<Refused> & { proven?: boolean } = {}): void {
    const { proven = false, ...rest } = terms;
    const frame: Refused = { type: "refused", code, retryAfter: 0, received: 0, attach: 0, reason: "", ...rest };
    if (!proven) return this.say(channel, frame);
    const draft = encode({ ...frame, mac: noMac });
    this.say(channel, seal(draft, portableHmac(secret, labels.refused, this.#greeting(channel), body(draft))));
  }

  /** The keeper sends messages. */
  data(channel: number, ...messages: readonly Message[]): void {
    for (const message of messages) this.say(channel, encodeData(message));
  }

  parts(channel: number, message: Message, frameMax: number): void {
    for (const fragment of fragments(message, frameMax)) this.say(channel, fragment);
  }

  ack(channel: number, acked: number): void {
    this.say(channel, { type: "ack", acked });
  }

  /** Handles everything that was delivered. */
  handle(): void {
    const last = this.delivered.at(-1)?.[1] ?? 0;
    this.machine.handled(last, this.now);
  }

  #greeting(channel: number): Uint8Array {
    return this.greetings.get(channel) ?? new Uint8Array(0);
  }
}

function words(frame: SessionFrame): string {
  switch (frame.type) {
    case "data": return `data ${frame.text ? new TextDecoder().decode(frame.payload) : `[${frame.payload.length}]`}${frame.more ? " more" : ""}${frame.acked === undefined ? "" : ` acked ${frame.acked}`}`;
    case "ack": return `ack ${frame.acked}`;
    case "ping":
    case "pong": return `${frame.type} ${frame.nonce} acked ${frame.acked} sent ${frame.sent}`;
    case "close": return `close ${frame.code}`;
    default: return frame.type;
  }
}
