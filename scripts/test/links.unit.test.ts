import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const pages = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/README.md", "examples/*/README.md"], { cwd: root }).filter((file) => !file.startsWith("docs/api/"));

/** The anchor that a heading gets: lower case, punctuation away, spaces to hyphens. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}

function anchorsOf(markdown: string): ReadonlySet<string> {
  return new Set([...markdown.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? "")));
}

function brokenLinks(page: string): readonly string[] {
  const markdown = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  const targets = [...markdown.matchAll(/\]\(([^()\s]+)\)/g)].map((match) => match[1] ?? "");
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = "", anchor = ""] = target.split("#");
    const file = path === "" ? join(root, page) : join(root, dirname(page), path);
    if (!existsSync(file) || relative(root, file).startsWith("..")) return true;
    return anchor !== "" && file.endsWith(".md") && !anchorsOf(readFileSync(file, "utf8")).has(anchor);
  });
}

describe("the documents", () => {
  it("are found", () => {
    expect(pages).toContain("README.md");
  });

  it.each(pages)("%s links to files and headings that exist", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });
});
