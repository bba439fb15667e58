import { isHoldfastError, parseEndpoint, type Conversation, type Framer, type HoldfastError, type Line, type Random, type Role, type Terms } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { connectionLoss } from "../../src/errors/zookeeper-error.ts";
import { SessionError } from "../../src/errors/session-error.ts";
import type { Host, Notification } from "../../src/protocol/conversation.ts";
import { helloPacket, type Welcome } from "../../src/protocol/greeting.ts";
import { authPacket } from "../../src/protocol/packets.ts";
import { Request, type InFlight } from "../../src/protocol/request.ts";
import { ZooKeeperProtocol } from "../../src/protocol/zookeeper-protocol.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { Root } from "../../src/records/root.ts";
import { WatchRegistry } from "../../src/watches/registry.ts";

const clock = new SimClock();
const role: Role = { side: "dialer", duty: "active", epoch: 1, remote: parseEndpoint("tcp://127.0.0.1:2181"), clock, random: () => 0.5 };
const listener = (): void => { /* Somebody listens. */ };

/**
 * The client's side of one channel, put together as in a session: framing, conversation, watches, requests. Does with errors what a
 * channel and a link do: one of ours ends the channel, any other is a bug and is thrown on.
 */
export class Peer implements Host, Line<never> {
  readonly maxPacketBytes = 1_024;
  readonly requests: Request[] = [];
  readonly #registry = new WatchRegistry(new Root("/app"), (tell, event) => { tell(event); });
  readonly #conversation: Conversation<Request>;
  readonly #framer: Framer;
  #over = false;

  constructor(random: Random) {
    const protocol = new ZooKeeperProtocol(this, this.maxPacketBytes);
    this.#framer = protocol.framing.start(this.maxPacketBytes);
    if (random() < 0.5) {
      this.#registry.expect("data", "/app/a", listener);
      this.#registry.follow("persistent", "/app/b", listener);
      this.#registry.follow("recursive", "/app", listener);
    }
    this.#conversation = protocol.start(this, role);
  }

  get over(): boolean {
    return this.#over;
  }

  ask(operation: Operation<unknown>): void {
    if (this.#over) return;
    const request = new Request(operation);
    request.promise.catch(() => { /* Whatever it is: it is settled. */ });
    this.requests.push(request);
    this.#conversation.send?.(request);
  }

  ping(nonce: number): void {
    if (!this.#over) this.#conversation.ping?.(nonce);
  }

  /** Bytes as they come from a socket. */
  chunk(bytes: Uint8Array): void {
    this.#guarded(() => { this.#framer.push(new Uint8Array(bytes), (frame) => { if (!this.#over) this.#conversation.frame(frame); }); });
  }

  /** A run of packets that no framing has looked at. */
  frame(packets: Uint8Array): void {
    this.#guarded(() => { this.#conversation.frame(new Uint8Array(packets)); });
  }

  end(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#conversation.closed?.(error);
  }

  #guarded(run: () => void): void {
    if (this.#over) return;
    try {
      run();
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      this.end(error);
    }
  }

  // --- the session ---

  hello(): Buffer {
    return helloPacket({ lastZxid: 7n, timeout: 6_000, sessionId: 5n, password: new Uint8Array(16), readOnly: false });
  }

  welcomed({ timeout }: Welcome): { readonly opening: readonly Buffer[]; readonly terms: Terms } {
    if (timeout <= 0) throw new SessionError("ZK_SESSION_EXPIRED", "the session has expired");
    return { opening: [authPacket({ scheme: "digest", auth: Buffer.from("a:b") }), ...this.#registry.restore(7n)], terms: {} };
  }

  notified(event: Notification): void { this.#registry.notified(event); }
  proven(): void { /* Nothing to keep. */ }
  seen(): void { /* Nothing to keep. */ }
  watchesSet(): void { this.#registry.restored(); }
  authorized(): void { /* Nothing to keep. */ }
  unauthorized(): HoldfastError { return new SessionError("ZK_AUTH_FAILED", "refused"); }
  asking(): void { /* Nothing to keep. */ }
  parted(lost: InFlight, error: Error | undefined): void {
    for (let request = lost.take(); request !== undefined; request = lost.take()) if (!request.settled) request.reject(connectionLoss(request.operation, "unknown", error));
  }

  // --- the link ---

  send(): boolean { return true; }
  greeted(): void { /* Nothing to keep. */ }
  message(): void { throw new Error("the conversation has no messages of its own"); }
  pong(): void { /* Nothing to keep. */ }
  confirmed(): void { throw new Error("the conversation confirms nothing"); }
  drained(): void { throw new Error("the conversation has no drained of its own"); }
  leave(): void { throw new Error("no server sends us away"); }
  done(): void { throw new Error("no server says goodbye"); }
  fail(error: HoldfastError): void { this.end(error); }
}
