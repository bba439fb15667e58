import { refusal, type ZooKeeperError } from "../errors/zookeeper-error.ts";
import type { Data, Sink } from "../jute/sink.ts";
import type { Source } from "../jute/source.ts";
import type { Root } from "../records/root.ts";
import { readStat, type Stat } from "../records/stat.ts";
import { checkVersion } from "../records/version.ts";
import { create, type CreateOptions } from "./create.ts";
import { getChildren, getData, remove, setData, type NodeData } from "./nodes.ts";
import { nothing, opcodes, type Operation } from "./operation.ts";

/** One step of a `multi`. */
export type Step =
  | (CreateOptions & { readonly type: "create"; readonly path: string; readonly data?: Data })
  | { readonly type: "delete"; readonly path: string; readonly version?: number }
  | { readonly type: "setData"; readonly path: string; readonly data: Data; readonly version?: number }
  /** Nothing is changed, but everything fails unless the node has this version. */
  | { readonly type: "check"; readonly path: string; readonly version: number };

/** What became of one step. */
export type StepResult =
  | { readonly type: "create"; readonly path: string }
  | { readonly type: "delete" | "check" }
  | { readonly type: "setData"; readonly stat: Stat };

/** One question of a `multiRead`. */
export interface Read { readonly type: "getData" | "getChildren"; readonly path: string }
export type ReadResult =
  | ({ readonly type: "getData" } & NodeData)
  | { readonly type: "getChildren"; readonly children: readonly string[] }
  | { readonly type: "error"; readonly error: ZooKeeperError };

/** All of it is done, or nothing. Then reading the answer throws the `ZooKeeperError` of the step that failed, with its `index`. */
export function multi(root: Root, steps: readonly Step[]): Operation<readonly StepResult[]> {
  const inner = steps.map((step) => stepOf(root, step));
  return { name: "multi", path: steps[0]?.path ?? "", safe: false, type: opcodes.multi, write: (sink) => { writeAll(sink, inner); }, read: (source) => readSteps(source, inner) };
}

/** One round trip for many reads. Each succeeds or fails by itself. */
export function multiRead(root: Root, reads: readonly Read[]): Operation<readonly ReadResult[]> {
  const inner = reads.map((read) => readOf(root, read));
  return { name: "multiRead", path: reads[0]?.path ?? "", safe: true, type: opcodes.multiRead, write: (sink) => { writeAll(sink, inner); }, read: (source) => readReads(source, inner) };
}

function stepOf(root: Root, step: Step): Operation<StepResult> {
  switch (step.type) {
    case "create": {
      const operation = create(root, step.path, step.data ?? new Uint8Array(0), step);
      return answering(operation, (source) => ({ type: "create", path: operation.read(source) }));
    }
    case "delete": return answering(remove(root, step.path, step.version ?? -1), () => ({ type: "delete" }));
    case "setData": return answering(setData(root, step.path, step.data, step.version ?? -1), (source) => ({ type: "setData", stat: readStat(source) }));
    case "check": return answering(check(root, step.path, step.version), () => ({ type: "check" }));
    default: return step satisfies never;
  }
}

/** Exists only as a step. */
function check(root: Root, path: string, version: number): Operation<void> {
  const full = root.full(path);
  checkVersion(version);
  return { name: "check", path, safe: false, type: opcodes.check, write: (sink) => { sink.text(full); sink.int(version); }, read: nothing };
}

function readOf(root: Root, { type, path }: Read): Operation<ReadResult> {
  if (type === "getData") {
    const operation = getData(root, path, false);
    return answering(operation, (source) => ({ type, ...operation.read(source) }));
  }
  const operation = getChildren(root, path, false);
  return answering(operation, (source) => ({ type, children: operation.read(source) }));
}

/** The same request, its answer read in another way. */
function answering<T>(operation: Operation<unknown>, read: (source: Source) => T): Operation<T> {
  const { name, path, type, safe } = operation;
  return { name, path, type, safe, write: (sink) => { operation.write(sink); }, read };
}

/** Each body has a header in front (record `MultiHeader`: type, done, err), and a last header ends the list. */
function writeAll(sink: Sink, inner: readonly Operation<unknown>[]): void {
  for (const operation of inner) {
    writeHeader(sink, operation.type, false);
    operation.write(sink);
  }
  writeHeader(sink, -1, true);
}

function writeHeader(sink: Sink, type: number, done: boolean): void {
  sink.int(type);
  sink.bool(done);
  sink.int(-1);
}

function readHeader(source: Source): { readonly type: number; readonly done: boolean } {
  const header = { type: source.int(), done: source.bool() };
  source.int(); // The error stands again in the body.
  return header;
}

/** A failed multi answers each step with an error: 0 for those before the culprit, -2 for those after it. */
function readSteps(source: Source, inner: readonly Operation<StepResult>[]): readonly StepResult[] {
  const results: StepResult[] = [];
  for (const [index, operation] of inner.entries()) {
    const { type } = readHeader(source);
    if (type !== -1) {
      results.push(operation.read(source));
      // Containers and nodes with a TTL are answered with their stat, too; plain ones are not.
      if (operation.name === "create" && type !== opcodes.create) readStat(source);
      continue;
    }
    const zkCode = source.int();
    if (zkCode !== 0) throw refusal(zkCode, operation, index);
  }
  return results;
}

function readReads(source: Source, inner: readonly Operation<ReadResult>[]): readonly ReadResult[] {
  return inner.map((operation) => (readHeader(source).type === -1 ? { type: "error", error: refusal(source.int(), operation) } : operation.read(source)));
}
