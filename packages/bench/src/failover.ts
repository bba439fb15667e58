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
  const servers = [0, 1, 2, 3].map(() => new Child(new URL("./echo/server.ts", import.meta.url), []));
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
  const link = new Link<Uint8Array, Uint8Array>({ endpoints: ports.slice(0, 2).map((port) => `${kind}://127.0.0.1:${port[kind]}`), transports, protocol, shuffle: false, backoff: constant(0), heartbeat: "lan", logger: false });
  const ours: number[] = [];
  const noticed: number[] = [];
  const raw: number[] = [];
  const bare: number[] = [];
  const rival = redialler(kind, servers.slice(2), ports.slice(2));
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
    ours.push(await killed(server, echo.promise));
    noticed.push((await echo.promise) - lostAt);
    // The bare socket starts as the link did: out of the same silence.
    await quiet(20);
    raw.push(await once(kind, port));
    bare.push(await rival.round());
    await quiet(20);
  }
  await link.close();
  rival.end();
  const figure = median(ours) / median(raw);
  return [
    { what: `${kind}: kill to first echo, p50 (ms)`, ours: median(ours), rival: median(raw), figure, unit: "×", target: "≤ 1.5 ×", met: figure <= 1.5 },
    { what: `${kind}: the same, beside a bare socket that redials (ms)`, ours: median(ours), rival: median(bare), figure: median(ours) / median(bare), unit: "×" },
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

/** A connection without holdfast: what a program needs that has only a socket. */
interface Bare {
  readonly end: () => void;
  readonly onEnd: (ended: () => void) => void;
}

/** Connect, greet, one echo. */
function once(kind: Kind, port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const start = now();
  const bare = open[kind](port, () => {
    resolve(now() - start);
    bare.end();
  });
  return promise;
}

/** A bare socket that dials the other server as soon as it hears of the end: nobody can be faster. One kill per call. */
function redialler(kind: Kind, servers: readonly Child[], ports: readonly Ports[]): { readonly round: () => Promise<number>; readonly end: () => void } {
  let at = 0;
  let over = false;
  let current: Bare | undefined;
  let echo = Promise.withResolvers<number>();
  const dial = (): void => {
    current = open[kind](ports[at]?.[kind] ?? 0, () => { echo.resolve(now()); }); // There are two ports.
    current.onEnd(() => {
      at = 1 - at;
      if (!over) dial();
    });
  };
  dial();
  return {
    round: async () => {
      await echo.promise;
      await quiet(20);
      echo = Promise.withResolvers();
      return killed(servers[at] as Child, echo.promise); // There are two servers.
    },
    end: () => {
      over = true;
      current?.end();
    },
  };
}

/** From the kill, by the server's clock, to the echo of the other one. */
async function killed(server: Child, echo: Promise<number>): Promise<number> {
  server.say({ kill: true });
  const echoedAt = await echo;
  return echoedAt - (await server.hear<{ readonly killedAt: number }>()).killedAt;
}

const open: Readonly<Record<Kind, (port: number, echoed: () => void) => Bare>> = {
  tcp(port, echoed) {
    const framer = varint().start(1 << 20);
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let greeted = false;
    socket.on("connect", () => { socket.write(framer.wrap(Uint8Array.of(9, 0x68, 0x66, 1, 1))); });
    socket.on("error", () => { /* Reset by a kill: `end` hears of it, or nobody needs to. */ });
    socket.on("data", (chunk) => {
      framer.push(chunk, () => {
        if (greeted) {
          echoed();
          return;
        }
        greeted = true;
        socket.write(framer.wrap(new Uint8Array(65)));
      });
    });
    return { end: () => { socket.destroy(); }, onEnd: (ended) => { socket.on("close", ended); } };
  },
  ws(port, echoed) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    socket.on("error", () => { /* Reset by a kill: `end` hears of it, or nobody needs to. */ });
    socket.on("open", () => { socket.send(new Uint8Array(64)); });
    socket.on("message", echoed);
    return { end: () => { socket.terminate(); }, onEnd: (ended) => { socket.on("close", ended); } };
  },
};
