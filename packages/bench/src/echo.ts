import { Child } from "./child.ts";
import { median, type Report, type Row } from "./report.ts";

interface Ports { readonly tcp: number; readonly ws: number }
interface Sample { readonly micros: number; readonly rate: number }

const rounds = 9;
const warm = 40_000;
const count = 160_000;

/** Steady state: what a message costs with holdfast around the socket, and without. */
export async function echo(): Promise<Report> {
  const server = new Child(new URL("./echo/server.ts", import.meta.url), []);
  try {
    const ports = await server.hear<Ports>();
    const rows: Row[] = [];
    for (const transport of ["tcp", "ws"] as const) rows.push(...await compare(transport, ports[transport]));
    return { name: "echo", about: `64-byte echo, 64 in flight, heartbeats on, ${count} messages a round, median of ${rounds} paired rounds`, rows };
  } finally {
    await server.end();
  }
}

async function compare(transport: "tcp" | "ws", port: number): Promise<readonly Row[]> {
  const ours: Sample[] = [];
  const raw: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes each round, so that a noisy second hurts both alike.
    const order = round % 2 === 0 ? (["raw", "holdfast"] as const) : (["holdfast", "raw"] as const);
    for (const who of order) (who === "raw" ? raw : ours).push(await measure(`${transport}-${who}`, port));
  }
  const cpu = median(ours.map(({ micros }, at) => micros / (raw[at]?.micros ?? Number.NaN)));
  const rate = median(ours.map((sample, at) => sample.rate / (raw[at]?.rate ?? Number.NaN)));
  return [
    { what: `${transport}: client CPU per message (µs)`, ours: median(ours.map(({ micros }) => micros)), rival: median(raw.map(({ micros }) => micros)), figure: cpu, unit: "×", target: "≤ 1.05 ×", met: cpu <= 1.05 },
    { what: `${transport}: messages per second`, ours: median(ours.map((sample) => sample.rate)), rival: median(raw.map((sample) => sample.rate)), figure: rate, unit: "×", target: "≥ 0.90 ×", met: rate >= 0.9 },
  ];
}

async function measure(kind: string, port: number): Promise<Sample> {
  const client = new Child(new URL("./echo/client.ts", import.meta.url), [kind, String(port), String(warm), String(count)]);
  try {
    return await client.hear<Sample>();
  } finally {
    await client.end();
  }
}
