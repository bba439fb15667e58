import { SimWorld, type SimHost } from "@holdfast/testkit";
import { Link } from "../../src/link/link.ts";
import { resolveHeartbeat } from "../../src/policy/heartbeat.ts";
import type { Channel, Frame } from "../../src/ports/channel.ts";
import { framed } from "../../src/protocol/framed.ts";
import { Wire } from "../../src/wire/wire.ts";

const heartbeat = resolveHeartbeat({ interval: 2_000, timeout: 1_000, maxMisses: 2 });

/** A link that sends all the time and is moved all the time, by its user and by its three servers, in a world without faults. */
export class Moves {
  readonly world: SimWorld;
  readonly link: Link<Frame, Frame>;
  readonly sent: string[] = [];
  /** At the servers, in order of arrival at any of them. */
  readonly arrived: string[] = [];
  /** What the servers answered, as the link heard it. */
  readonly answered: string[] = [];
  readonly told: string[] = [];
  migrations = 0;
  unconfirmed = 0;
  readonly #served: Wire<Frame, Frame>[] = [];

  constructor(seed: number) {
    const world = (this.world = new SimWorld({ seed, faults: { delayMin: 1, delayMean: 1 + (seed % 7) * 20 } }));
    for (const name of ["a", "b", "c"]) world.host(name, (host) => { void host.listen((channel) => { this.#serve(host, channel); }); });
    const { clock, random } = world;
    this.link = new Link<Frame, Frame>({ endpoints: "memory://a,memory://b,memory://c", transports: [world.transport], protocol: framed(), heartbeat, suspicion: false, logger: false, clock, random });
    this.link.on("message", (message) => { this.answered.push(String(message)); });
    this.link.on("migrated", ({ unconfirmed }) => {
      this.migrations += 1;
      this.unconfirmed += unconfirmed;
    });
    this.link.on("disconnected", ({ cause }) => { this.told.push(`disconnected: ${cause}`); });
    for (const name of ["dropped", "waiting"] as const) this.link.on(name, () => { this.told.push(name); });
  }

  async play(): Promise<void> {
    const { world, link } = this;
    void link.open();
    await world.run(2_000);
    for (let count = 0; count < 200; count += 1) this.#later(() => { this.#send(`${count}`); });
    for (let count = 0; count < 8; count += 1) this.#later(() => { link.migrate().catch(() => { /* It stays, where its servers want it to leave before it has come. */ }); });
    for (let count = 0; count < 4; count += 1) this.#later(() => { this.#served.at(-1)?.dismiss({ within: 20_000, spread: world.random() * 1_000 }); });
    await world.run(40_000);
    void link.close();
    await world.run(10_000);
  }

  #later(run: () => void): void {
    this.world.clock.arrival(this.world.clock.now() + this.world.random() * 10_000, run);
  }

  #send(message: string): void {
    this.sent.push(message);
    this.link.send(message);
  }

  #serve({ clock, random }: SimHost, channel: Channel): void {
    const protocol = framed();
    const role = { side: "listener", duty: "active", epoch: this.#served.length, remote: channel.remote, clock, random } as const;
    const wire: Wire<Frame, Frame> = new Wire<Frame, Frame>({
      channel, protocol, role, heartbeat, clock, random,
      owner: {
        greeted: () => { this.#served.push(wire); },
        message: (message) => {
          this.arrived.push(String(message));
          wire.say(message);
        },
        wireDrained: () => undefined, missed: () => undefined, suspected: () => undefined, leave: () => undefined, ended: () => undefined,
      },
    });
    wire.start(protocol, role);
  }
}
