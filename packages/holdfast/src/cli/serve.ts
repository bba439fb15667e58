import { OptionError, parseEndpoint, systemClock, type Millis, type Protocol, type Transport } from "@holdfast/core";
import { Server, type Peer, type ServerOptions } from "@holdfast/server";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { plain } from "../connect/plain.ts";
import { reasonOf, type Entry } from "./entry.ts";
import { GuestBook } from "./guest-book.ts";
import type { Printer } from "./printer.ts";
import type { ServeSettings } from "./serve-options.ts";
import { messageText } from "./speech.ts";
import { onInterrupt, onReaderGone, type Interrupt } from "./terminal.ts";

/** Serves and prints what happens, until somebody or something ends it. Resolves with the exit code; rejects when it cannot listen. */
export async function serve(settings: ServeSettings, printer: Printer): Promise<number> {
  return new Serve(settings, printer).run();
}

class Serve {
  readonly #settings: ServeSettings;
  readonly #printer: Printer;
  readonly #book = new GuestBook(systemClock);
  readonly #transports: readonly Transport[] = [tcp(), websocket()];
  readonly #protocol: Protocol<unknown, unknown>;
  readonly #server: Server;

  constructor(settings: ServeSettings, printer: Printer) {
    this.#settings = settings;
    this.#printer = printer;
    this.#protocol = settings.speech.protocol ?? (plain(this.#transports) as Protocol<unknown, unknown>); // It is given back what it gave.
    this.#server = this.#make();
  }

  async run(): Promise<number> {
    const { uris, runFor } = this.#settings;
    const places = uris.map((uri) => ({ uri, transport: this.#transportFor(uri) }));
    const server = this.#server;
    const ended = new Promise<void>((resolve) => { server.once("closed", resolve); });
    const give = onInterrupt((signal) => { void this.#end(signal); });
    onReaderGone(() => { void server.close({ within: 0 }); });
    const deadline = systemClock.alarm(systemClock.now() + runFor, () => { void server.close(); });
    try {
      await this.#listen(places);
      await ended;
      this.#tell(this.#book.summary());
    } finally {
      deadline.cancel();
      give();
      await server.close({ within: 0 });
    }
    return 0;
  }

  async #listen(places: readonly { readonly uri: string; readonly transport: Transport }[]): Promise<void> {
    try {
      for (const { uri, transport } of places) await this.#server.listen(transport, uri);
    } catch (error) {
      if (this.#server.phase === "open") throw error; // Otherwise we were asked to end before we had begun.
    }
  }

  #make(): Server {
    const { heartbeat = { optional: true }, identify } = this.#settings;
    const options: ServerOptions<unknown, unknown> = {
      protocol: this.#protocol, heartbeat, duplicate: heartbeat === false ? "replace" : "replaceDead",
      ...(identify && { identify: (message: unknown) => ({ id: messageText(message).slice(0, 256), deliver: false }) }),
    };
    const server = new Server(options);
    const book = this.#book;
    server.on("listening", (event) => {
      const { traits } = this.#transportFor(event.endpoint.uri);
      this.#tell(book.listening(event, { watched: heartbeat !== false && (this.#protocol.pings || traits.pings) }));
    });
    server.on("peer", ({ peer }) => {
      this.#tell(book.arrived(peer));
      peer.on("missed", (event) => { this.#tell(book.missed(peer, event)); });
      peer.on("dropped", ({ message, why, error }) => { this.#tell(book.unsent(peer, message, error === undefined ? why : reasonOf(error))); });
      void this.#converse(peer); // Handles its errors.
    });
    server.on("peerReturned", (event) => { this.#tell(book.returned(event)); });
    server.on("peerGone", (event) => { this.#tell(book.gone(event)); });
    server.on("refused", (event) => { this.#tell(book.refused(event)); });
    return server;
  }

  /** Whoever reads slowly is read slowly: the next message is taken when the last one has found room. */
  async #converse(peer: Peer): Promise<void> {
    for await (const message of peer) {
      this.#tell(this.#book.message(peer, message));
      if (this.#settings.broadcast) this.#server.broadcast(message, { except: peer });
      else await this.#answer(peer, message);
    }
  }

  async #answer(peer: Peer, message: unknown): Promise<void> {
    try {
      await peer.write(message);
    } catch (error) {
      this.#tell(this.#book.unsent(peer, message, reasonOf(error)));
    }
  }

  async #end(signal: Interrupt): Promise<void> {
    const within: Millis = this.#settings.drainWithin;
    if (signal === "SIGTERM") {
      this.#tell(this.#book.draining(within));
      await this.#server.drain({ within });
    }
    await this.#server.close();
  }

  #transportFor(uri: string): Transport {
    const { scheme, label } = parseEndpoint(uri, "the address to listen on");
    const found = this.#transports.find(({ schemes }) => schemes.includes(scheme));
    if (found) return found;
    throw new OptionError("the address to listen on", `of one of the schemes ${this.#transports.flatMap(({ schemes }) => schemes).join(", ")}`, label);
  }

  #tell(entry: Entry): void {
    this.#printer.print(entry);
    this.#printer.status(this.#book.status());
  }
}
