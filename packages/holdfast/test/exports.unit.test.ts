import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as holdfast from "../src/index.ts";

const [index, browser] = ["index", "browser"].map((name) => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))) as [string, string];

/** All names a file re-exports, types included. */
async function namesOf(file: string): Promise<readonly string[]> {
  const source = await readFile(file, "utf8");
  return [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = ""]) => names.split(",").map((name) => name.trim().replace(/^type /, "")));
}

/** What a bundler takes into a page: the files and the names of what it cannot take. */
async function bundled(): Promise<{ readonly files: readonly string[]; readonly outside: readonly string[] }> {
  const { metafile } = await build({
    stdin: { contents: `import { connect } from ${JSON.stringify(browser)}; globalThis.connect = connect;`, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true, write: false, metafile: true, minify: true, format: "esm", platform: "browser", conditions: ["@holdfast/source"], logLevel: "silent",
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return { files: Object.keys(metafile.inputs), outside };
}

describe("the front door", () => {
  it("is small: at most 25 names, types included", async () => {
    const names = await namesOf(index);
    expect(names).toContain("connect");
    expect(names.length).toBe(new Set(names).size);
    expect(names.length).toBeLessThanOrEqual(25);
  });

  it("has every value that its source names", async () => {
    const names = await namesOf(index);
    expect(names).toEqual(expect.arrayContaining(Object.keys(holdfast)));
    expect(Object.values(holdfast)).not.toContain(undefined);
  });

  it("offers a page nothing that Node does not have too", async () => {
    expect(await namesOf(index)).toEqual(expect.arrayContaining([...await namesOf(browser)]));
  });
});

describe("the front door of a browser", () => {
  it("takes neither ws nor anything of Node into a page", async () => {
    const { files, outside } = await bundled();
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => /node_modules\/(?:\.pnpm\/)?ws@?|packages\/(?:tcp|server)\//.test(file))).toEqual([]);
    expect(outside).toEqual([]);
  });
});
