import type { Sink } from "../jute/sink.ts";
import { opcodes } from "../operations/operation.ts";
import { requestPacket, xids } from "../protocol/packets.ts";

/** The paths that are watched, as the server sees them. */
export type Standing = Readonly<Record<"data" | "exist" | "child" | "persistent" | "recursive", readonly string[]>>;

/** Bytes of one packet: far below any server's limit. ZooKeeper's own client counts characters, so that its packets may be thrice as long (ZOOKEEPER-706). */
const batch = 128 * 1024;
/** Of which these are no paths: the packet's length, the header, the zxid, and the lengths of five lists. */
const frame = 4 + 8 + 8 + 5 * 4;

/**
 * Packets that set watches again (`SetWatches2`, or `SetWatches` where nothing is persistent, which older servers understand). The
 * server compares each one-shot watch with its state and fires at once where something happened after `lastZxid`.
 */
export function restorePackets(lastZxid: bigint, standing: Standing): readonly Buffer[] {
  const packets: Buffer[] = [];
  let part = empty();
  let size = frame;
  const cut = (): void => {
    if (size > frame) packets.push(packetOf(lastZxid, part));
    part = empty();
    size = frame;
  };
  for (const kind of order) {
    for (const path of standing[kind]) {
      const bytes = 4 + Buffer.byteLength(path);
      if (size + bytes > batch) cut();
      part[kind].push(path);
      size += bytes;
    }
  }
  cut();
  return packets;
}

type Part = Record<keyof Standing, string[]>;
const empty = (): Part => ({ data: [], exist: [], child: [], persistent: [], recursive: [] });
/** As on the wire. */
const order = ["data", "exist", "child", "persistent", "recursive"] as const;

function packetOf(lastZxid: bigint, part: Part): Buffer {
  const lasting = part.persistent.length + part.recursive.length > 0;
  const kinds = lasting ? order : order.slice(0, 3);
  return requestPacket(xids.setWatches, lasting ? opcodes.setWatches2 : opcodes.setWatches, {
    write: (sink) => {
      sink.long(lastZxid);
      for (const kind of kinds) writePaths(sink, part[kind]);
    },
  });
}

function writePaths(sink: Sink, paths: readonly string[]): void {
  sink.int(paths.length);
  for (const path of paths) sink.text(path);
}
