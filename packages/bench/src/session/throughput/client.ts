// One client: sends as fast as it may, or 256 messages that each wait for their echo.
import { framed, Link, type Frame, type Transport } from "@holdfast/core";
import { Session } from "@holdfast/session";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { inFlight } from "./case.ts";
import { Tally } from "./tally.ts";

const [who = "", scheme = "", kind = "", mode = "", port = "", warm = "0", count = "0"] = process.argv.slice(2);
const payload: Frame = kind === "text" ? "x".repeat(100) : new Uint8Array(100).fill(7);
const tally = new Tally(Number(warm), Number(count));
const transports: readonly Transport[] = [tcp(), websocket()];
const endpoints = `${scheme}://127.0.0.1:${port}`;

process.on("disconnect", () => { process.exit(); });

/** What is sent is counted one way, and what comes back in an echo. */
interface Sender {
  send(message: Frame): boolean;
  on(event: "drained", listener: () => void): unknown;
}

function oneWay(sender: Sender): void {
  let more = true;
  const pump = (): void => {
    for (let taken = true; more && taken;) {
      taken = sender.send(payload);
      more = tally.next();
    }
  };
  sender.on("drained", pump);
  pump();
}

function begin(sender: Sender): void {
  if (mode === "one-way") return oneWay(sender);
  for (let sent = 0; sent < inFlight; sent += 1) sender.send(payload);
}

if (who === "session") {
  const session = new Session({ endpoints, transports, heartbeat: "lan" });
  session.receive(() => { if (tally.next()) session.send(payload); });
  session.once("attached", () => { begin(session); });
  void session.open();
} else {
  const link = new Link({ endpoints, transports, protocol: framed(), heartbeat: "lan" });
  link.receive(() => { if (tally.next()) link.send(payload); });
  link.once("connected", () => { begin(link); });
  void link.open();
}
