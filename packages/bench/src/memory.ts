import { Child } from "./child.ts";
import { median, type Report } from "./report.ts";

const count = 2_000;

/** Heap of an idle link with its heartbeat on, above that of a bare `ws` socket. */
export async function memory(): Promise<Report> {
  const server = new Child(new URL("./echo/server.ts", import.meta.url), []);
  try {
    const { ws } = await server.hear<{ readonly ws: number }>();
    const raw: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      raw.push(await weigh("raw", ws));
      ours.push(await weigh("holdfast", ws));
    }
    const above = median(ours) - median(raw);
    return {
      name: "memory", about: `heap of ${count} idle connections, heartbeats on, median of 3 rounds`,
      rows: [{ what: "heap per idle link (bytes)", ours: median(ours), rival: median(raw), figure: above, unit: "B above", target: "≤ 2500 B", met: above <= 2_500 }],
    };
  } finally {
    await server.end();
  }
}

async function weigh(kind: string, port: number): Promise<number> {
  const client = new Child(new URL("./memory/client.ts", import.meta.url), [kind, String(port), String(count)]);
  try {
    return (await client.hear<{ readonly bytes: number }>()).bytes;
  } finally {
    await client.end();
  }
}
