// One client of the steady-state benchmark: 64 messages of 64 bytes in flight, CPU time counted after a warm-up.
import { connect } from "node:net";
import { bytes, framed, Link } from "@holdfast/core";
import { varint } from "@holdfast/core/framing";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { WebSocket } from "ws";
import { tell } from "../child.ts";

const [kind = "", port = "", warm = "0", count = "0"] = process.argv.slice(2);
const inFlight = 64;
const payload = new Uint8Array(64).fill(7);

let received = 0;
let started: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;

/** Counts an echo; true while another message should follow. */
function echoed(): boolean {
  received += 1;
  if (received === Number(warm)) started = { at: performance.now(), cpu: process.cpuUsage() };
  if (received < Number(warm) + Number(count)) return true;
  if (received === Number(warm) + Number(count) && started) {
    const { user, system } = process.cpuUsage(started.cpu);
    tell({ micros: (user + system) / Number(count), rate: Number(count) / ((performance.now() - started.at) / 1000) });
  }
  return false;
}

function start(send: () => void): void {
  for (let sent = 0; sent < inFlight; sent += 1) send();
}

const clients: Record<string, () => void> = {
  "tcp-raw": () => {
    const framer = varint().start(1 << 20);
    const message = Uint8Array.of(0, ...payload);
    const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    const send = (): void => { socket.write(framer.wrap(message)); };
    let greeted = false;
    socket.write(framer.wrap(Uint8Array.of(9, 0x68, 0x66, 1, 1)));
    socket.on("data", (chunk) => {
      framer.push(chunk, () => {
        if (!greeted) {
          greeted = true;
          start(send);
        } else if (echoed()) send();
      });
    });
  },
  "tcp-holdfast": () => {
    const link = new Link({ endpoints: `tcp://127.0.0.1:${port}`, transports: [tcp()], protocol: framed(), heartbeat: "lan" });
    const send = (): void => { link.send(payload); };
    link.on("message", () => { if (echoed()) send(); });
    link.on("connected", () => { start(send); });
    void link.open();
  },
  "ws-raw": () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    const send = (): void => { socket.send(payload); };
    socket.on("open", () => { start(send); });
    socket.on("message", () => { if (echoed()) send(); });
  },
  "ws-holdfast": () => {
    const link = new Link({ endpoints: `ws://127.0.0.1:${port}`, transports: [websocket()], protocol: bytes(), heartbeat: "lan" });
    const send = (): void => { link.send(payload); };
    link.on("message", () => { if (echoed()) send(); });
    link.on("connected", () => { start(send); });
    void link.open();
  },
};
clients[kind]?.();
