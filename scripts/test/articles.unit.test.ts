import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const docs = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs");

/** What a row says in every language: its mark, its code and its links. */
function rowsOf(page: string): readonly string[] {
  const rows = readFileSync(join(docs, page), "utf8").split("\n").filter((line) => line.startsWith("| "));
  return rows.map((row) => {
    const marks = row.match(/[✔≠✘]/g) ?? [];
    const code = row.match(/`[^`]+`/g) ?? [];
    const links = [...row.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    return [...marks, ...code.toSorted(), ...links.toSorted()].join(" ");
  });
}

describe("docs/from-the-articles", () => {
  it("says the same in English and in Chinese, row by row", () => {
    expect(rowsOf("from-the-articles.zh.md")).toEqual(rowsOf("from-the-articles.md"));
  });

  it("names a proof for every rule that holds or is different on purpose", () => {
    const rules = readFileSync(join(docs, "from-the-articles.md"), "utf8").split("\n").filter((line) => /\| [✔≠] \|/.test(line));
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.filter((rule) => !/\]\(\.\.\/packages\/[^)]+\.test\.ts\)/.test(rule))).toEqual([]);
  });
});
