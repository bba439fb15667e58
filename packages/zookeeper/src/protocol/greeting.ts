import { packet } from "../jute/sink.ts";
import type { Source } from "../jute/source.ts";

/** What a client asks for when it connects (record `ConnectRequest`). */
export interface Hello {
  /** The newest transaction that the client has seen: a server that is older refuses it. */
  readonly lastZxid: bigint;
  /** In ms. The servers may decide otherwise. */
  readonly timeout: number;
  /** 0n: a new one, please. */
  readonly sessionId: bigint;
  readonly password: Uint8Array;
  /** A server without a quorum will do. */
  readonly readOnly: boolean;
}

/** What the server grants (record `ConnectResponse`). */
export interface Welcome {
  /** In ms. Not above 0: the session has expired. */
  readonly timeout: number;
  readonly sessionId: bigint;
  readonly password: Uint8Array;
  readonly readOnly: boolean;
}

/** The first packet each way has no header. */
export function helloPacket({ lastZxid, timeout, sessionId, password, readOnly }: Hello): Buffer {
  return packet({
    write: (sink) => {
      sink.int(0); // The version of the protocol; there is no other.
      sink.long(lastZxid);
      sink.int(timeout);
      sink.long(sessionId);
      sink.bytes(password);
      sink.bool(readOnly);
    },
  });
}

/** Throws a `JuteError` for anything else. */
export function readWelcome(source: Source): Welcome {
  source.int(); // The version of the protocol.
  const timeout = source.int();
  const sessionId = source.long();
  const password = source.bytes().slice();
  return { timeout, sessionId, password, readOnly: source.left > 0 && source.bool() }; // Servers before 3.4 do not say.
}
