import { constant, Link, parseEndpoint, text, type Channel } from "@holdfast/core";
import { memoryNetwork } from "@holdfast/testkit";
import type { Told } from "./told.ts";

const { transport } = memoryNetwork();
const heard: string[] = [];

/** Sends back what it hears, until it is asked to hang up. */
function echo(channel: Channel): void {
  channel.receive({
    frame: (frame) => {
      if (frame === "hang up") channel.close();
      else channel.send(frame);
    },
    drained: () => {}, pong: () => {}, closed: () => {},
  });
}

await transport.listen?.(parseEndpoint("memory://echo"), { accept: echo });
const link = new Link({ endpoints: "memory://echo", transports: [transport], protocol: text(), heartbeat: false, backoff: constant(1) });
link.on("connected", () => {
  heard.push("connected");
  link.send(heard.includes("first") ? "second" : "first");
});
link.on("message", (message) => {
  heard.push(message);
  if (message === "first") link.send("hang up");
  else void link.close();
});
link.on("disconnected", ({ cause }) => { heard.push(`disconnected ${cause}`); });
await link.open();
await link.closed;
postMessage({ document: "document" in globalThis, heard } satisfies Told);
