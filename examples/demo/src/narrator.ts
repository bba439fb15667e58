import { styleText } from "node:util";
import type { Frame, Link } from "@holdfast/core";
import type { Fault, Outcome } from "./fault.ts";
import { inWords, type Tally } from "./sessions/tally.ts";
import { table } from "./table.ts";

export interface Summary { readonly faults: readonly Outcome[]; readonly sent: number; readonly delivered: number; readonly unknown: number; readonly sessions: Tally }

/** Tells the story: for people as lines and a table, for programs as one JSON object a line. */
export interface Narrator {
  follow(link: Link<Frame, Frame>): void;
  /** Something happened, as an event tells it. */
  tell(name: string, event: object): void;
  act(name: string, announcement: string): void;
  announce(fault: Fault, at: number, of: number): void;
  note(text: string): void;
  outcome(outcome: Outcome): void;
  end(summary: Summary, ok: boolean): void;
}

const events = ["connecting", "failed", "connected", "migrated", "missed", "suspected", "disconnected", "waiting", "draining", "dropped", "closed"] as const;
const started = performance.now();

export class JsonNarrator implements Narrator {
  follow(link: Link<Frame, Frame>): void {
    for (const name of events) link.on(name, (event: object) => { this.#print({ event: name, ...plain(event), rttMs: link.rtt?.last }); });
  }

  tell(name: string, event: object): void { this.#print({ event: name, ...plain(event) }); }
  act(name: string, announcement: string): void { this.#print({ event: "act", act: name, announcement }); }
  announce({ name, announcement }: Fault): void { this.#print({ event: "fault", fault: name, announcement }); }
  note(text: string): void { this.#print({ event: "note", text }); }
  outcome(outcome: Outcome): void { this.#print({ event: "outcome", ...outcome }); }
  end(summary: Summary): void { console.log(JSON.stringify({ summary })); }

  #print(line: object): void {
    console.log(JSON.stringify({ at: Math.round(performance.now() - started), ...line }));
  }
}

export class TextNarrator implements Narrator {
  follow(link: Link<Frame, Frame>): void {
    for (const name of events) link.on(name, (event: object) => { this.#line(name, describe(plain(event), link.rtt?.smoothed)); });
  }

  tell(name: string, event: object): void { this.#line(name, describe(plain(event), undefined)); }
  act(name: string, announcement: string): void { console.log(`\n${paint("bold", name)}  ${announcement}`); }

  announce({ name, announcement }: Fault, at: number, of: number): void {
    console.log(`\n${paint("bold", `${at}/${of} ${name}`)}  ${announcement}`);
  }

  note(text: string): void { this.#line("", text); }

  outcome({ survived, noticedMs, recoveredMs, endpoint }: Outcome): void {
    const verdict = survived ? paint("green", "survived") : paint("red", "NOT SURVIVED");
    this.#line("", `${verdict}: noticed after ${noticedMs ?? "-"} ms, messages flow again after ${recoveredMs ?? "-"} ms, now on ${endpoint ?? "nothing"}`);
  }

  end(summary: Summary, ok: boolean): void {
    const { sent, delivered, unknown } = summary;
    console.log(`\n${table(summary.faults)}\n`);
    console.log(`${sent} messages sent, ${delivered} delivered as the servers counted. The link had vouched for all but ${unknown}; ${sent - delivered} of these were really lost.`);
    console.log(inWords(summary.sessions));
    console.log(ok ? "Every fault was really done, and survived within its bound." : paint("red", "Not everything was survived: see the table, and the counts."));
    console.log("\nNext: npm run holdfast -- watch ws://127.0.0.1:8080,ws://127.0.0.1:8081   (or: npm start -- --help)");
  }

  #line(event: string, text: string): void {
    const at = ((performance.now() - started) / 1000).toFixed(2).padStart(6);
    console.log(`${paint("gray", `${at} s`)}  ${paint(colours[event] ?? "reset", event.padEnd(13))} ${text}`);
  }
}

type Style = Parameters<typeof styleText>[0];
const colours: Readonly<Record<string, Style>> = { connected: "green", migrated: "green", attached: "green", disconnected: "red", detached: "red", failed: "red", missed: "yellow", suspected: "yellow", waiting: "cyan", draining: "cyan" };

/** Colour only on a terminal, and never where NO_COLOR asks for none. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

function plain(event: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event ?? {}).map(([key, value]) => [key, value instanceof Error ? value.message : (value as unknown)]));
}

function describe(event: Record<string, unknown>, rtt: number | undefined): string {
  const parts = Object.entries(event).map(([key, value]) => {
    if (key === "endpoint") return String(value);
    if (key === "error") return `(${String(value)})`;
    if (key === "delay") return `next try in ${Math.round(Number(value))} ms`;
    return key === "epoch" || key === "resumed" ? "" : `${key} ${typeof value === "number" ? Math.round(value) : String(value)}`;
  });
  return [...parts, rtt === undefined ? "" : `rtt ${rtt.toFixed(1)} ms`].filter((part) => part !== "").join("  ");
}
