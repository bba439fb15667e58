// The dispatcher, a process of its own: puts jobs into three sessions, so that three are done at a time. A job's number in the list is its
// number in the session, so the session knows how far the list is done: a dispatcher that is killed needs nothing but its tickets.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Session, type Ticket } from "@holdfast/session";
import { constant, tcp } from "holdfast";

const [uris = "", folder = "", jobs = "0"] = process.argv.slice(2);
process.on("disconnect", () => { process.exit(); }); // Whoever started us is gone.
process.send?.("begun");
await Promise.all([1, 2, 3].map(dispatch));
process.send?.("finished");

async function dispatch(queue: number): Promise<void> {
  const file = `${folder}/ticket-${queue}`;
  const saved = existsSync(file) ? { ticket: JSON.parse(readFileSync(file, "utf8")) as Ticket } : {};
  const session = new Session({ endpoints: uris, transports: [tcp()], backoff: constant(50), logger: false, ...saved });
  await session.open();
  if (saved.ticket === undefined) writeFileSync(file, JSON.stringify(session.ticket()), { mode: 0o600, flush: true }); // As secret as a password.

  const { outgoing } = session.snapshot(); // After `open` with a ticket: what is handled, as the keeper says.
  for (let number = outgoing.acknowledged + 1; number <= Number(jobs); number += 1) await session.write(`job ${number} of queue ${queue}`);
  while (session.snapshot().outgoing.acknowledged < Number(jobs)) await sleep(20);
  await session.suspend(); // It would be closed here; but a dispatcher that is killed now has to find it again.
}
