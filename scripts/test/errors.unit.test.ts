import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const page = readFileSync(join(root, "docs", "reference", "errors.md"), "utf8");
const sections = new Map(page.split(/^## /m).slice(1).map((text) => [/^`(HF_[A-Z_]+)`/.exec(text)?.[1] ?? "", text]));
sections.delete("");

function codesInSources(): ReadonlySet<string> {
  const files = globSync("packages/*/src/**/*.ts", { cwd: root });
  return new Set(files.flatMap((file) => readFileSync(join(root, file), "utf8").match(/\bHF_[A-Z]+(?:_[A-Z]+)*\b/g) ?? []));
}

describe("docs/reference/errors.md", () => {
  const codes = codesInSources();

  it("finds codes in the sources at all", () => {
    expect(codes).toContain("HF_BAD_OPTION");
  });

  it("describes every code that the sources name", () => {
    expect([...codes].filter((code) => !sections.has(code))).toEqual([]);
  });

  it("describes no code that does not exist", () => {
    expect([...sections.keys()].filter((code) => !codes.has(code))).toEqual([]);
  });

  it.each([...sections])("says of %s what happened, why, what to do and what comes next", (_, text) => {
    for (const part of ["**What happened.**", "**Likely causes.**", "**What to do.**", "**`next`**"]) expect(text).toContain(part);
  });

  it("lists the codes in alphabetical order", () => {
    expect([...sections.keys()]).toEqual([...sections.keys()].toSorted((one, other) => one.localeCompare(other, "en")));
  });
});

describe("docs/reference/zookeeper.md", () => {
  const zookeeper = readFileSync(join(root, "docs", "reference", "zookeeper.md"), "utf8");
  const named = (text: string): ReadonlySet<string> => new Set(text.match(/\bZK_[A-Z]+(?:_[A-Z]+)*\b/g) ?? []);
  const codes = named(globSync("packages/zookeeper/src/**/*.ts", { cwd: root }).map((file) => readFileSync(join(root, file), "utf8")).join("\n"));

  it("names every code of the ZooKeeper client, and no other", () => {
    expect(codes).toContain("ZK_NO_NODE");
    expect([...named(zookeeper)].toSorted()).toEqual([...codes].toSorted());
  });
});
