import { describe, expect, it } from "vitest";
import { documentOf, extract, fileOf, moduleOf } from "../snippets.ts";

const page = [
  "# Page",
  "",
  "```ts",
  "const one = 1;",
  "```",
  "",
  "<!-- given: declare const link: { send(text: string): void }; -->",
  "```ts",
  "link.send('hi');",
  "```",
  "",
  "```ts",
  "// @fragment",
  "link.on(…)",
  "```",
  "",
  "```sh",
  "npm test",
  "```",
  "",
].join("\n");

describe("the snippets of the documents", () => {
  it("are the blocks marked ts, with the line of their fence", () => {
    expect(extract("docs/page.md", page).map(({ line, code, fragment }) => ({ line, code, fragment }))).toEqual([
      { line: 3, code: "const one = 1;\n", fragment: false },
      { line: 8, code: "link.send('hi');\n", fragment: false },
      { line: 12, code: "// @fragment\nlink.on(…)\n", fragment: true },
    ]);
  });

  it("keep their line numbers in the module that is checked", () => {
    for (const snippet of extract("docs/page.md", page)) {
      const lines = moduleOf(snippet).split("\n");
      expect(lines[snippet.line]).toBe(page.split("\n")[snippet.line]);
    }
  });

  it("may rely on declarations that the page does not show", () => {
    const [, second] = extract("docs/page.md", page);
    expect(second?.given).toBe("declare const link: { send(text: string): void };");
  });

  it("are named by their document where the compiler complains", () => {
    const [first] = extract("docs/page.md", page);
    const complaint = `${first && fileOf(first)}(4,7): error TS2322: no.\nFound 1 error.`;
    expect(documentOf(complaint)).toBe("docs/page.md(4,7): error TS2322: no.\nFound 1 error.");
  });
});
