// Three processes stand for election on a real ensemble. The leader is killed, and the next one leads, with a greater token.
//
//     node scripts/dev.mjs pnpm -C examples/zookeeper-election start [host:port,host:port]
//
// Without servers of your own it starts three, which takes Java and ZooKeeper (on Debian: libzookeeper-java).
import { fork, type ChildProcess } from "node:child_process";
import { Ensemble } from "@holdfast/test-servers";

const [given] = process.argv.slice(2);
await using stack = new AsyncDisposableStack();
const servers = given ?? stack.use(await Ensemble.start({ size: 3 })).connectString;

interface Candidate { readonly name: string; readonly process: ChildProcess }
const tokens: bigint[] = [];
let elected = Promise.withResolvers<Candidate>();

async function stand(name: string): Promise<Candidate> {
  const child = fork(new URL("./candidate.ts", import.meta.url), [servers, name], { execArgv: ["--conditions=@holdfast/source"] });
  stack.defer(() => { child.kill("SIGKILL"); });
  const candidate = { name, process: child };
  await new Promise<void>((resolve) => {
    child.on("message", (word: string) => {
      if (word === "stands") return resolve();
      tokens.push(BigInt(word.slice("leads ".length)));
      console.log(`${name} leads`);
      elected.resolve(candidate);
    });
  });
  return candidate;
}

// One after the other, so that it is known who comes next.
for (const name of ["Anna", "Ben", "Clara"]) {
  await stand(name);
  console.log(`${name} stands for election`);
  if (name === "Anna") await elected.promise;
}

for (let reign = 0; reign < 2; reign += 1) {
  const leader = await elected.promise;
  elected = Promise.withResolvers();
  console.log(`killing ${leader.name}`);
  leader.process.kill("SIGKILL");
  await elected.promise;
}
console.log(`every leader's token is greater than the one before: ${tokens.every((token, at) => token > (tokens[at - 1] ?? 0n))}`);
