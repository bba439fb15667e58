// A configuration that is followed through the death of the server it was read from.
//
//     node scripts/dev.mjs pnpm -C examples/zookeeper-config start [host:port,host:port]
//
// Without servers of your own it starts three, which takes Java and ZooKeeper (on Debian: libzookeeper-java).
import { Ensemble } from "@holdfast/test-servers";
import { ZooKeeper } from "@holdfast/zookeeper";

const [given] = process.argv.slice(2);
await using stack = new AsyncDisposableStack();
const ensemble = given === undefined ? stack.use(await Ensemble.start({ size: 3 })) : undefined;
const servers = given ?? ensemble?.connectString ?? "";
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

const application = stack.use(new ZooKeeper({ servers, sessionTimeout: 6_000, retry: "safe" }));
application.on("disconnected", ({ cause }) => { console.log(`the server is gone (${cause})`); });
await application.open();
const operator = stack.use(new ZooKeeper({ servers, retry: "safe" }));
await operator.open();

const path = "/example-config";
if (await operator.exists(path) === undefined) await operator.create(path, "blue");
else await operator.setData(path, "blue");

let changed = Promise.withResolvers<string>();
await application.sync(path); // The operator may be on a server that is ahead, and "blue" would come as a change.
await application.addWatch(path, "persistent", () => {
  void application.getData(path).then(({ data }) => { changed.resolve(text(data)); }, changed.reject);
});
console.log(`the configuration is ${text((await application.getData(path)).data)}`);

await operator.setData(path, "green");
console.log(`it is ${await changed.promise} now`);

// Its server dies, and the configuration changes before the application has found another one.
changed = Promise.withResolvers();
const server = ensemble?.servers.find(({ address }) => address === application.server);
await server?.kill();
for (;;) {
  try {
    await operator.setData(path, "red");
    break;
  } catch { /* An election, perhaps; setting it twice does no harm. */ }
}
console.log(`it is ${await changed.promise} now`);
console.log(`the same session on ${application.server === server?.address ? "the same" : "another"} server`);
