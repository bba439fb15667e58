import { systemClock, type Link, type LogRecord, type Millis } from "@holdfast/core";
import { connect, type ConnectOptions } from "../connect/connect.ts";
import { reasonOf, type Entry } from "./entry.ts";
import { duration } from "./printable.ts";
import type { Printer } from "./printer.ts";
import { repeat } from "./repeat.ts";
import { Story } from "./story.ts";
import { inputLines, onInterrupt, onReaderGone } from "./terminal.ts";
import type { WatchSettings } from "./watch-options.ts";

/** How often we look for a fresh round trip and draw the status line. */
const glance: Millis = 250;

/** Keeps a connection and prints what becomes of it, until somebody or something ends it. Resolves with the exit code. */
export async function watch(settings: WatchSettings, printer: Printer): Promise<number> {
  return new Watch(settings, printer).run();
}

class Watch {
  readonly #settings: WatchSettings;
  readonly #printer: Printer;
  readonly #story = new Story(systemClock);
  readonly #link: Link;
  readonly #over = new AbortController();
  #nextTryAt: Millis = 0;
  #dialing = "";

  /** Throws an `OptionError` for endpoints that nobody can dial. */
  constructor(settings: WatchSettings, printer: Printer) {
    this.#settings = settings;
    this.#printer = printer;
    this.#link = this.#connect();
    this.#listen();
  }

  async run(): Promise<number> {
    const { runFor, interactive } = this.#settings;
    const end = (): void => { void this.#link.close(); };
    const give = onInterrupt(end);
    onReaderGone(() => { this.#link.abort(); });
    const deadline = systemClock.alarm(systemClock.now() + runFor, end);
    const stop = repeat(systemClock, glance, () => { this.#glance(); });
    if (interactive || !process.stdin.isTTY) void this.#sendInput(); // Handles its errors.
    const { cause } = await this.#link.closed;
    await this.#link.close(); // The goodbyes.
    deadline.cancel();
    stop();
    give();
    this.#over.abort();
    this.#printer.print(this.#story.summary());
    return cause === "requested" ? 0 : 1;
  }

  #connect(): Link {
    const { endpoints, speech, heartbeat, maxAttempts } = this.#settings;
    const options: ConnectOptions = { maxAttempts, ...(heartbeat === undefined ? {} : { heartbeat }), logger: (record) => { this.#heed(record); } };
    const link = speech.protocol === undefined ? connect(endpoints, options) : connect(endpoints, { ...options, protocol: speech.protocol });
    return link as Link; // We send what the speech encodes, whatever that is.
  }

  #listen(): void {
    const link = this.#link;
    const story = this.#story;
    const tell = (entry: Entry): void => { this.#tell(entry); };
    link.on("connecting", (event) => {
      this.#dialing = event.endpoint;
      this.#nextTryAt = 0;
      tell(story.connecting(event));
    });
    link.on("failed", (event) => { tell(story.failed(event)); });
    link.on("connected", (event) => {
      tell(story.connected(event, link.detectionBound()));
      this.#greet();
    });
    link.on("migrated", (event) => {
      tell(story.migrated(event));
      this.#greet();
    });
    link.on("missed", (event) => { tell(story.missed(event)); });
    link.on("suspected", (event) => { tell(story.suspected(event)); });
    link.on("draining", (event) => { tell(story.draining(event)); });
    link.on("disconnected", (event) => { tell(story.disconnected(event)); });
    link.on("waiting", (event) => {
      this.#nextTryAt = systemClock.now() + event.delay;
      tell(story.waiting(event));
    });
    link.on("message", (message) => {
      tell(story.message(message));
      if (story.received >= this.#settings.messages) void link.close();
    });
    link.on("dropped", ({ message, why, error }) => { if (why !== "forgotten") tell(story.unsent(message, error === undefined ? why : reasonOf(error))); });
    link.on("closed", (event) => { tell(story.closed(event)); });
  }

  #tell(entry: Entry): void {
    this.#printer.print(entry);
    this.#showStatus();
  }

  /** Of what the link logs we hear as events, but for warnings that no event carries. */
  #heed({ event, message }: LogRecord): void {
    if (event === "unwatched") this.#tell({ event: "warning", tone: "warning", text: "nobody can ping here, so a peer that falls silent goes unnoticed: use --protocol json with --ping and --pong, --protocol framed, or --heartbeat off", data: { warning: event, message } });
  }

  /** A fresh connection knows nothing of what an earlier one was told. */
  #greet(): void {
    for (const message of this.#settings.greetings) {
      try {
        this.#link.send(message);
        this.#tell(this.#story.sent(message));
      } catch (error) {
        this.#tell(this.#story.unsent(message, reasonOf(error)));
      }
    }
  }

  async #sendInput(): Promise<void> {
    try {
      for await (const line of inputLines(process.stdin, this.#over.signal)) await this.#sendLine(line);
    } catch (error) {
      this.#tell(this.#story.inputLost(reasonOf(error)));
    }
  }

  async #sendLine(line: string): Promise<void> {
    const { signal } = this.#over;
    try {
      const message = this.#settings.speech.encode(line);
      const waits = this.#link.phase !== "connected";
      await this.#link.write(message, { signal });
      this.#tell(this.#story.sent(message, { waits }));
    } catch (error) {
      if (!signal.aborted) this.#tell(this.#story.unsent(line, reasonOf(error)));
    }
  }

  #glance(): void {
    const rtt = this.#link.rtt;
    if (rtt !== undefined && rtt !== this.#story.rtt) this.#tell(this.#story.alive(rtt));
    else this.#showStatus();
  }

  #showStatus(): void {
    this.#printer.status(this.#statusText());
  }

  #statusText(): string {
    switch (this.#link.phase) {
      case "connected": return this.#story.connectedStatus();
      case "closed": return "";
      default: {
        const wait = this.#nextTryAt - systemClock.now();
        return wait > 0 ? `○ next try in ${duration(100 * Math.ceil(wait / 100))}` : `○ dialing ${this.#dialing}`;
      }
    }
  }
}
