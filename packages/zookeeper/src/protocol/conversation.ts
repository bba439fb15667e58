import { FrameError, type Conversation, type Frame, type HoldfastError, type Line, type Millis, type Role, type Terms } from "@holdfast/core";
import { refusal, ZooKeeperError, about } from "../errors/zookeeper-error.ts";
import { packet } from "../jute/sink.ts";
import { JuteError, Source } from "../jute/source.ts";
import { opcodes } from "../operations/operation.ts";
import { tooLong } from "./framing.ts";
import { readWelcome, type Welcome } from "./greeting.ts";
import { pingPacket, replyHeaderBytes, requestPacket, xids } from "./packets.ts";
import { large, packetBatch, type Batcher } from "./packet-batch.ts";
import { InFlight, type Request } from "./request.ts";

/** A watch that fired, as it stands on the wire (record `WatcherEvent`). */
export interface Notification { readonly type: number; readonly path: string; /** 0n where the server does not say. */ readonly zxid: bigint }

/** What the session is asked and told by the conversation on its present channel. */
export interface Host {
  /** Longest request in bytes that the servers take. */
  readonly maxPacketBytes: number;
  /** What is to be said first. */
  hello(): Buffer;
  /** The server's answer. Gives what follows at once (credentials, then watches) and the terms of the heartbeat, or throws why it will not do. */
  welcomed(welcome: Welcome): { readonly opening: readonly Buffer[]; readonly terms: Terms };
  notified(event: Notification): void;
  /** What we sent at that moment has been answered. */
  proven(sentAt: Millis): void;
  /** The newest transaction that the server has told us of. */
  seen(zxid: bigint): void;
  /** All watches that we brought along are set. */
  watchesSet(): void;
  /** The server agrees with the next of the credentials, in the order in which they were sent. */
  authorized(): void;
  /** The credentials were refused. Gives the error to end with. */
  unauthorized(): HoldfastError;
  /** Requests are in flight again after there were none. */
  asking(): void;
  /** This channel is gone. */
  parted(lost: InFlight, error: Error | undefined): void;
}

/** With so many requests in flight the next ones are joined. With fewer, somebody may be waiting for just this one. */
const busy = 16;

/** One channel's worth of ZooKeeper's protocol, the client's side. */
export class ZooKeeperConversation implements Conversation<Request>, Batcher {
  readonly #line: Line<never>;
  readonly #role: Role;
  readonly #host: Host;
  readonly #inFlight = new InFlight();
  readonly #pings: { readonly nonce: number; readonly sentAt: Millis }[] = [];
  #greeted = false;
  /** The channel is gone. */
  #over = false;
  #xid = 0;
  /** When the first of the requests that are being joined was made. */
  #joinedAt: Millis | undefined;
  /** The channel has asked us to wait. */
  #full = false;
  /** Packets of watches that the server has not answered yet. */
  #watchPackets = 0;

  constructor(line: Line<never>, role: Role, host: Host) {
    this.#line = line;
    this.#role = role;
    this.#host = host;
    line.send(host.hello());
  }

  /** The request that waits longest for its answer. */
  get oldest(): Request | undefined {
    return this.#inFlight.oldest;
  }

  /** A run of whole packets, as our framing gives them. */
  frame(frame: Frame): void {
    const packets = Source.packets(frame as Uint8Array);
    try {
      while (!this.#over && packets.next()) this.#packet(packets);
    } catch (error) {
      if (!(error instanceof JuteError)) throw error; // It ends the channel.
      this.#line.fail(strange(error));
    }
  }

  /** A request whose caller has given up meanwhile is not sent at all. Throws nothing: one that cannot be written is rejected. */
  send(request: Request): boolean {
    if (request.settled) return true;
    request.xid = this.#xid = this.#xid === 0x7fff_ffff ? 1 : this.#xid + 1;
    const most = this.#host.maxPacketBytes;
    const size = packetBatch.add(this, request, most + 4);
    if (size - 4 > most) {
      request.reject(requestTooLong(request, size - 4, most));
      return true;
    }
    if (this.#inFlight.oldest === undefined) this.#host.asking();
    this.#inFlight.add(request);
    // What is joined was sent a moment later than it says: whoever reckons from that moment is on the safe side.
    request.sentAt = this.#joinedAt ??= this.#role.clock.now();
    if (size > large) return this.say(packet(request, size));
    if (this.#inFlight.size > busy) packetBatch.flushSoon();
    else packetBatch.flush(this);
    return !this.#full;
  }

  /** Packets leave in the order in which they were said. */
  say(frame: Buffer): boolean {
    packetBatch.flush(this);
    this.#joinedAt = undefined;
    return this.#line.send(frame);
  }

  sendBatch(packets: Buffer): void {
    this.#joinedAt = undefined;
    if (!this.#line.send(packets)) this.#full = true;
  }

  drained(): void {
    this.#full = false;
    this.#line.drained();
  }

  ping(nonce: number): void {
    this.#pings.push({ nonce, sentAt: this.#role.clock.now() });
    this.say(pingPacket);
  }

  /** Ends the session on the server: its ephemeral nodes go at once. */
  close(): void {
    this.say(requestPacket(this.#xid + 1, opcodes.closeSession));
  }

  closed(error?: Error): void {
    this.#over = true;
    this.#host.parted(this.#inFlight, error);
  }

  #packet(source: Source): void {
    if (!this.#greeted) return this.#greet(source);
    const xid = source.int();
    const zxid = source.long();
    const zkCode = source.int();
    if (xid === xids.notification) return this.#notified(source, zxid);
    if (zxid > 0n) this.#host.seen(zxid);
    switch (xid) {
      case xids.ping: return this.#pong();
      case xids.auth: return zkCode === 0 ? this.#host.authorized() : this.#line.fail(this.#host.unauthorized());
      case xids.setWatches: return this.#watched(zkCode);
      default: this.#answer(xid, zkCode, source);
    }
  }

  #greet(source: Source): void {
    if (source.left === replyHeaderBytes) return this.#line.fail(notGreeted(source)); // Shorter than any greeting.
    const welcome = readWelcome(source);
    this.#greeted = true;
    const { opening, terms } = this.#host.welcomed(welcome); // What it throws ends the channel.
    for (const frame of opening) {
      if (frame.readInt32BE(4) === xids.setWatches) this.#watchPackets += 1;
      this.#line.send(frame);
    }
    if (this.#watchPackets === 0) this.#host.watchesSet();
    this.#line.greeted(terms);
  }

  #notified(source: Source, zxid: bigint): void {
    const type = source.int();
    source.int(); // The state is always the same: connected.
    this.#host.notified({ type, path: source.text(), zxid: zxid > 0n ? zxid : 0n });
  }

  #pong(): void {
    const ping = this.#pings.shift();
    if (ping === undefined) return;
    this.#host.proven(ping.sentAt);
    this.#line.pong(ping.nonce);
  }

  #watched(zkCode: number): void {
    if (zkCode !== 0) return this.#line.fail(refusal(zkCode, { name: "setWatches", path: "" }));
    this.#watchPackets -= 1;
    if (this.#watchPackets === 0) this.#host.watchesSet();
  }

  #answer(xid: number, zkCode: number, source: Source): void {
    const request = this.#inFlight.oldest;
    if (request?.xid !== xid) return this.#line.fail(new FrameError("HF_BAD_FRAME", "remote", "the server answers a request that it was not asked, or out of order"));
    this.#inFlight.take();
    this.#host.proven(request.sentAt);
    const { operation } = request;
    if (zkCode === 0) return settle(request, source);
    if (zkCode === -101 && operation.absent !== undefined) return request.resolve(operation.absent());
    request.reject(zkCode === tooLong ? replyTooLong(request) : refusal(zkCode, operation));
  }
}

function settle(request: Request, source: Source): void {
  let value: unknown;
  try {
    value = request.operation.read(source);
  } catch (cause) {
    if (cause instanceof ZooKeeperError) return request.reject(cause); // A multi carries its refusal in the answer.
    const { name, path } = request.operation;
    return request.reject(new ZooKeeperError("ZK_BAD_REPLY", `${about(name, path)}: the answer of the server cannot be read; it may have been done`, { cause, operation: name, path, outcome: "unknown" }));
  }
  request.resolve(value);
}

/** The server would hang up on us, and on the next try again. */
function requestTooLong({ operation: { name, path } }: Request, bytes: number, most: number): ZooKeeperError {
  return new ZooKeeperError("ZK_REQUEST_TOO_LONG", `${about(name, path)}: the request has ${bytes} bytes, and maxPacketBytes is ${most}; it was not sent. Store less in one node, or raise it here and jute.maxbuffer on the servers`, { operation: name, path, outcome: "unsent" });
}

function replyTooLong({ operation: { name, path } }: Request): ZooKeeperError {
  return new ZooKeeperError("ZK_REPLY_TOO_LONG", `${about(name, path)}: the answer is longer than maxPacketBytes and was dropped: raise it, or ask for less at once`, { operation: name, path, outcome: "unknown" });
}

/** A server that is read-only refuses a new session as it refuses a write: by the header of a reply, where a greeting is due. */
function notGreeted(source: Source): HoldfastError {
  source.int();
  source.long();
  if (source.int() !== notReadOnly) return strange(new JuteError("a reply where a greeting is due"));
  return new ZooKeeperError("ZK_NOT_READ_ONLY", "the server is read-only for want of a quorum and gives no new sessions: it would with localSessionsEnabled=true in its settings", { zkCode: notReadOnly, operation: "connect", outcome: "failed", next: "elsewhere" });
}

const notReadOnly = -119;

function strange(cause: JuteError): FrameError {
  return new FrameError("HF_BAD_FRAME", "remote", `the peer does not speak ZooKeeper's protocol (${cause.message})`, { cause, next: "elsewhere" });
}
