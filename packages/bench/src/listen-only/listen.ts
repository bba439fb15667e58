import { Link } from "@holdfast/core";
import { Child } from "../child.ts";
import { LoopLateness } from "../lateness.ts";
import { kinds, protocolOf, transportOf, uriOf, type Kind } from "../detect/case.ts";
import type { Heard } from "./server.ts";

export interface Listened extends Heard {
  /** Connections that were lost, and messages that came. */
  readonly lost: number;
  readonly messages: number;
  /** How late the links' own loop was at worst. */
  readonly lateness: number;
}

/** One link of each kind that only listens, for so long, under servers that close silent readers after twice the interval. */
export async function listen(interval: number, ms: number): Promise<Listened> {
  const server = new Child(new URL("server.ts", import.meta.url), [String(2 * interval), "100"]);
  let lost = 0;
  let messages = 0;
  try {
    const ports = await server.hear<Record<Kind, number>>();
    const links = kinds.map((kind) => new Link<string, string>({
      endpoints: uriOf(kind, ports[kind]), transports: [transportOf(kind)], protocol: protocolOf(kind), heartbeat: { interval, timeout: interval, maxMisses: 3 }, logger: false,
    }));
    for (const link of links) {
      link.on("message", () => { messages += 1; });
      link.on("disconnected", ({ cause }) => { if (cause !== "requested") lost += 1; });
    }
    await Promise.all(links.map((link) => link.open()));
    const loop = new LoopLateness();
    await new Promise((resolve) => { setTimeout(resolve, ms); });
    const lateness = loop.stop();
    for (const link of links) link.abort();
    server.say({ report: true });
    return { ...await server.hear<Heard>(), lost, messages, lateness };
  } finally {
    await server.end();
  }
}
