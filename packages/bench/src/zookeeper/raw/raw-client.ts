// The floor: what ZooKeeper's protocol costs in Node with nothing round it. One server, one connection, no reconnect, one write for
// each turn of the loop; it looks at no more of an answer than it must.
import { connect, type Socket } from "node:net";
import { Writer } from "./writer.ts";

export interface RawOptions {
  readonly port: number;
  readonly timeout: number;
  readonly session?: { readonly id: bigint; readonly password: Buffer };
}

/** `error` is ZooKeeper's number, 0 for success; `body` what followed the header of the answer. */
export type Answered = (error: number, body: Buffer) => void;

const none = Buffer.alloc(0);
const connectionLoss = -4;

export class RawClient {
  readonly #socket: Socket;
  readonly #writer = new Writer();
  readonly #asked: Answered[] = [];
  readonly #ping: NodeJS.Timeout;
  #first = 0;
  #rest: Buffer = none;
  #xid = 0;
  #flushing = false;
  #phase: "greeting" | "open" | "closed" = "greeting";
  readonly #opened = Promise.withResolvers<void>();
  id = 0n;
  password: Buffer = none;
  /** Assign to hear of it. */
  onEvent: (() => void) | undefined;
  onClosed: (() => void) | undefined;

  constructor({ port, timeout, session }: RawOptions) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk) => { this.#receive(chunk); });
    this.#socket.on("error", () => { /* `close` follows. */ });
    this.#socket.on("close", () => { this.#end(); });
    this.#socket.on("connect", () => { this.#greet(timeout, session); });
    this.#ping = setInterval(() => { this.#send(-2, 11, 0, () => { /* No body. */ }); }, timeout / 3);
    this.#opened.promise.catch(() => { /* Nobody has to ask. */ });
  }

  /** Rejects when the server refuses, or hangs up. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get(path: string, answered: Answered, watch = false): void {
    this.#request(4, path.length + 5, answered, (writer) => {
      writer.text(path);
      writer.byte(watch ? 1 : 0);
    });
  }

  exists(path: string, answered: Answered): void {
    this.#request(3, path.length + 5, answered, (writer) => {
      writer.text(path);
      writer.byte(0);
    });
  }

  set(path: string, data: Buffer, answered: Answered): void {
    this.#request(5, path.length + data.length + 12, answered, (writer) => {
      writer.text(path);
      writer.bytes(data);
      writer.int(-1);
    });
  }

  /** For everybody; `flags` 1 is ephemeral. */
  create(path: string, data: Buffer, flags: number, answered: Answered): void {
    this.#request(1, path.length + data.length + 64, answered, (writer) => {
      writer.text(path);
      writer.bytes(data);
      writer.int(1);
      writer.int(31);
      writer.text("world");
      writer.text("anyone");
      writer.int(flags);
    });
  }

  /** Ends the session, too. */
  close(): void {
    this.#request(-11, 0, () => { this.abort(); }, () => { /* No body. */ });
  }

  abort(): void {
    this.#socket.destroy();
    this.#end();
  }

  #request(type: number, room: number, answered: Answered, body: (writer: Writer) => void): void {
    if (this.#phase === "closed") {
      answered(connectionLoss, none);
      return;
    }
    this.#asked.push(answered);
    this.#xid = (this.#xid + 1) & 0x7fffffff;
    this.#send(this.#xid, type, room, body);
  }

  #send(xid: number, type: number, room: number, body: (writer: Writer) => void): void {
    const begin = this.#writer.open(room + 8);
    this.#writer.int(xid);
    this.#writer.int(type);
    body(this.#writer);
    this.#writer.close(begin);
    if (this.#flushing || this.#phase !== "open") return;
    this.#flushing = true;
    process.nextTick(() => { this.#flush(); });
  }

  #flush(): void {
    this.#flushing = false;
    if (!this.#writer.empty) this.#socket.write(this.#writer.take());
  }

  #greet(timeout: number, session: RawOptions["session"]): void {
    const writer = new Writer();
    const begin = writer.open(64);
    writer.int(0);
    writer.long(0n);
    writer.int(timeout);
    writer.long(session?.id ?? 0n);
    writer.bytes(session?.password ?? Buffer.alloc(16));
    writer.byte(0);
    writer.close(begin);
    this.#socket.write(writer.take());
  }

  #receive(chunk: Buffer): void {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (all.length - at >= 4) {
      const end = at + 4 + all.readInt32BE(at);
      if (end > all.length) break;
      this.#packet(all, at + 4, end);
      at = end;
    }
    this.#rest = at === all.length ? none : all.subarray(at);
  }

  #packet(all: Buffer, at: number, end: number): void {
    if (this.#phase === "greeting") {
      this.#greeted(all, at);
      return;
    }
    const xid = all.readInt32BE(at);
    if (xid === -1) this.onEvent?.();
    if (xid < 0) return;
    const answered = this.#asked[this.#first];
    this.#first += 1;
    // Moving a queue costs; so it is moved seldom.
    if (this.#first > 1_024) {
      this.#asked.splice(0, this.#first);
      this.#first = 0;
    }
    answered?.(all.readInt32BE(at + 12), all.subarray(at + 16, end));
  }

  #greeted(all: Buffer, at: number): void {
    if (all.readInt32BE(at + 4) <= 0) {
      this.#opened.reject(new Error("the server says that the session has expired"));
      this.abort();
      return;
    }
    this.id = all.readBigInt64BE(at + 8);
    this.password = Buffer.from(all.subarray(at + 20, at + 36));
    this.#phase = "open";
    this.#opened.resolve();
    this.#flush();
  }

  #end(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    clearInterval(this.#ping);
    this.#opened.reject(new Error("the server hung up"));
    for (const answered of this.#asked.splice(this.#first)) answered(connectionLoss, none);
    this.onClosed?.();
  }
}
