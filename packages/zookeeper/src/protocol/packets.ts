import { packet, type Writable } from "../jute/sink.ts";
import { opcodes } from "../operations/operation.ts";

/** Numbers of packets that answer no request of a user (`ClientCnxn`). */
export const xids = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** Bytes of a reply's header: xid, zxid, err. */
export const replyHeaderBytes = 16;

/** A request of the client's own, with its header (record `RequestHeader`) in front. */
export function requestPacket(xid: number, type: number, body?: Writable): Buffer {
  return packet({
    write: (sink) => {
      sink.int(xid);
      sink.int(type);
      body?.write(sink);
    },
  });
}

export const pingPacket: Buffer = requestPacket(xids.ping, opcodes.ping);

/** What somebody proves to be somebody with, such as `user:password` for `digest`. A secret. */
export interface Credentials { readonly scheme: string; readonly auth: Uint8Array }

export function authPacket({ scheme, auth }: Credentials): Buffer {
  return requestPacket(xids.auth, opcodes.auth, { write: (sink) => { sink.int(0); sink.text(scheme); sink.bytes(auth); } });
}
