// A lock, and why it is not enough: a holder that stands still goes on believing for a moment. The token it got keeps the ledger right.
//
//     node scripts/dev.mjs pnpm -C examples/zookeeper-lock start [host:port,host:port]
//
// Without servers of your own it starts three, which takes Java and ZooKeeper (on Debian: libzookeeper-java).
import { Ensemble } from "@holdfast/test-servers";
import { ZooKeeper } from "@holdfast/zookeeper";
import { Lock } from "@holdfast/zookeeper/recipes";
import { Ledger } from "./ledger.ts";

const [given] = process.argv.slice(2);
await using stack = new AsyncDisposableStack();
const servers = given ?? stack.use(await Ensemble.start({ size: 3 })).connectString;
const ledger = new Ledger();

async function client(): Promise<ZooKeeper> {
  const zk = stack.use(new ZooKeeper({ servers, sessionTimeout: 6_000 }));
  await zk.open();
  return zk;
}

const anna = new Lock(await client(), "/example-lock", { data: "Anna" });
const ben = new Lock(await client(), "/example-lock", { data: "Ben" });

const first = await anna.acquire();
console.log("Anna holds the lock");
ledger.write(first.token, "Anna was here");

const second = ben.acquire();
await first.release();
const { token } = await second;
console.log("Ben holds the lock");
ledger.write(token, "Ben was here");

// What Anna would do if she had been standing still in the middle of her work: she writes with the token she had.
console.log(`does Anna hold it still? ${first.held}`);
try {
  ledger.write(first.token, "Anna again, too late");
} catch (error) {
  console.log(`the ledger refuses her: ${(error as Error).message}`);
}
console.log(ledger.lines.join(", "));
await (await second).release();
