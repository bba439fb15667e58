import { seededRandom, swarmFaults, type SimHost, SimWorld } from "@holdfast/testkit";
import { LinkError } from "../../src/errors/link-error.ts";
import { Link } from "../../src/link/link.ts";
import { exponential } from "../../src/policy/backoff.ts";
import { resolveHeartbeat } from "../../src/policy/heartbeat.ts";
import type { Channel, Frame, Transport } from "../../src/ports/channel.ts";
import { framed } from "../../src/protocol/framed.ts";
import { Wire } from "../../src/wire/wire.ts";
import { Ledger } from "./ledger.ts";

const heartbeat = resolveHeartbeat({ interval: 2_000, timeout: 1_000, maxMisses: 2 });
const overflows = ["reject", "dropOldest", "dropNewest"] as const;

/** The whole client in a simulated world with two servers: the link, its wires, memory channels, and a user who sends now and then. */
export class Stack {
  readonly world: SimWorld;
  readonly link: Link<Frame, Frame>;
  readonly ledger: Ledger = new Ledger();
  readonly #heard = new Map<string, number>();
  /** All that the link ever dialled. */
  readonly #channels: Channel[] = [];
  #wires = 0;
  #messages = 0;
  #epoch: number | undefined;
  #closed = false;
  #broken: string | undefined;

  constructor(seed: number, trace = false) {
    const world = (this.world = new SimWorld({ seed, faults: swarmFaults(seededRandom(seed)), trace }));
    for (const name of ["a", "b"]) world.host(name, (host) => { void host.listen((channel) => { this.#serve(host, channel); }); });
    const { random } = world;
    this.link = new Link<Frame, Frame>({
      endpoints: "memory://a,memory://b", transports: [this.#counted(world.transport)], protocol: this.ledger.watching(framed()), heartbeat,
      backoff: exponential({ initial: 100, max: 2_000 }), dialTimeout: 1_500, stableAfter: 4_000, drainTimeout: 1_000, logger: false, clock: world.clock, random,
      standby: random() < 0.4 ? 1 : 0, suspicion: random() < 0.8,
      outbox: { maxMessages: 1 + Math.floor(random() * 8), overflow: overflows[Math.floor(random() * 3)] ?? "reject", ttl: random() < 0.3 ? 2_000 : Infinity },
    });
    this.#watch();
  }

  /** Half a minute of faults, then peace; the user closes at the end, or before. */
  async play(): Promise<void> {
    const { world, link } = this;
    void link.open();
    for (let count = 0; count < 40; count += 1) this.#later(20_000, () => { this.#send(); });
    if (world.random() < 0.3) this.#later(20_000, () => { link.retryNow(); });
    if (world.random() < 0.3) this.#later(20_000, () => { link.suspect("a feeling"); });
    for (let count = world.random() * 6; count > 1; count -= 1) this.#later(20_000, () => { link.migrate().catch(() => { /* It stays, or is lost. */ }); });
    if (world.random() < 0.15) this.#later(20_000, () => { void link.close(); });
    if (world.random() < 0.1) this.#later(20_000, () => { link.abort(); });
    await world.run(20_000);
    world.faults.heal();
    // A connection that lives on may still meet the end it was born with; then there is one more dial.
    for (let time = 0; time < 60_000 && (time < 20_000 || (link.phase !== "connected" && link.phase !== "closed")); time += 5_000) await world.run(5_000);
    if (link.phase !== "connected" && link.phase !== "closed") throw new Error(`still ${link.phase} a minute after the last fault`);
    this.#send();
    void link.close();
    await world.run(3_000);
    if (link.snapshot().slots.length > 0) throw new Error("a closed link still has channels");
    await world.run(5_000);
    this.ledger.balance(0);
    if (this.#broken !== undefined) throw new Error(this.#broken);
    if (this.#channels.some((channel) => channel.send(new Uint8Array(1)))) throw new Error("a channel was left open");
    if (world.clock.pending > 0) throw new Error(`${world.clock.pending} alarms are left`);
  }

  #counted(transport: Transport): Transport {
    return {
      schemes: transport.schemes, traits: transport.traits,
      dial: async (endpoint, options) => {
        const channel = await transport.dial(endpoint, options);
        this.#channels.push(channel);
        return channel;
      },
    };
  }

  #later(within: number, run: () => void): void {
    this.world.clock.arrival(this.world.clock.now() + this.world.random() * within, run);
  }

  #send(): void {
    const message = `message ${this.#messages++}`;
    if (this.world.random() < 0.2) {
      // Taken before it goes out, so written down first and taken back where it was not.
      this.link.write(message, { timeout: 3_000 }).then(() => { this.ledger.taken(message); }, () => { /* Not taken. */ });
      return;
    }
    // A message may go out, or be dropped, inside of send.
    try {
      this.link.send(message);
      this.ledger.taken(message);
    } catch {
      // Not taken: the outbox is full, or the link is closed.
    }
  }

  #watch(): void {
    const { link, ledger } = this;
    link.on("connected", ({ epoch }) => {
      if ((this.#epoch !== undefined && this.#epoch !== epoch) || this.#closed) this.#fault("connected twice, or after the end"); // After a move it is told of the same one.
      this.#epoch = epoch;
    });
    link.on("disconnected", ({ unconfirmed }) => {
      if (this.#epoch === undefined) return this.#fault("disconnected without a connection");
      ledger.lost(this.#epoch, unconfirmed);
      this.#epoch = undefined;
    });
    link.on("migrated", ({ epoch, unconfirmed }) => {
      if (this.#epoch === undefined || this.#closed) return this.#fault("migrated without a connection");
      try {
        ledger.moved(this.#epoch, unconfirmed);
      } catch (error) {
        this.#fault(String(error));
      }
      this.#epoch = epoch;
    });
    link.on("dropped", ({ message }) => { ledger.dropped(String(message)); });
    link.on("closed", () => { this.#closed = true; });
    for (const name of ["connecting", "failed", "waiting", "missed", "suspected", "drained", "draining"] as const) {
      link.on(name, () => { if (this.#closed) this.#fault(`${name} after closed`); });
    }
    link.on("message", (message) => {
      const [wire = "", count] = String(message).split(" ");
      if (Number(count) !== (this.#heard.get(wire) ?? 0)) this.#fault(`wire ${wire} was not heard in order`);
      this.#heard.set(wire, Number(count) + 1);
    });
  }

  /** A server: takes down what arrives, answers each message with a number, and sometimes asks its peer to move. */
  #serve(host: SimHost, channel: Channel): void {
    const epoch = (this.#wires += 1);
    const { clock, random } = host;
    let said = 0;
    let met = false;
    const protocol = framed();
    const role = { side: "listener", duty: "active", epoch, remote: channel.remote, clock, random } as const;
    const wire: Wire<Frame, Frame> = new Wire<Frame, Frame>({
      channel, protocol, role, heartbeat, clock, random,
      owner: {
        greeted: () => {
          met = true;
          if (random() < 0.2) clock.alarm(clock.now() + random() * 5_000, () => { wire.dismiss({ within: 1_000, spread: 500 }); });
        },
        message: (message) => {
          this.ledger.arrived(epoch, String(message));
          wire.say(`${epoch} ${said++}`);
        },
        wireDrained: () => undefined, missed: () => undefined, suspected: () => undefined, leave: () => undefined, ended: () => undefined,
      },
    });
    wire.start(protocol, role);
    clock.alarm(clock.now() + 2_000, () => { if (!met) wire.abort(new LinkError("HF_ABORTED", "no greeting")); });
  }

  /** A listener that throws is not heard here, so what it sees is kept for the end. */
  #fault(words: string): void {
    this.#broken ??= words;
  }
}
