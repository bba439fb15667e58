import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

/** What a bundler makes of these lines for a browser. */
async function bundle(contents: string): Promise<{ code: string; inputs: string[]; outside: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true, minify: true, write: false, metafile: true, format: "esm", target: "es2022", platform: "browser", conditions: ["@holdfast/source", "browser"],
    external: ["node:*"], // Left standing, so that one would be seen.
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return { code: outputFiles[0]?.text ?? "", inputs: Object.keys(metafile.inputs), outside };
}

it("brings neither ws nor anything of Node into a browser's bundle", async () => {
  const { code, inputs, outside } = await bundle('export * from "@holdfast/websocket"');
  expect(inputs.some((path) => path.endsWith("websocket/src/browser.ts"))).toBe(true);
  expect(inputs.filter((path) => /node_modules\/(?:\.pnpm\/)?ws\b|websocket\/src\/(?:node|ws-|listener|settings)/.test(path))).toEqual([]);
  expect(outside).toEqual([]);
  expect(code).not.toMatch(/node:|require\(/);
});

it("costs less than 1.8 kB beside what core brings anyway, minified and gzipped", async () => {
  const core = "export { ConnectError, FrameError, LinkError, Link, OptionError, systemClock } from '@holdfast/core';";
  const [without, both] = await Promise.all([bundle(core), bundle(`${core} export * from '@holdfast/websocket';`)]);
  expect(gzipSync(both.code, { level: 9 }).length - gzipSync(without.code, { level: 9 }).length).toBeLessThan(1800);
});
