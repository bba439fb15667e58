import { describe, expect, it } from "vitest";
import { Root } from "../../src/records/root.ts";
import { WatchRegistry } from "../../src/watches/registry.ts";
import type { WatchEvent, WatchListener } from "../../src/watches/watch-event.ts";
import { framed, int, long, ustring, vector, type Field } from "../wire.ts";

/** `Watcher.Event.EventType`. */
const created = 1;
const deleted = 2;
const changed = 3;
const children = 4;

class Rig {
  readonly told: string[] = [];
  readonly registry: WatchRegistry;

  constructor(chroot = "/") {
    this.registry = new WatchRegistry(new Root(chroot), (listener, event) => { listener(event); });
  }

  listener(name: string): WatchListener {
    return ({ type, path }: WatchEvent) => { this.told.push(`${name}: ${type} ${path}`); };
  }

  fire(type: number, path: string, zxid = 0n): void {
    this.registry.notified({ type, path, zxid });
  }

  /** What was told since the last time. */
  take(): readonly string[] {
    return this.told.splice(0);
  }

  restore(zxid = 77n): readonly string[] {
    return this.registry.restore(zxid).map((packet) => packet.toString("hex"));
  }
}

const paths = (...list: readonly string[]): Field => vector(...list.map((path) => [ustring(path)]));
const setWatches = (...lists: readonly Field[]): string => framed(int(-8), int(lists.length === 5 ? 105 : 101), long(77), ...lists).toString("hex");

describe("a one-shot watch", () => {
  it.each([
    ["data", [changed, deleted]], ["exist", [created, changed, deleted]], ["child", [children, deleted]],
  ] as const)("for %s fires on what it waits for, and then no more", (kind, fires) => {
    for (const type of [created, deleted, changed, children]) {
      const rig = new Rig();
      rig.registry.expect(kind, "/a", rig.listener("x"));
      rig.fire(type, "/b");
      rig.fire(type, "/a/b");
      expect(rig.take()).toEqual([]);
      rig.fire(type, "/a");
      // A server never tells a data watch of a birth; if one did, it would be news all the same.
      expect(rig.take().length).toBe(fires.includes(type as never) || (kind === "data" && type === created) ? 1 : 0);
      rig.fire(type, "/a");
      expect(rig.take()).toEqual([]);
    }
  });

  it("is told once to a listener that asked in several ways", () => {
    const rig = new Rig();
    const listener = rig.listener("x");
    for (const kind of ["data", "exist", "child"] as const) rig.registry.expect(kind, "/a", listener);
    rig.fire(deleted, "/a");
    expect(rig.take()).toEqual(["x: deleted /a"]);
    expect(rig.restore()).toEqual([]);
  });

  it("is told to everybody who listens", () => {
    const rig = new Rig();
    rig.registry.expect("data", "/a", rig.listener("x"));
    rig.registry.expect("data", "/a", rig.listener("y"));
    rig.fire(changed, "/a");
    expect(rig.take()).toEqual(["x: changed /a", "y: changed /a"]);
  });

  it("may be set again by the listener it calls", () => {
    const rig = new Rig();
    let told = 0;
    const again: WatchListener = () => {
      told += 1;
      rig.registry.expect("data", "/a", again);
    };
    rig.registry.expect("data", "/a", again);
    rig.fire(changed, "/a");
    rig.fire(changed, "/a");
    expect(told).toBe(2);
  });
});

describe("a persistent watch", () => {
  it("tells of its node and the list of its children, again and again", () => {
    const rig = new Rig();
    rig.registry.follow("persistent", "/a", rig.listener("x"));
    for (const type of [created, changed, children, deleted, created]) rig.fire(type, "/a");
    rig.fire(changed, "/a/b");
    expect(rig.take()).toEqual(["x: created /a", "x: changed /a", "x: childrenChanged /a", "x: deleted /a", "x: created /a"]);
  });

  it("ends where its last listener leaves", () => {
    const rig = new Rig();
    const [x, y] = [rig.listener("x"), rig.listener("y")];
    rig.registry.follow("persistent", "/a", x);
    rig.registry.follow("persistent", "/a", y);
    expect([rig.registry.leave("persistent", "/a", x), rig.registry.leave("persistent", "/a", x), rig.registry.leave("recursive", "/a", y)]).toEqual([false, false, false]);
    rig.fire(changed, "/a");
    expect(rig.take()).toEqual(["y: changed /a"]);
    expect([rig.registry.has("/a"), rig.registry.leave("persistent", "/a", y), rig.registry.has("/a")]).toEqual([true, true, false]);
    expect(rig.restore()).toEqual([]);
  });
});

describe("a recursive watch", () => {
  it("tells of everything at and below its node, and of no list of children", () => {
    const rig = new Rig();
    rig.registry.follow("recursive", "/a", rig.listener("x"));
    rig.fire(created, "/a/b/c");
    rig.fire(changed, "/a");
    rig.fire(children, "/a");
    rig.fire(children, "/a/b");
    rig.fire(deleted, "/a/b/c");
    rig.fire(changed, "/ab");
    rig.fire(changed, "/");
    expect(rig.take()).toEqual(["x: created /a/b/c", "x: changed /a", "x: deleted /a/b/c"]);
  });

  it("may stand at the root, and beside others above and below", () => {
    const rig = new Rig();
    rig.registry.follow("recursive", "/", rig.listener("root"));
    rig.registry.follow("recursive", "/a/b", rig.listener("deep"));
    rig.registry.follow("persistent", "/a/b", rig.listener("flat"));
    rig.fire(changed, "/a/b");
    expect(rig.take()).toEqual(["flat: changed /a/b", "deep: changed /a/b", "root: changed /a/b"]);
    rig.fire(changed, "/a");
    expect(rig.take()).toEqual(["root: changed /a"]);
  });

  it("tells a listener once that hears of it in two ways", () => {
    const rig = new Rig();
    const x = rig.listener("x");
    rig.registry.follow("recursive", "/", x);
    rig.registry.follow("recursive", "/a", x);
    rig.registry.follow("persistent", "/a", x);
    rig.registry.expect("data", "/a", x);
    rig.fire(changed, "/a");
    expect(rig.take()).toEqual(["x: changed /a"]);
  });
});

describe("events", () => {
  it("carry paths without the chroot, and the transaction", () => {
    const rig = new Rig("/app");
    const events: WatchEvent[] = [];
    rig.registry.follow("recursive", "/app", (event) => { events.push(event); });
    rig.fire(changed, "/app", 9n);
    rig.fire(created, "/app/a/b", 10n);
    expect(events).toEqual([{ type: "changed", path: "/", zxid: 9n }, { type: "created", path: "/a/b", zxid: 10n }]);
  });

  it.each([-1, 0, 5, 6, 7, 99])("of the kind %i are not passed on, and end no watch", (type) => {
    const rig = new Rig();
    rig.registry.expect("data", "/a", rig.listener("x"));
    rig.registry.follow("persistent", "/a", rig.listener("y"));
    rig.fire(type, "/a");
    expect([rig.take(), rig.registry.has("/a")]).toEqual([[], true]);
    rig.fire(changed, "/a");
    expect(rig.take()).toEqual(["x: changed /a", "y: changed /a"]);
  });
});

describe("an event for what is no path", () => {
  it.each(["", "x", "no path", "//", "/a/"])("is of no interest to a recursive watch, and does not keep us for ever: %j", (path) => {
    const rig = new Rig();
    rig.registry.follow("recursive", "/r", rig.listener("x"));
    rig.fire(changed, path);
    expect(rig.take()).toEqual([]);
  });
});

describe("watches on a fresh connection", () => {
  it("are set again by SetWatches, where nothing is persistent", () => {
    const rig = new Rig("/app");
    rig.registry.expect("data", "/app/a", rig.listener("x"));
    rig.registry.expect("exist", "/app/b", rig.listener("x"));
    rig.registry.expect("child", "/app", rig.listener("x"));
    expect(rig.restore()).toEqual([setWatches(paths("/app/a"), paths("/app/b"), paths("/app"))]);
  });

  it("are set again by SetWatches2, where something is; a persistent one stands as a one-shot one, too, so that what happened meanwhile is told", () => {
    const rig = new Rig();
    rig.registry.expect("data", "/a", rig.listener("x"));
    rig.registry.follow("persistent", "/p", rig.listener("x"));
    rig.registry.follow("recursive", "/r", rig.listener("x"));
    expect(rig.restore()).toEqual([setWatches(paths("/a", "/p"), paths(), paths("/p"), paths("/p"), paths("/r"))]);
  });

  it("wait for the birth of a node under a persistent watch, where it did not exist when we last heard of it", () => {
    const rig = new Rig();
    rig.registry.follow("persistent", "/p", rig.listener("x"));
    const waiting = setWatches(paths(), paths("/p"), paths(), paths("/p"), paths());
    const watching = setWatches(paths("/p"), paths(), paths("/p"), paths("/p"), paths());
    rig.registry.know("/p", false);
    expect(rig.restore()).toEqual([waiting]);
    rig.fire(created, "/p");
    expect(rig.restore()).toEqual([watching]);
    rig.fire(deleted, "/p");
    expect(rig.restore()).toEqual([waiting]);
    rig.registry.know("/p", true);
    expect(rig.restore()).toEqual([watching]);
  });

  it("do not stand twice in one list", () => {
    const rig = new Rig();
    rig.registry.expect("data", "/p", rig.listener("x"));
    rig.registry.expect("child", "/p", rig.listener("x"));
    rig.registry.follow("persistent", "/p", rig.listener("y"));
    expect(rig.restore()).toEqual([setWatches(paths("/p"), paths(), paths("/p"), paths("/p"), paths())]);
  });

  it("are not set at all where there is none", () => {
    const rig = new Rig();
    rig.registry.know("/nobody", false); // Nobody follows it.
    expect(rig.restore()).toEqual([]);
  });

  it("tell a persistent listener once of a node that is gone, which servers tell of once for each list", () => {
    const rig = new Rig();
    rig.registry.follow("persistent", "/p", rig.listener("p"));
    rig.registry.expect("child", "/p", rig.listener("c"));
    rig.restore();
    rig.fire(deleted, "/p");
    rig.fire(deleted, "/p");
    expect(rig.take()).toEqual(["c: deleted /p", "p: deleted /p"]);
    rig.registry.restored();
    // From then on each is news.
    rig.fire(created, "/p");
    rig.fire(deleted, "/p");
    rig.fire(created, "/p");
    rig.fire(deleted, "/p");
    expect(rig.take()).toHaveLength(4);
  });

  it("tell different news of one node, also while they are being set", () => {
    const rig = new Rig();
    rig.registry.follow("persistent", "/p", rig.listener("p"));
    rig.restore();
    rig.fire(changed, "/p");
    rig.fire(children, "/p");
    rig.fire(changed, "/q");
    expect(rig.take()).toEqual(["p: changed /p", "p: childrenChanged /p"]);
  });

  it("leave a gap under recursive watches, which is told when all stand, to each once", () => {
    const rig = new Rig("/app");
    const [x, y] = [rig.listener("x"), rig.listener("y")];
    rig.registry.follow("recursive", "/app", x);
    rig.registry.follow("recursive", "/app/r", x);
    rig.registry.follow("recursive", "/app/r", y);
    rig.registry.follow("persistent", "/app/p", rig.listener("p"));
    rig.restore();
    expect(rig.take()).toEqual([]);
    rig.registry.restored();
    expect(rig.take()).toEqual(["x: gap /", "x: gap /r", "y: gap /r"]);
  });

  it("survive a listener that leaves while it is told of the gap", () => {
    const rig = new Rig();
    const leaving: WatchListener = () => {
      rig.told.push("left");
      rig.registry.leave("recursive", "/r", leaving);
    };
    rig.registry.follow("recursive", "/r", leaving);
    rig.registry.follow("recursive", "/r", rig.listener("y"));
    rig.restore();
    rig.registry.restored();
    expect(rig.take()).toEqual(["left", "y: gap /r"]);
  });
});

describe("watches that a server has forgotten", () => {
  it("are forgotten here, by their kinds", () => {
    const rig = new Rig();
    for (const kind of ["data", "exist", "child"] as const) rig.registry.expect(kind, "/a", rig.listener(kind));
    for (const mode of ["persistent", "recursive"] as const) rig.registry.follow(mode, "/a", rig.listener(mode));
    rig.registry.forget("/a", ["data", "exist", "recursive"]);
    expect(rig.restore()).toEqual([setWatches(paths("/a"), paths(), paths("/a"), paths("/a"), paths())]); // As a persistent one.
    rig.registry.forget("/a", ["child", "persistent"]);
    expect([rig.registry.has("/a"), rig.restore()]).toEqual([false, []]);
  });
});
