import { connect } from "node:net";
import { bytes, constant, framed, Link, type Protocol, type Transport } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { WebSocket } from "ws";
import { Child } from "./child.ts";
import { median, percentile, type Report, type Row } from "./report.ts";

interface Ports { readonly tcp: number; readonly ws: number }
type Kind = "tcp" | "ws";

const kills = 240;
const now = (): number => performance.timeOrigin + performance.now();

/** After an RST with a healthy second endpoint and no backoff: how long until the first echo, beside what a bare socket needs to get one. */
export async function failover(): Promise<Report> {
  const servers = [0, 1].map(() => new Child(new URL("./echo/server.ts", import.meta.url), []));
  try {
    const ports: Ports[] = [];
    for (const server of servers) ports.push(await server.hear<Ports>());
    const rows: Row[] = [];
    for (const kind of ["tcp", "ws"] as const) rows.push(...await compare(kind, servers, ports));
    return { name: "failover", about: `RST of a live connection, healthy second endpoint, zero backoff, ${kills} kills`, rows };
  } finally {
    for (const server of servers) await server.end();
  }
}

async function compare(kind: Kind, servers: readonly Child[], ports: readonly Ports[]): Promise<readonly Row[]> {
  const transports: readonly Transport[] = [kind === "tcp" ? tcp() : websocket()];
  const protocol = (kind === "tcp" ? framed() : bytes()) as Protocol<Uint8Array, Uint8Array>; // Both carry bytes here.
  const link = new Link<Uint8Array, Uint8Array>({ endpoints: ports.map((port) => `${kind}://127.0.0.1:${port[kind]}`), transports, protocol, shuffle: false, backoff: constant(0), heartbeat: "lan", logger: false });
  const ours: number[] = [];
  const noticed: number[] = [];
  const raw: number[] = [];
  let lostAt = 0;
  let echo = Promise.withResolvers<number>();
  link.on("disconnected", () => { lostAt = now(); });
  link.on("connected", () => { link.send(new Uint8Array(64)); });
  link.on("message", () => { echo.resolve(now()); });
  await link.open();
  await echo.promise;
  for (let round = 0; round < kills; round += 1) {
    const { port, server } = current(link, servers, ports, kind);
    echo = Promise.withResolvers<number>();
    server.say({ kill: true });
    const echoedAt = await echo.promise;
    noticed.push(echoedAt - lostAt);
    ours.push(echoedAt - (await server.hear<{ readonly killedAt: number }>()).killedAt);
    // The bare socket starts as the link did: out of the same silence.
    await quiet(20);
    raw.push(await (kind === "tcp" ? rawTcp(port) : rawWebSocket(port)));
    await quiet(20);
  }
  await link.close();
  const figure = median(ours) / median(raw);
  return [
    { what: `${kind}: kill to first echo, p50 (ms)`, ours: median(ours), rival: median(raw), figure, unit: "×", target: "≤ 1.5 ×", met: figure <= 1.5 },
    { what: `${kind}: loss told to first echo, p50 (ms)`, ours: median(noticed), rival: median(raw), figure: median(noticed) / median(raw), unit: "×" },
    { what: `${kind}: kill to first echo, p95 (ms)`, ours: percentile(ours, 0.95), rival: percentile(raw, 0.95), figure: percentile(ours, 0.95) / percentile(raw, 0.95), unit: "×" },
  ];
}

const quiet = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** The server the link is on, and the port of the other one. */
function current(link: Link<Uint8Array, Uint8Array>, servers: readonly Child[], ports: readonly Ports[], kind: Kind): { readonly port: number; readonly server: Child } {
  const at = ports.findIndex((port) => link.endpoint === `${kind}://127.0.0.1:${port[kind]}`);
  return { server: servers[at] as Child, port: ports[1 - at]?.[kind] ?? 0 }; // There are two.
}

/** Connect, greet, one echo: what a program needs that has only a socket. */
function rawTcp(port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const start = now();
  const framer = varint().start(1 << 20);
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let greeted = false;
  socket.on("connect", () => { socket.write(framer.wrap(Uint8Array.of(9, 0x68, 0x66, 1, 1))); });
  socket.on("error", () => { /* Reset by the next kill, long after it was measured. */ });
  socket.on("data", (chunk) => {
    framer.push(chunk, () => {
      if (greeted) {
        resolve(now() - start);
        socket.destroy();
      }
      greeted = true;
      socket.write(framer.wrap(new Uint8Array(65)));
    });
  });
  return promise;
}

function rawWebSocket(port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const start = now();
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  socket.on("error", () => { /* Reset by the next kill, long after it was measured. */ });
  socket.on("open", () => { socket.send(new Uint8Array(64)); });
  socket.on("message", () => {
    resolve(now() - start);
    socket.terminate();
  });
  return promise;
}
