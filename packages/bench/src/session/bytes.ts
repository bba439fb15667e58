import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { varint } from "@holdfast/core/framing";
import { Server } from "@holdfast/server";
import { Session } from "@holdfast/session";
import { Keeper, memoryStore } from "@holdfast/session/keeper";
import { tcp } from "@holdfast/tcp";
import type { Report, Row } from "../report.ts";

const payload = new Uint8Array(100).fill(7);
const rate = 250;
const seconds = 12;
const goal = 1.5;

/** What others add to a 100-byte message and its acknowledgement, computed from their formats: an acknowledgement for each message unless said otherwise. */
const others: readonly (readonly [name: string, bytes: number])[] = [
  ["SignalR MessagePack", 9.1], ["MQTT 5 QoS 1", 12], ["MQTT 5 QoS 2", 20], ["Eternal Terminal (length, header, MAC)", 22], ["socket.io with connection state recovery", 26],
  ["XEP-0198", 33], ["SignalR JSON", 39], ["Centrifugo JSON", 56], ["Kafka, record batch of one", 69],
];

/** Bytes that a session adds to each message, above the length that a byte stream needs: counted on the sockets, acknowledgements and heartbeats included. */
export async function sessionBytes(): Promise<Report> {
  const handled = Promise.withResolvers<void>();
  const total = rate * seconds;
  const keeper = new Keeper({ store: memoryStore(), handle: (_, { sequence }) => { if (sequence === total) handled.resolve(); } });
  const server = new Server({ protocol: keeper.protocol });
  const { endpoint } = await server.listen(tcp(), "tcp://127.0.0.1:0");
  const tap = await Tap.before(endpoint.port ?? 0);
  const session = new Session({ endpoints: `tcp://127.0.0.1:${tap.port}`, transports: [tcp()] });
  await session.open();
  tap.reset();
  await send(session, total);
  await handled.promise;
  await new Promise((resolve) => { setTimeout(resolve, 400); }); // For the last acknowledgement.
  const { frames, bytes, body } = tap;
  await session.close();
  await server.close({ within: 0 });
  await keeper.close();
  tap.close();
  return { name: "session-bytes", about: `${total} messages of ${payload.length} bytes one way through a TCP proxy that counts, ${rate} a second, heartbeats on, ${frames} frames`, rows: rows(bytes, body, total) };
}

function rows(bytes: number, body: number, total: number): readonly Row[] {
  const added = body / total - payload.length;
  return [
    { what: "bytes added to a message, above its length header", ours: added, figure: added, unit: "B", target: `≤ ${goal} B`, met: added <= goal },
    { what: "the same, with length headers", ours: bytes / total - payload.length, figure: bytes / total - payload.length, unit: "B" },
    ...others.map(([what, rival]) => ({ what: `beside ${what}`, ours: added, rival, figure: rival / added, unit: "×" })),
  ];
}

/** An even stream. */
async function send(session: Session, total: number): Promise<void> {
  const began = performance.now();
  for (let sent = 0; sent < total;) {
    for (const due = Math.min(total, Math.ceil(((performance.now() - began) / 1_000) * rate)); sent < due; sent += 1) await session.write(payload);
    await new Promise((resolve) => { setTimeout(resolve, 2); });
  }
}

/** A proxy that counts what passes, in both directions. */
class Tap {
  readonly #server = createServer();
  readonly #sockets: Socket[] = [];
  /** All that passed, and how much of it was in frames. */
  bytes = 0;
  body = 0;
  frames = 0;

  static async before(port: number): Promise<Tap> {
    const tap = new Tap();
    tap.#server.on("connection", (near) => {
      const far = connect({ port, host: "127.0.0.1", noDelay: true });
      near.setNoDelay();
      tap.#pass(near, far);
      tap.#pass(far, near);
    });
    await new Promise<void>((resolve) => { tap.#server.listen(0, "127.0.0.1", resolve); });
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // It listens.
  }

  reset(): void {
    this.bytes = this.body = this.frames = 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(from: Socket, to: Socket): void {
    const framer = varint().start(1 << 20);
    this.#sockets.push(from);
    from.on("error", () => { to.destroy(); }).on("end", () => { to.end(); });
    from.on("data", (chunk) => {
      this.bytes += chunk.length;
      framer.push(chunk, (frame) => {
        this.frames += 1;
        this.body += frame.length;
      });
      to.write(chunk);
    });
  }
}
