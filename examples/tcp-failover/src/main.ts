// One link and a failover list of three TCP servers. They crash, ask to be left, and come back; the link says what it does.
//
//     node scripts/dev.mjs pnpm -C examples/tcp-failover start [uri]
//
// With a URI of your own, such as "failover:(tcp://10.0.0.1:7000,tcp://10.0.0.2:7000)", it stays until Ctrl-C. The servers there must
// speak the framed protocol: `npm run holdfast -- serve` starts one that does.
import { connect, framed } from "holdfast";
import { Cluster } from "./cluster.ts";

const [given] = process.argv.slice(2);
const cluster = await Cluster.start(["A", "B", "C"]);
const list = `failover:(${cluster.uris.join()})?randomize=false&initialReconnectDelay=100&maxReconnectDelay=1000`;
const say = (text: string): void => { console.log(text); };

const link = connect(given ?? list, { protocol: framed(), stagger: Infinity }); // One after the other, however slow this machine is.

link.on("connecting", ({ endpoint }) => { say(`dialling ${endpoint}`); });
link.on("failed", ({ error }) => { say(`  ${error.message}`); });
link.on("waiting", ({ delay }) => { say(`tried them all: next dial in ${Math.round(delay)} ms`); });
link.on("connected", ({ endpoint }) => { say(`connected to ${endpoint}`); });
link.on("migrated", ({ from, to }) => { say(`moved from ${from} to ${to}, and missed nothing`); });
link.on("draining", ({ endpoint, within }) => { say(`${endpoint} asks us to leave within ${within} ms`); });
link.on("disconnected", ({ endpoint, cause }) => { say(`left ${endpoint}: ${cause}`); });
link.on("message", (message) => { say(`  it says: ${String(message)}`); });

await link.ready();
if (given === undefined) {
  say(`(A, B and C are ${cluster.uris.join(", ")})`);
  const next = (event: "connected" | "migrated" | "message" | "waiting"): Promise<unknown> => new Promise((resolve) => { link.once(event, resolve); });
  const greet = async (): Promise<void> => { link.send("who are you?"); await next("message"); };
  await greet();

  say("\nA crashes");
  cluster.crash("A");
  await next("connected");
  await greet();

  say("\nB is restarted by its operator, and asks its peers to move first");
  cluster.drain("B");
  await next("migrated");
  await greet();

  say("\nC crashes, too: now nobody is left");
  cluster.crash("C");
  await next("waiting");
  await next("waiting"); // One lap over the whole list.
  link.send("are you back?"); // Taken: it goes out when somebody answers.

  say("\nA comes back");
  await cluster.revive("A");
  await next("message");

  await link.close();
  await cluster.stop();
}
