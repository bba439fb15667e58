import { parseEndpoint, type Frame, type HoldfastError, type Line, type Role, type Terms } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { ZooKeeperConversation, type Host, type Notification } from "../../src/protocol/conversation.ts";
import { helloPacket, type Welcome } from "../../src/protocol/greeting.ts";
import { InFlight, Request } from "../../src/protocol/request.ts";
import { connectionLoss, type ZooKeeperError } from "../../src/errors/zookeeper-error.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { framed, welcome } from "../wire.ts";

/** One conversation between a link and a session that write down what they are told. */
export class Rig implements Host, Line<never> {
  readonly clock: SimClock = new SimClock();
  readonly sent: Buffer[] = [];
  /** In order: what the session and the link were told. */
  readonly told: (readonly [what: string, ...details: unknown[]])[] = [];
  readonly maxPacketBytes: number = 1_048_575;
  opening: readonly Buffer[] = [];
  /** Why `welcomed` will not have it. */
  refusal: Error | undefined;
  room = true;
  /** What the link does when it is told: it sends what waits. */
  whenGreeted: () => void = () => {};
  readonly conversation: ZooKeeperConversation;

  constructor({ maxPacketBytes }: { readonly maxPacketBytes?: number } = {}) {
    if (maxPacketBytes !== undefined) this.maxPacketBytes = maxPacketBytes;
    const role: Role = { side: "dialer", duty: "active", epoch: 1, remote: parseEndpoint("tcp://127.0.0.1:2181"), clock: this.clock, random: () => 0.5 };
    this.conversation = new ZooKeeperConversation(this, role, this);
  }

  /** One that has been greeted, and has forgotten what was told so far. */
  static greeted(options?: { readonly maxPacketBytes?: number }): Rig {
    const rig = new Rig(options);
    rig.receive(welcome());
    rig.told.length = rig.sent.length = 0;
    return rig;
  }

  /** Channels give plain arrays of bytes: as many packets as arrived together. */
  receive(...packets: readonly Buffer[]): void {
    this.conversation.frame(new Uint8Array(Buffer.concat(packets.map((packet) => framed(packet)))));
  }

  ask<T>(operation: Operation<T>, answered?: (value: T) => void): Request<T> {
    const request = this.request(operation, answered);
    this.conversation.send(request as Request);
    return request;
  }

  /** One that is still to be sent. */
  request<T>(operation: Operation<T>, answered?: (value: T) => void): Request<T> {
    const request = new Request(operation, answered);
    request.promise.catch(() => { /* Looked at where it matters. */ });
    return request;
  }

  get failure(): (HoldfastError & Partial<ZooKeeperError>) | undefined {
    return this.told.find(([what]) => what === "failed")?.[1] as HoldfastError | undefined;
  }

  names(): readonly string[] {
    return this.told.map(([what]) => what);
  }

  // --- the session ---

  hello(): Buffer {
    return helloPacket({ lastZxid: 0n, timeout: 6_000, sessionId: 0n, password: new Uint8Array(16), readOnly: false });
  }

  welcomed(answer: Welcome): { readonly opening: readonly Buffer[]; readonly terms: Terms } {
    this.told.push(["welcomed", answer]);
    if (this.refusal !== undefined) throw this.refusal;
    return { opening: this.opening, terms: { hearWithin: 1_500 } };
  }

  notified(event: Notification): void { this.told.push(["notified", event]); }
  proven(sentAt: number): void { this.told.push(["proven", sentAt]); }
  seen(zxid: bigint): void { this.told.push(["seen", zxid]); }
  watchesSet(): void { this.told.push(["watchesSet"]); }
  authorized(): void { this.told.push(["authorized"]); }
  unauthorized(): HoldfastError { return Object.assign(new Error("refused"), { code: "ZK_AUTH_FAILED" }) as unknown as HoldfastError; } // Only handed on.
  asking(): void { this.told.push(["asking"]); }
  parted(lost: InFlight, error: Error | undefined): void {
    this.told.push(["parted", error]);
    for (let request = lost.take(); request !== undefined; request = lost.take()) request.reject(connectionLoss(request.operation, "unknown", error));
  }

  // --- the link ---

  send(frame: Frame): boolean { this.sent.push(Buffer.from(frame as Uint8Array)); return this.room; }
  greeted(terms?: Terms): void { this.told.push(["greeted", terms]); this.whenGreeted(); }
  message(): void { this.told.push(["message"]); }
  pong(nonce?: number): void { this.told.push(["pong", nonce]); }
  confirmed(): void { this.told.push(["confirmed"]); }
  drained(): void { this.told.push(["drained"]); }
  leave(): void { this.told.push(["leave"]); }
  done(): void { this.told.push(["done"]); }
  fail(error: HoldfastError): void { this.told.push(["failed", error]); }
}

/** What became of a request: its value, its error, or neither yet. */
export async function fate(request: Request<unknown>): Promise<{ readonly value: unknown } | { readonly error: unknown } | "open"> {
  return Promise.race([request.promise.then((value) => ({ value }), (error: unknown) => ({ error })), Promise.resolve("open" as const).then(async (open) => { await Promise.resolve(); await Promise.resolve(); return open; })]);
}
