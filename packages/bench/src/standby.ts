import { connect } from "node:net";
import { constant, framed, Link, type Protocol } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { tcp } from "@holdfast/tcp";
import { Child } from "./child.ts";
import { median, percentile, type Report } from "./report.ts";

const kills = 240;
const now = (): number => performance.now();
const quiet = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** From the moment a link tells of a loss: until it is connected, and until the first echo. */
interface Round { readonly connected: number; readonly echoed: number }

/** After the loss of a connection is noticed: how long until the next message is on its way, with a channel in reserve and without one. */
export async function standby(): Promise<Report> {
  const servers = [0, 1].map(() => new Child(new URL("./echo/server.ts", import.meta.url), []));
  try {
    const ports: number[] = [];
    for (const server of servers) ports.push((await server.hear<{ readonly tcp: number }>()).tcp);
    const raw: number[] = [];
    const warm = await measure(servers, ports, 1, raw);
    const cold = await measure(servers, ports, 0, raw);
    const [on, echo, dial] = [warm.map(({ connected }) => connected), warm.map(({ echoed }) => echoed), cold.map(({ connected }) => connected)];
    const ratio = median(dial) / median(raw);
    return {
      name: "standby", about: `RST of a live TCP connection, from the moment the loss is told, ${kills} kills each`,
      rows: [
        { what: "standby: 1, until messages go out, p50 (ms)", ours: median(on), figure: median(on), unit: "ms", target: "≤ 1 ms", met: median(on) <= 1 },
        { what: "standby: 1, until messages go out, p95 (ms)", ours: percentile(on, 0.95), figure: percentile(on, 0.95), unit: "ms", target: "≤ 2 ms", met: percentile(on, 0.95) <= 2 },
        { what: "standby: 1, until the first echo, p50 (ms)", ours: median(echo), figure: median(echo), unit: "ms" },
        { what: "standby: 1, until the first echo, p95 (ms)", ours: percentile(echo, 0.95), figure: percentile(echo, 0.95), unit: "ms" },
        { what: "standby: 0, until connected; raw connect and greeting", ours: median(dial), rival: median(raw), figure: ratio, unit: "×", target: "≤ 1.5 ×", met: ratio <= 1.5 },
        { what: "standby: 0, until connected, p95 (ms)", ours: percentile(dial, 0.95), rival: percentile(raw, 0.95), figure: percentile(dial, 0.95), unit: "ms", target: "≤ 6 ms", met: percentile(dial, 0.95) <= 6 },
      ],
    };
  } finally {
    for (const server of servers) await server.end();
  }
}

async function measure(servers: readonly Child[], ports: readonly number[], standby: number, raw: number[]): Promise<readonly Round[]> {
  const protocol = framed() as Protocol<Uint8Array, Uint8Array>; // It carries bytes here.
  const link = new Link<Uint8Array, Uint8Array>({ endpoints: ports.map((port) => `tcp://127.0.0.1:${port}`), transports: [tcp()], protocol, shuffle: false, backoff: constant(0), heartbeat: "lan", logger: false, standby });
  const rounds: Round[] = [];
  await link.open();
  for (let round = 0; round < kills; round += 1) {
    while (link.snapshot().slots.filter(({ stage }) => stage === "spare").length < standby) await quiet(1);
    await quiet(20);
    const echo = Promise.withResolvers<number>();
    let [lostAt, sentAt] = [0, 0];
    link.once("disconnected", () => { lostAt = now(); });
    link.once("connected", () => {
      link.send(new Uint8Array(64));
      sentAt = now();
    });
    link.once("message", () => { echo.resolve(now()); });
    const at = ports.findIndex((port) => link.endpoint === `tcp://127.0.0.1:${port}`);
    servers[at]?.say({ kill: true });
    const echoedAt = await echo.promise;
    await servers[at]?.hear();
    rounds.push({ connected: sentAt - lostAt, echoed: echoedAt - lostAt });
    if (standby === 0) raw.push(await greet(ports[1 - at] ?? 0)); // There are two.
  }
  await link.close();
  return rounds;
}

/** A bare socket that connects and is greeted. */
function greet(port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const framer = varint().start(1 << 20);
  const start = now();
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("connect", () => { socket.write(framer.wrap(Uint8Array.of(9, 0x68, 0x66, 1, 1))); });
  socket.on("error", () => { /* The rounds show it. */ });
  socket.on("data", () => {
    resolve(now() - start);
    socket.destroy();
  });
  return promise;
}
