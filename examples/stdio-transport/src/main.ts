// A transport of your own: the standard streams of a child process as a channel (stdio.ts, child-channel.ts). The link brings the
// rest: it starts the child again when it crashes, and when it hangs.
//
//     node scripts/dev.mjs pnpm -C examples/stdio-transport start
//
// test/conformance.int.test.ts shows that the transport keeps its contract.
import { fileURLToPath } from "node:url";
import { constant, json, Link } from "@holdfast/core";
import { stdio } from "./stdio.ts";

type Order = { readonly ping: true } | { readonly square: number } | { readonly act: "crash" | "hang" };
interface Answer { readonly pong?: true; readonly result?: number; readonly by?: number }

const link = new Link({
  endpoints: [{ uri: "stdio:node", args: [fileURLToPath(new URL("worker.ts", import.meta.url))] }],
  transports: [stdio()],
  protocol: json<Order, Answer>({ ping: { ping: true }, pong: (answer) => answer.pong === true }),
  heartbeat: { interval: 300, timeout: 3_000, maxMisses: 2 }, // A child says nothing until Node has started.
  backoff: constant(50),
});

link.on("connected", ({ epoch }) => { console.log(`child ${epoch} is running`); });
link.on("disconnected", ({ cause, error }) => { console.log(`it is gone (${cause})${error ? `: ${error.message}` : ""}`); });

await link.open();

for (const act of ["crash", "hang"] as const) {
  await square(12);
  console.log(`\ntelling it to ${act}`);
  link.send({ act });
  await new Promise((resolve) => { link.once("disconnected", resolve); });
}
await square(13);
await link.close();

/** Waits in the outbox while no child is there. */
async function square(number: number): Promise<void> {
  link.send({ square: number });
  const { result, by } = await new Promise<Answer>((resolve) => { link.once("message", resolve); });
  console.log(`${number} squared is ${result}, says process ${by}`);
}
