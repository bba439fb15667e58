// A page that holds a connection (page.ts, index.html), and the server it talks to: the page itself, its script and the WebSocket
// come from one port. Nothing leaves this machine.
//
//     node scripts/dev.mjs pnpm -C examples/browser-page start
//
// It prints where to look, and stays until Ctrl-C.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { framed, Server, websocket, type Frame } from "holdfast";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

// Bundlers find the browser's entry of `holdfast` by themselves. The condition is for this workspace, where it is not built.
const { outputFiles: [script] } = await build({ entryPoints: [file("page.ts")], bundle: true, format: "esm", write: false, conditions: ["@holdfast/source"] });
const html = await readFile(file("index.html"));

const server = new Server<Frame, Frame>({ protocol: framed() });
server.on("peer", ({ peer }) => { peer.send("welcome"); });
const clock = setInterval(() => { server.broadcast(`it is ${new Date().toLocaleTimeString()}`); }, 250);

const pages: Readonly<Record<string, RequestListener>> = {
  "GET /": (_, response) => { response.setHeader("content-type", "text/html").end(html); },
  "GET /page.js": (_, response) => { response.setHeader("content-type", "text/javascript").end(script?.contents); },
  "POST /cut": (_, response) => {
    for (const peer of server.peers.values()) peer.abort(); // As a crash would: nobody says goodbye.
    response.end();
  },
};
const http = createServer((request, response) => {
  const page = pages[`${request.method} ${request.url}`];
  if (page) page(request, response);
  else response.writeHead(404).end();
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
const host = `127.0.0.1:${(http.address() as AddressInfo).port}`; // It listens on TCP, so it has a port.

await server.listen(websocket({ server: http }), `ws://${host}/live`);
console.log(`http://${host}/`);

await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
clearInterval(clock);
await server.close();
http.close();
http.closeAllConnections();
