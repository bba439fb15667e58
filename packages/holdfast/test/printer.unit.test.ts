import { ConnectError, LinkError } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import type { Entry } from "../src/cli/entry.ts";
import { duration, fit, printable } from "../src/cli/printable.ts";
import { makePrinter, type PrinterOptions, type Sink } from "../src/cli/printer.ts";
import { StatusLine } from "../src/cli/status-line.ts";
import { Story } from "../src/cli/story.ts";

class Paper implements Sink {
  readonly written: string[] = [];
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  writableLength = 0;

  constructor({ isTTY = false, columns }: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  get text(): string { return this.written.join(""); }
  write(text: string): void { this.written.push(text); }
}

function printerOn(paper: Paper, options: Partial<PrinterOptions> = {}) {
  const clock = new SimClock();
  return { clock, printer: makePrinter(paper, { json: false, statusLine: true, colours: false, clock, ...options }) };
}

const entry = (text: string): Entry => ({ event: "message", tone: "plain", text, data: { message: text } });

describe("printable()", () => {
  it("disarms what would steer a terminal", () => {
    expect(printable("a\u001B[31mb\u0007\nc\u202Ed\u009Be")).toBe("a\\u{1b}[31mb\\u{7}\\nc\\u{202e}d\\u{9b}e");
  });

  it("leaves words of every language alone", () => {
    expect(printable("→ Grüße, 世界 👩‍🚀")).toBe("→ Grüße, 世界 👩‍🚀");
  });
});

describe("duration()", () => {
  it.each([
    [0, "0 ms"], [0.4217, "0.42 ms"], [12.3, "12 ms"], [999.4, "999 ms"], [1_000, "1 s"], [2_440, "2.4 s"], [59_940, "59.9 s"], [59_960, "1 min"],
    [125_000, "2 min 5 s"], [3_600_000, "1 h"], [3_720_000, "1 h 2 min"],
  ])("%d ms is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe("fit()", () => {
  it("cuts between characters, not within one", () => {
    expect(fit("abc", 3)).toBe("abc");
    expect(fit("abcd", 3)).toBe("ab…");
    expect(fit("👩‍🚀👩‍🚀👩‍🚀", 5)).toBe("👩‍🚀👩‍🚀…");
  });

  it("counts columns, of which some characters take two", () => {
    expect(fit("世界世界", 8)).toBe("世界世界");
    expect(fit("世界世界", 7)).toBe("世界世…");
    expect(fit("世界世界", 6)).toBe("世界…");
  });
});

describe("text output", () => {
  it("is one aligned line per event", () => {
    const paper = new Paper();
    const { clock, printer } = printerOn(paper);
    printer.print(entry("one"));
    clock.advance(12_345);
    printer.print({ ...entry("two"), event: "disconnected" });
    expect(paper.text).toBe("    0.000  message       one\n   12.345  disconnected  two\n");
  });

  it("has no colours, no status line and no cuts off a terminal", () => {
    const paper = new Paper();
    const { printer } = printerOn(paper);
    printer.status("connected");
    printer.print(entry("x".repeat(5_000)));
    printer.end();
    expect(paper.text).toBe(`    0.000  message       ${"x".repeat(5_000)}\n`);
  });

  it("cuts a message that would fill a terminal", () => {
    const paper = new Paper({ isTTY: true, columns: 80 });
    printerOn(paper, { statusLine: false }).printer.print(entry("x".repeat(5_000)));
    expect(paper.text.length).toBeLessThan(500);
    expect(paper.text).toContain("x…\n");
  });

  it("says nothing of what only programs want to know", () => {
    const paper = new Paper();
    printerOn(paper).printer.print({ event: "alive", tone: "good", data: {} });
    expect(paper.text).toBe("");
  });

  it("leaves lines out rather than hold them for a slow reader, and says how many", () => {
    const paper = new Paper();
    const { printer } = printerOn(paper);
    paper.writableLength = 2 ** 21;
    printer.print(entry("lost"));
    printer.print(entry("lost too"));
    paper.writableLength = 0;
    printer.print(entry("kept"));
    expect(paper.text).not.toContain("lost");
    expect(paper.text).toContain("skipped       2 lines");
    expect(paper.text).toContain("kept");
  });

  it("takes the status line away before it prints, and leaves none behind", () => {
    const paper = new Paper({ isTTY: true, columns: 80 });
    const { printer } = printerOn(paper);
    printer.status("here");
    printer.print(entry("one"));
    printer.status("here");
    printer.end();
    expect(paper.written).toEqual(["\r\u001B[2Khere", "\r\u001B[2K", "    0.000  message       one\n", "\r\u001B[2Khere", "\r\u001B[2K"]);
  });
});

describe("the status line", () => {
  it("never wraps, whatever the width", () => {
    for (const [columns, length] of [[20, 19], [0, 79]] as const) {
      const paper = new Paper({ columns });
      new StatusLine(paper).show("x".repeat(200));
      expect(paper.text).toBe(`\r\u001B[2K${"x".repeat(length - 1)}…`);
    }
  });

  it("is written only when it changes", () => {
    const paper = new Paper({ columns: 80 });
    const line = new StatusLine(paper);
    line.show("same");
    line.show("same");
    expect(paper.written).toHaveLength(1);
  });
});

describe("JSON output", () => {
  it("is one object per line, with a clock that never jumps and one for people", () => {
    const paper = new Paper();
    const { clock, printer } = printerOn(paper, { json: true });
    clock.advance(12.34);
    printer.print(entry("a\nb"));
    expect(paper.written).toHaveLength(1);
    const line = JSON.parse(paper.text) as Record<string, unknown>;
    expect(line).toMatchObject({ at: 12.3, event: "message", message: "a\nb" });
    expect(Date.parse(String(line["time"]))).not.toBeNaN();
  });

  it("says how many lines a slow reader missed", () => {
    const paper = new Paper();
    const { printer } = printerOn(paper, { json: true });
    paper.writableLength = 2 ** 21;
    printer.print(entry("lost"));
    paper.writableLength = 0;
    printer.print(entry("kept"));
    expect(paper.written.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["skipped", "message"]);
  });
});

describe("the story of a link", () => {
  const [a, b] = ["ws://a:1", "ws://b:1"];
  const rtt = { last: 0.42, smoothed: 0.5, variation: 0.1 };

  it("tells where we went and for how long we were gone", () => {
    const clock = new SimClock();
    const story = new Story(clock);
    expect(story.connected({ endpoint: a, epoch: 1, resumed: false }, 20_000).text).toBe("ws://a:1, a silent peer is noticed within 20 s");
    clock.advance(9_000);
    const error = new LinkError("HF_HEARTBEAT", "ws://a:1 is silent");
    expect(story.disconnected({ endpoint: a, cause: "heartbeat", error, unconfirmed: 2 }).text).toBe("after 9 s: ws://a:1 is silent [HF_HEARTBEAT]; 2 messages may not have arrived");
    clock.advance(1_000);
    const connected = story.connected({ endpoint: b, epoch: 2, resumed: false }, 20_000);
    expect(connected.text).toBe("ws://b:1, failover from ws://a:1, after 1 s");
    expect(connected.data).toMatchObject({ from: a, downFor: 1_000 });
    expect(story.summary().text).toBe("connected 90 % of 10 s, 2 connections, 1 failover, 0 messages in, 0 out");
  });

  it("tells of a move as of a connection without a gap", () => {
    const clock = new SimClock();
    const story = new Story(clock);
    story.connected({ endpoint: a, epoch: 1, resumed: false }, 20_000);
    clock.advance(9_000);
    expect(story.migrated({ from: a, to: b, cause: "drained", epoch: 2, unconfirmed: 0 }).text).toBe("ws://b:1, from ws://a:1 without a gap");
    expect(story.disconnected({ endpoint: b, cause: "closed", unconfirmed: 1, resent: 3 })).toMatchObject({ text: expect.stringMatching(/; 3 messages to be sent again; 1 message may not have arrived$/) as string, data: { resent: 3 } });
    expect(story.migrated({ from: b, to: b, cause: "requested", epoch: 3, unconfirmed: 1 }).text).toBe("ws://b:1, from ws://b:1 without a gap; 1 message may not have arrived");
    expect(story.summary().text).toBe("connected 100 % of 9 s, 3 connections, 1 failover, 0 messages in, 0 out");
  });

  it("tells people of the first answer and of the one that ends a silence, and programs of each", () => {
    const story = new Story(new SimClock());
    story.connected({ endpoint: a, epoch: 1, resumed: false }, Infinity);
    expect(story.alive(rtt).text).toBe("ws://a:1 answers in 0.42 ms");
    expect(story.alive(rtt).text).toBeUndefined();
    expect(story.missed({ endpoint: a, misses: 1, of: 3 }).text).toBe("ws://a:1 left 1 of 3 heartbeats unanswered");
    expect(story.alive(rtt)).toMatchObject({ text: "ws://a:1 answers again", data: { endpoint: a, last: 0.42 } });
  });

  it("tells of the first dial of an outage, and of every failure", () => {
    const story = new Story(new SimClock());
    const error = new ConnectError("HF_DIAL_FAILED", a, "nobody is there");
    expect(story.connecting({ attempt: 1, endpoint: a }).text).toBe("ws://a:1");
    expect(story.failed({ attempt: 1, endpoint: a, error }).text).toBe("nobody is there [HF_DIAL_FAILED]");
    expect(story.connecting({ attempt: 2, endpoint: b }).text).toBeUndefined();
  });

  it("says that a connection cannot be watched", () => {
    expect(new Story(new SimClock()).connected({ endpoint: a, epoch: 1, resumed: false }, Infinity)).toMatchObject({ text: "ws://a:1, no heartbeat", data: { noticedWithin: null } });
  });

  it("does not tell people what they asked for", () => {
    const story = new Story(new SimClock());
    expect(story.disconnected({ endpoint: a, cause: "requested", unconfirmed: 0 }).text).toBeUndefined();
    expect(story.closed({ cause: "requested" }).text).toBeUndefined();
    expect(story.closed({ cause: "refused" }).text).toBe("gave up, as the peer refused for good");
  });

  it("shows bytes as bytes", () => {
    const story = new Story(new SimClock());
    expect(story.message(Uint8Array.of(1, 255))).toMatchObject({ text: "← <2 bytes> 01 ff", data: { bytes: "Af8=" } });
    expect(story.message({ a: 1 })).toMatchObject({ text: "← {\"a\":1}", data: { message: { a: 1 } } });
  });
});
