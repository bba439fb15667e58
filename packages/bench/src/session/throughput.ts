import { Child } from "../child.ts";
import { median, type Report, type Row } from "../report.ts";
import { kinds, type Kind, type Measured, type Mode, type Ports } from "./throughput/case.ts";

const rounds = 9;
/** V8 goes on compiling for two million messages: what counts comes after that. */
const sizes = { "one-way": { warm: 2_000_000, count: 1_000_000 }, echo: { warm: 800_000, count: 400_000 } } as const;
/** For a program's command line. */
const sizesOf = (mode: Mode): readonly string[] => [String(sizes[mode].warm), String(sizes[mode].count)];
const goal = 0.8;

interface Round { readonly client: Measured; readonly server: Measured }

/** What a session with its keeper costs above the link that carries it: messages one way, and there and back. */
export async function sessionThroughput(): Promise<Report> {
  const rows: Row[] = [];
  for (const mode of ["one-way", "echo"] as const) {
    const server = new Child(new URL("./throughput/server.ts", import.meta.url), [mode, ...sizesOf(mode)]);
    try {
      const ports = await server.hear<Ports>();
      for (const kind of kinds) rows.push(...await compare(server, mode, kind, ports));
    } finally {
      await server.end();
    }
  }
  return { name: "session-throughput", about: `100-byte messages, Session and Keeper on memoryStore() beside framed() on Link and Server; echo with 256 in flight; ${sizes["one-way"].count} messages a round one way, ${sizes.echo.count} there and back, median of ${rounds} paired rounds`, rows };
}

async function compare(server: Child, mode: Mode, kind: Kind, ports: Ports): Promise<readonly Row[]> {
  const sessions: Round[] = [];
  const links: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes each round, so that a noisy second hurts both alike.
    const order = round % 2 === 0 ? (["link", "session"] as const) : (["session", "link"] as const);
    for (const who of order) (who === "link" ? links : sessions).push(await measure(server, [who, kind.scheme, kind.payload, mode, String(ports[`${kind.scheme}-${who}`]), ...sizesOf(mode)]));
  }
  const row = (what: string, of: (round: Round) => number): Row => {
    const figure = median(sessions.map((round, at) => of(round) / of(links[at] as Round))); // As many of both.
    return { what: `${mode}, ${kind.scheme}, ${kind.payload}: ${what}`, ours: median(sessions.map(of)), rival: median(links.map(of)), figure, unit: "×" };
  };
  const rate = row("messages per second", ({ server: { rate } }) => rate);
  return [
    { ...rate, target: `≥ ${goal} ×`, met: rate.figure >= goal },
    row("client CPU per message (µs)", ({ client: { micros } }) => micros),
    row("server CPU per message (µs)", ({ server: { micros } }) => micros),
  ];
}

async function measure(server: Child, given: readonly string[]): Promise<Round> {
  const client = new Child(new URL("./throughput/client.ts", import.meta.url), given);
  try {
    const [there, here] = await Promise.all([server.hear<Measured>(), client.hear<Measured>()]);
    return { client: here, server: there };
  } finally {
    await client.end();
  }
}
