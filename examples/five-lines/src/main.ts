// Five lines hold a connection to two plain WebSocket servers. Then the one it is connected to dies.
//
//     node scripts/dev.mjs pnpm -C examples/five-lines start [uri]
//
// With a URI of your own (`ws://…` or `tcp://…`; several with commas between them) it stays connected until Ctrl-C.
import { connect } from "holdfast";
import { startServers } from "./server.ts";

const [given] = process.argv.slice(2);
const servers = await startServers();

// With the first import these are the five.
const link = connect(given ?? servers.uri); // "ws://127.0.0.1:8080,ws://127.0.0.1:8081"
link.on("message", console.log);
await link.ready();
link.send("hi");

// What follows is only the accident, and what the link says about it.
link.on("disconnected", ({ endpoint, cause }) => { console.log(`lost ${endpoint}: ${cause}`); });
link.on("connected", ({ endpoint }) => { console.log(`connected to ${endpoint}`); });

if (given === undefined) {
  const next = (event: "message" | "disconnected"): Promise<unknown> => new Promise((resolve) => { link.once(event, resolve); });
  await next("message");

  servers.kill(link.endpoint); // Nobody says goodbye.
  await next("disconnected");
  link.send("still there?"); // Waits until somebody answers.
  await next("message");

  await link.close();
  servers.stop();
}
