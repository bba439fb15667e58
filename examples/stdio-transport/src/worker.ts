// What the link talks to: squares numbers, one JSON object per line. It crashes or hangs when it is told to.
import { createInterface } from "node:readline";

const answer = (message: object): void => { console.log(JSON.stringify(message)); };

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as { ping?: true; square?: number; act?: "crash" | "hang" };
  if (order.ping) answer({ pong: true });
  if (order.square !== undefined) answer({ result: order.square ** 2, by: process.pid });
  if (order.act === "crash") process.exit(1);
  while (order.act === "hang") { /* Alive for the system, dead for us. */ }
}
