import type { Subject } from "../errors/zookeeper-error.ts";
import type { Writable } from "../jute/sink.ts";
import type { Source } from "../jute/source.ts";

/** One kind of request, ready to be sent, and how its answer is read. `write` writes the body, without the header. */
export interface Operation<T> extends Subject, Writable {
  /** `ZooDefs.OpCode`. */
  readonly type: number;
  /** Doing it twice is as good as once, whatever others do meanwhile: it may be tried again by itself. */
  readonly safe: boolean;
  /** Reads the body of an answer without an error. Throws a `JuteError`. */
  read(source: Source): T;
  /** Where a missing node is an answer, too. */
  readonly absent?: (() => T) | undefined;
}

/** The codes of `ZooDefs.OpCode` that a client may send. */
export const opcodes = {
  create: 1, delete: 2, exists: 3, getData: 4, setData: 5, getAcl: 6, setAcl: 7, getChildren: 8, sync: 9, ping: 11, getChildren2: 12, check: 13, multi: 14,
  create2: 15, reconfig: 16, checkWatches: 17, removeWatches: 18, createContainer: 19, createTtl: 21, multiRead: 22, auth: 100, setWatches: 101,
  getEphemerals: 103, getAllChildrenNumber: 104, setWatches2: 105, addWatch: 106, whoAmI: 107, closeSession: -11,
} as const;

/** For answers without a body. */
export const nothing = (): void => {};
