// A feed of prices behind a token that lives for two seconds. When it expires the server hangs up with 4401; the link dials again
// with a fresh one and goes on where it was, without a gap.
//
//     node scripts/dev.mjs pnpm -C examples/websocket-feed start
import { connect, exponential, json } from "holdfast";
import { startFeed } from "./server.ts";

interface Tick { readonly number: number; readonly price: number }
interface Subscribe { readonly after: number }

const feed = await startFeed();
const ticks: Tick[] = [];

const link = connect(feed.uri, {
  protocol: json<Subscribe, Tick>(),
  backoff: exponential({ initial: 50, max: 5_000 }),
  websocket: {
    // Asked before every dial; so neither a 4401 nor an HTTP status 401 ends the link, as they do where credentials never change. A
    // browser cannot send headers: there, an endpoint source puts the token into the address, which no event or error ever shows,
    //     connect({ list: async ({ signal }) => [`${feed.uri}?token=${await freshToken(signal)}`] })
    // and needs `closeCodes: { 4401: "retry" }`, because only a function of ours tells that the next credentials are others.
    headers: async ({ signal }) => ({ authorization: `Bearer ${await freshToken(signal)}` }),
  },
});

link.on("connected", ({ epoch }) => {
  console.log(`connection ${epoch}`);
  link.send({ after: ticks.at(-1)?.number ?? 0 }); // Every connection begins by saying where it left off.
});
link.on("disconnected", ({ error }) => { if (error) console.log(error.message); });

for await (const tick of link) {
  ticks.push(tick);
  console.log(`${tick.number}: ${tick.price.toFixed(2)}`);
  if (tick.number === 40) break;
}

console.log(`${ticks.length} ticks with ${feed.issued} tokens, ${ticks.every(({ number }, at) => number === at + 1) ? "none" : "some"} of them missing`);
await link.close();
feed.stop();

async function freshToken(signal: AbortSignal): Promise<string> {
  const response = await fetch(feed.tokens, { method: "POST", signal });
  if (!response.ok) throw new Error(`no token: HTTP status ${response.status}`); // This dial fails; the next one asks again.
  return response.text();
}
