import type { Source } from "../jute/source.ts";
import { isWithin, type Root } from "../records/root.ts";
import { readStat } from "../records/stat.ts";
import type { NodeData } from "./nodes.ts";
import { opcodes, type Operation } from "./operation.ts";

/** Whom the servers take us for (record `ClientInfo`). */
export interface Identity { readonly scheme: string; readonly user: string }

/** A change of the ensemble itself: either `joining` and `leaving`, or `members`. */
export interface Reconfiguration {
  /** Servers to add or change, such as `server.4=host:2888:3888;2181`. */
  readonly joining?: readonly string[];
  /** Numbers of servers to take out. */
  readonly leaving?: readonly (number | string)[];
  /** All servers of the new configuration, in place of the present one. */
  readonly members?: readonly string[];
  /** The version of the configuration that this builds on, in hexadecimal as in `/zookeeper/config`. @default any */
  readonly fromConfig?: bigint;
}

export function reconfig({ joining, leaving, members, fromConfig = -1n }: Reconfiguration): Operation<NodeData> {
  // An absent list is null: an empty one would be a list.
  const texts = [joining, leaving, members].map((list) => list?.join(","));
  return {
    name: "reconfig", path: "", safe: false, type: opcodes.reconfig,
    write: (sink) => {
      for (const text of texts) sink.text(text);
      sink.long(fromConfig);
    },
    read: (source) => ({ data: source.bytes(), stat: readStat(source) }),
  };
}

/** Servers of 3.7 or newer. */
export function whoAmI(): Operation<readonly Identity[]> {
  return { name: "whoAmI", path: "", safe: true, type: opcodes.whoAmI, write: () => {}, read: (source) => source.list(8, () => ({ scheme: source.text(), user: source.text() })) };
}

/** The ephemeral nodes of this session at and below a path. Servers compare characters, and would count `/ab` among those below `/a`. */
export function getEphemerals(root: Root, path: string): Operation<readonly string[]> {
  const full = root.full(path);
  const read = (source: Source): readonly string[] => source.list(4, () => source.text()).filter((one) => isWithin(one, full)).map((one) => root.own(one));
  return { name: "getEphemerals", path, safe: true, type: opcodes.getEphemerals, write: (sink) => { sink.text(full); }, read };
}

/** How many nodes there are below a path, at any depth. */
export function getAllChildrenNumber(root: Root, path: string): Operation<number> {
  const full = root.full(path);
  return { name: "getAllChildrenNumber", path, safe: true, type: opcodes.getAllChildrenNumber, write: (sink) => { sink.text(full); }, read: (source) => source.int() };
}
