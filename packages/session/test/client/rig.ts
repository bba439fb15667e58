import { parseEndpoint, type Channel, type Listener, type Transport } from "@holdfast/core";
import { memoryNetwork, SimClock, type MemoryNetwork } from "@holdfast/testkit";
import { Session, type SessionEvents, type SessionOptions } from "../../src/index.ts";
import { decode } from "../../src/frames/decode.ts";
import { encodeData } from "../../src/frames/data.ts";
import { body, encode, seal } from "../../src/frames/encode.ts";
import type { Data, Greeting, Message, Refused, SessionFrame } from "../../src/frames/frame.ts";
import { labels } from "../../src/proof/labels.ts";
import { portableHmac } from "../../src/proof/portable-hmac.ts";

const grant = { frameMax: 65_536, windowMessages: 1_024, windowBytes: 1_048_576 };
const noMac = new Uint8Array(16);
const secret = new Uint8Array(32).fill(7);

/** One session as a store has it, and keepers on `memory://a`, `memory://b`, … that serve it honestly, unless a test says otherwise. */
export class Rig {
  readonly clock: SimClock = new SimClock();
  readonly network: MemoryNetwork = memoryNetwork({ clock: this.clock, latency: 1 });
  readonly visits: Visit[] = [];
  readonly #listeners = new Map<string, Listener>();
  sessions = 0;
  epoch = 0;
  /** The client's messages, handled. */
  readonly handled: Message[] = [];
  /** For the client: all that were ever sent. */
  readonly outbox: Message[] = [];
  acked = 0;
  /** What sessions get. */
  timeout = 30_000;
  /** Refuse every greeting with this. */
  refusal: (Partial<Refused> & { code: number; proven?: boolean }) | undefined;
  /** Say nothing to a greeting. */
  mute = false;
  /** Do not acknowledge. */
  deaf = false;

  async listen(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const accept = (channel: Channel): void => { this.visits.push(new Visit(this, channel, name)); };
      const listener = await this.network.transport.listen?.(parseEndpoint(`memory://${name}`), { accept });
      if (listener) this.#listeners.set(name, listener);
    }
  }

  /** The server dies with its channels. */
  async kill(name: string): Promise<void> {
    await this.#listeners.get(name)?.close();
    for (const visit of this.visits) if (visit.name === name) visit.channel.abort(new Error("killed"));
  }

  session(options: Partial<SessionOptions> = {}): Heard {
    return new Heard({
      endpoints: ["memory://a", "memory://b"], transports: [this.network.transport as Transport], clock: this.clock, random: () => 0.5, shuffle: false, logger: false,
      wallClock: () => 1_700_000_000_000 + this.clock.now(), ...options,
    });
  }

  get present(): Visit {
    const last = this.visits.at(-1);
    if (last === undefined) throw new Error("nobody came");
    return last;
  }

  /** Sends a message to the client, on the channel that it is on. */
  send(message: Message): void {
    this.outbox.push(message);
    this.present.put(message);
  }

  run(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }
}

/** A channel at the keeper. */
export class Visit {
  readonly channel: Channel;
  readonly name: string;
  readonly frames: SessionFrame[] = [];
  readonly #rig: Rig;
  closed = false;
  #put = 0;
  /** Number of the last message that came on this channel. */
  #came = 0;

  constructor(rig: Rig, channel: Channel, name: string) {
    this.#rig = rig;
    this.channel = channel;
    this.name = name;
    channel.receive({
      frame: (frame) => { this.#frame(frame as Uint8Array); }, drained: () => { /* Never full. */ }, pong: () => { /* None. */ }, closed: () => { this.closed = true; },
    });
  }

  say(frame: SessionFrame): void {
    this.channel.send(encode(frame));
  }

  put(message: Message): void {
    this.#put += 1;
    this.channel.send(encodeData(message));
  }

  get types(): readonly string[] {
    return this.frames.map(({ type }) => type);
  }

  #frame(bytes: Uint8Array): void {
    const frame = decode(bytes);
    if (typeof frame === "string") throw new Error(frame);
    this.frames.push(frame);
    const rig = this.#rig;
    switch (frame.type) {
      case "open":
      case "attach": if (!rig.mute) this.#greet(frame, bytes); return;
      case "data": return this.#data(frame);
      case "ping": rig.acked = frame.acked; return this.say({ type: "pong", nonce: frame.nonce, acked: rig.deaf ? 0 : rig.handled.length, sent: this.#put });
      case "ack": rig.acked = frame.acked; return;
      case "close": this.channel.close(); return;
      default:
    }
  }

  #data({ payload, text, acked }: Data): void {
    const rig = this.#rig;
    if (acked !== undefined) rig.acked = acked;
    if (rig.deaf) return;
    this.#came += 1;
    if (this.#came <= rig.handled.length) return; // Put behind an ATTACH, and on the channel before, where it arrived in time.
    rig.handled.push(text ? new TextDecoder().decode(payload) : payload);
    this.say({ type: "ack", acked: rig.handled.length });
  }

  #greet(frame: Greeting, bytes: Uint8Array): void {
    const rig = this.#rig;
    if (rig.refusal !== undefined) return this.#refuse(rig.refusal, bytes);
    const terms = { version: 1, features: 0, epoch: (rig.epoch += 1), timeout: rig.timeout, heartbeat: 5_000, ...grant, mac: noMac } as const;
    if (frame.type === "open") {
      rig.sessions += 1;
      rig.handled.length = rig.outbox.length = rig.acked = 0;
      rig.epoch = 1;
      const draft = encode({ type: "opened", ...terms, epoch: 1, id: new Uint8Array(16).fill(rig.sessions), secret, generation: new Uint8Array(8) });
      this.channel.send(seal(draft, portableHmac(secret, labels.opened, bytes, body(draft))));
      return;
    }
    const received = rig.handled.length;
    const draft = encode({ type: "attached", ...terms, received, replayFrom: frame.received + 1 });
    this.channel.send(seal(draft, portableHmac(secret, labels.attached, bytes, body(draft))));
    this.#put = frame.received;
    this.#came = frame.early ? frame.acked : received;
    for (const message of rig.outbox.slice(frame.received)) this.put(message);
  }

  #refuse({ proven = false, ...terms }: Partial<Refused> & { code: number; proven?: boolean }, bytes: Uint8Array): void {
    const frame: Refused = { type: "refused", retryAfter: 0, received: 0, attach: 0, reason: "", ...terms };
    const draft = encode({ ...frame, mac: noMac });
    this.channel.send(proven ? seal(draft, portableHmac(secret, labels.refused, bytes, body(draft))) : encode(frame));
  }
}

/** A session that writes down what it tells. */
export class Heard extends Session {
  readonly story: [keyof SessionEvents, unknown][] = [];

  constructor(options: SessionOptions) {
    super(options);
    for (const name of ["attached", "detached", "presumedExpired", "restored", "expired", "lost", "moved", "unauthorized", "migrated", "failed", "waiting", "dropped", "drained", "closed"] as const) {
      this.on(name, (event?: unknown) => { this.story.push([name, event]); });
    }
  }

  get names(): readonly string[] {
    return this.story.map(([name]) => name);
  }

  last(name: keyof SessionEvents): unknown {
    return this.story.findLast(([told]) => told === name)?.[1];
  }
}
