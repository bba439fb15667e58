// A chat on two servers that share a Redis. They are killed in turn, and nobody misses a word: not those who speak, not those who
// listen, not who was away for a while.
//
//     node scripts/dev.mjs pnpm -C examples/chat start [--page] [redis://host:port]
//
// With --page it prints where to look with a browser, and stays until Ctrl-C. Without a Redis of your own it starts one, which takes
// redis-server (on Debian a package of that name).
import { setTimeout as sleep } from "node:timers/promises";
import { RedisServer } from "@holdfast/test-servers";
import { judge } from "./judge.ts";
import { hostPage } from "./page-host.ts";
import { Person } from "./person.ts";
import { Servers } from "./servers.ts";

await using stack = new AsyncDisposableStack();
const given = process.argv.find((argument) => /^rediss?:/.test(argument));
const redis = given ?? stack.use(await RedisServer.start()).url;

if (process.argv.includes("--page")) await hostPage(redis);
else process.exitCode = await tell();

async function tell(): Promise<number> {
  const servers = stack.use(await Servers.start(redis, "http://no.page"));
  const people = ["Anna", "Ben", "Clara"].map((name) => new Person(name, servers.uris));
  const [anna, , clara] = people as [Person, Person, Person];
  await until(() => people.every(({ present }) => present.length === people.length));
  console.log(`${anna.present.join(", ")} are in the room, on ${servers.uris.join(" and ")}`);

  let kills = 0;
  let here = people;
  const talk = setInterval(() => { for (const person of here) person.say(`This is my ${person.said + 1}.`); }, 50);
  await sleep(500);
  here = people.filter((person) => person !== clara);
  const openLaptop = await clara.closeLaptop();
  console.log("Clara closes her laptop");
  for (const latest = performance.now() + 15_000; kills < 6 && performance.now() < latest; kills += 1) {
    const server = anna.server ?? "";
    console.log(`kill -9 ${server}`);
    await servers.kill(server);
    await sleep(700);
  }
  openLaptop();
  console.log("Clara opens it again");
  clearInterval(talk);

  const said = people.reduce((sum, person) => sum + person.said, 0);
  await until(() => people.every(({ heard }) => heard.length >= said));
  console.log(`${kills} servers were killed`);
  const reports = people.map((person) => judge(person, said));
  for (const { words } of reports) console.log(words);
  const repeats = people.reduce((sum, { ear }) => sum + ear.repeats, 0);
  console.log(`(told again by a server that took over in the middle of telling, and known by their number: ${repeats})`);
  await Promise.all(people.map((person) => person.leave()));
  return reports.every(({ well }) => well) ? 0 : 1;
}

/** Not for ever: what has not come by then was lost, and the counts say so. */
async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !condition(); look += 1) await sleep(20);
}
