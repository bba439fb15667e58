import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Person } from "./person.ts";
import { Servers } from "./servers.ts";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Serves the page until Ctrl-C, has Ben in the room, who counts, and kills a server when the page asks for it. */
export async function hostPage(redis: string): Promise<void> {
  const { outputFiles: [script] } = await build({ entryPoints: [file("page.ts")], bundle: true, format: "esm", write: false, conditions: ["@holdfast/source"] });
  const html = await readFile(file("index.html"));
  const http = createServer((request, response) => {
    const page = pages[`${request.method} ${request.url?.replace(/\?.*/, "")}`];
    if (page) page(request, response);
    else response.writeHead(404).end();
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const host = `http://127.0.0.1:${(http.address() as AddressInfo).port}`; // It listens on TCP, so it has a port.
  using servers = await Servers.start(redis, host);

  const pages: Readonly<Record<string, RequestListener>> = {
    "GET /": (_, response) => { response.setHeader("content-type", "text/html").end(html); },
    "GET /page.js": (_, response) => { response.setHeader("content-type", "text/javascript").end(script?.contents); },
    "GET /servers": (_, response) => { response.end(JSON.stringify(servers.uris)); },
    "POST /kill": (request, response) => { void text(request).then((uri) => servers.kill(uri)).finally(() => response.end()); },
  };
  const ben = new Person("Ben", servers.uris);
  const count = setInterval(() => { ben.say(String(ben.said + 1)); }, 200);
  console.log(`${host}/?name=Anna`);

  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  clearInterval(count);
  await ben.leave();
  http.close();
  http.closeAllConnections();
}
