// One candidate, a process of its own: stands for election, and says so when it leads.
import { ZooKeeper } from "@holdfast/zookeeper";
import { Election } from "@holdfast/zookeeper/recipes";

const [servers = "", name = ""] = process.argv.slice(2);
const say = (word: string): void => { process.send?.(word); };

const zk = new ZooKeeper({ servers, sessionTimeout: 2_000, onExpiry: "renew" });
await zk.open();
const election = new Election(zk, "/example-election", { data: name });
election.on("deposed", ({ error }) => { console.log(`${name}: ${error.message}`); });
void election.campaign().then(({ token }) => { say(`leads ${token}`); }, () => { /* The process ends with the example. */ });
say("stands");
process.on("disconnect", () => { process.exit(); });
