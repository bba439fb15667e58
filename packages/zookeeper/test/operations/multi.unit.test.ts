import { describe, expect, it } from "vitest";
import { ZooKeeperError } from "../../src/errors/zookeeper-error.ts";
import { JuteError } from "../../src/jute/source.ts";
import { multi, multiRead, type Step } from "../../src/operations/multi.ts";
import { Root } from "../../src/records/root.ts";
import { bool, buffer, int, long, record, stat, statFields, ustring, vector, type Field } from "../wire.ts";
import { answer, body } from "./request.ts";

const root = new Root();
const world: Field = vector([int(31), ustring("world"), ustring("anyone")]);
/** `MultiHeader`. */
const header = (type: number, done = false, err = -1): Field => record(int(type), bool(done), int(err));
const end = header(-1, true);
/** `ErrorResponse` under its header, as the servers send it. */
const failure = (err: number): Field => record(header(-1, false, err), int(err));

const steps: readonly Step[] = [
  { type: "create", path: "/a", data: "x" },
  { type: "create", path: "/b", mode: "container" },
  { type: "create", path: "/c-", mode: "ttlSequential", ttl: 60_000 },
  { type: "setData", path: "/d", data: Uint8Array.of(7), version: 4 },
  { type: "check", path: "/e", version: 5 },
  { type: "delete", path: "/f" },
];

describe("a multi", () => {
  it("is asked as one request with a header before each step and one after the last", () => {
    expect(multi(root, steps).type).toBe(14);
    expect(body(multi(root, steps))).toBe(record(
      header(1), ustring("/a"), buffer("x"), world, int(0),
      header(19), ustring("/b"), buffer(""), world, int(4),
      header(21), ustring("/c-"), buffer(""), world, int(6), long(60_000),
      header(5), ustring("/d"), buffer(Uint8Array.of(7)), int(4),
      header(13), ustring("/e"), int(5),
      header(2), ustring("/f"), int(-1),
      end,
    ).toString("hex"));
  });

  it("reads a plain create without a stat, and containers and TTLs with one", () => {
    const reply = record(
      header(1), ustring("/a"),
      header(15), ustring("/b"), statFields,
      header(15), ustring("/c-0000000001"), statFields,
      header(5), statFields,
      header(13),
      header(2),
    );
    expect(answer(multi(root, steps), reply)).toEqual([
      { type: "create", path: "/a" }, { type: "create", path: "/b" }, { type: "create", path: "/c-0000000001" },
      { type: "setData", stat }, { type: "check" }, { type: "delete" },
    ]);
  });

  it.each([[0, -110, "ZK_NODE_EXISTS", "/a"], [3, -103, "ZK_BAD_VERSION", "/d"], [5, -101, "ZK_NO_NODE", "/f"]] as const)("names the step %i that failed with %i, among those that were rolled back", (index, zkCode, code, path) => {
    const reply = record(...steps.map((_, at) => failure(at < index ? 0 : at === index ? zkCode : -2)), end);
    const error = thrown(() => answer(multi(root, steps), reply));
    expect(error).toBeInstanceOf(ZooKeeperError);
    expect(error).toMatchObject({ code, zkCode, path, index, outcome: "failed" });
    expect((error as Error).message).toContain(path);
  });

  it("keeps its paths in the chroot", () => {
    const app = new Root("/app");
    const operation = multi(app, [{ type: "create", path: "/a" }, { type: "check", path: "/", version: 1 }]);
    expect(body(operation)).toBe(record(header(1), ustring("/app/a"), buffer(""), world, int(0), header(13), ustring("/app"), int(1), end).toString("hex"));
    expect(answer(operation, record(header(1), ustring("/app/a"), header(13)))).toEqual([{ type: "create", path: "/a" }, { type: "check" }]);
  });

  it("may be empty", () => {
    expect(body(multi(root, []))).toBe(end.toString("hex"));
    expect(multi(root, []).read(undefined as never)).toEqual([]);
  });

  it("is read as broken where an answer is missing", () => {
    expect(thrown(() => answer(multi(root, steps), record(header(1), ustring("/a"))))).toBeInstanceOf(JuteError);
  });

  it("is refused as a whole for a step that makes no sense", () => {
    expect(() => multi(root, [{ type: "delete", path: "/a" }, { type: "delete", path: "no path" }])).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION" }));
  });
});

describe("a multiRead", () => {
  const reads = [{ type: "getData", path: "/a" }, { type: "getChildren", path: "/b" }, { type: "getData", path: "/c" }] as const;

  it("is asked as a multi of reads without watches", () => {
    expect(multiRead(root, reads).type).toBe(22);
    expect(body(multiRead(root, reads))).toBe(record(header(4), ustring("/a"), bool(false), header(8), ustring("/b"), bool(false), header(4), ustring("/c"), bool(false), end).toString("hex"));
  });

  it("gives each its answer or its error", () => {
    const reply = record(header(4), buffer("x"), statFields, header(8), vector([ustring("y")]), failure(-101));
    const results = answer(multiRead(root, reads), reply);
    expect(results.slice(0, 2)).toEqual([{ type: "getData", data: new Uint8Array(Buffer.from("x")), stat }, { type: "getChildren", children: ["y"] }]);
    expect(results[2]).toMatchObject({ type: "error", error: { code: "ZK_NO_NODE", zkCode: -101, path: "/c", outcome: "failed" } });
  });
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
