import type { Conversation, Framing, Line, Protocol, Role } from "@holdfast/core";
import { packetSize } from "../jute/sink.ts";
import { ZooKeeperConversation, type Host } from "./conversation.ts";
import { zookeeperFraming } from "./framing.ts";
import type { Request } from "./request.ts";

/** ZooKeeper's protocol for one session: each of its channels begins where the one before ended. */
export class ZooKeeperProtocol implements Protocol<Request, never> {
  readonly framing: Framing;
  readonly pings = true;
  /** Greeting a server is taking the session there. */
  readonly standby = "dialled";
  readonly size: (request: Request) => number = packetSize;
  readonly #host: Host;
  /** The one on the present channel. */
  conversation: ZooKeeperConversation | undefined;

  constructor(host: Host, maxPacketBytes: number) {
    this.#host = host;
    this.framing = zookeeperFraming(maxPacketBytes);
  }

  start(line: Line<never>, role: Role): Conversation<Request> {
    return (this.conversation = new ZooKeeperConversation(line, role, this.#host));
  }
}
