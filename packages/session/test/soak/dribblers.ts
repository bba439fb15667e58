// `npm run soak:dribblers`: five thousand sockets that never finish their greeting, against a server with the limits that it has by default, and against one that counts no addresses,
// as behind a reverse proxy. Fails where an honest client is not let in, or half of them wait for more than a second. `-- --sockets 2000 --seconds 10` for fewer, and shorter. On Linux; each process opens as many files as there are sockets (`ulimit -n`).
import { parseArgs } from "node:util";
import type { DribblerTold } from "../acceptance/dribbler-server.ts";
import { dribblers } from "../acceptance/dribblers.ts";

const { values } = parseArgs({ options: { sockets: { type: "string", default: "5000" }, seconds: { type: "string", default: "20" } } });
const [sockets, seconds] = [Number(values.sockets), Number(values.seconds)];

for (const [name, order] of [["default limits", {}], ["no limit per address", { perAddress: 1e6 }]] as const) {
  const { held, ended, longest, quiet, honest, failed, before, during, after } = await dribblers({ sockets, lasts: seconds * 1_000, from: "127.0.0.2", ...order });
  const most = Math.max(...honest);
  const above = (told: DribblerTold): string => `${mib(told.weight - before.weight)} (resident ${mib(told.resident - before.resident)})`;
  console.log(`${name}: of ${sockets} sockets at most ${held} connected at once; ${ended} connections ended by the server, after ${(longest / 1_000).toFixed(1)} s at most`);
  console.log(`  ${honest.length} honest clients, ${failed} not let in; median ${median(honest).toFixed(1)} ms, longest ${most.toFixed(0)} ms; with nobody else there median ${median(quiet).toFixed(1)} ms, longest ${Math.max(...quiet).toFixed(0)} ms`);
  console.log(`  memory of the server above ${mib(before.weight)}: ${above(during)} at the height, ${above(after)} when all had gone; ${((during.weight - before.weight) / held / 1024).toFixed(1)} KiB for each socket`);
  if (failed > 0 || median(honest) > 1_000) process.exitCode = 1;
}

function median(durations: readonly number[]): number {
  return durations.toSorted((one, other) => one - other)[durations.length >> 1] ?? 0;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
