// What a browser downloads: all of core with the native WebSocket transport, bundled and minified, and where the bytes come from.
//     node scripts/dev.mjs node scripts/size.ts
// Ends with 1 when it has grown past its limit.
import { gzipSync } from "node:zlib";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./house.ts";

/** Bytes after gzip -9 that we aim at. Not reached: the limit keeps what there is from growing, and is lowered with every gain. */
const goal = 8192;
const limit = 27_600;

/** What is imported on demand is another download, made when it is needed: named below, not counted. */
const onDemand = new Set<string>();
const leaveOut: Plugin = {
  name: "leave-out",
  setup(bundler) {
    bundler.onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      onDemand.add(path.startsWith(".") ? relative(root, join(resolveDir, path)) : path);
      return { path, external: true };
    });
  },
};

const { outputFiles, metafile } = await build({
  // The folder of a package that depends on both.
  stdin: { contents: 'export * from "@holdfast/core"; export * from "@holdfast/websocket";', resolveDir: join(root, "packages/holdfast") },
  bundle: true, minify: true, format: "esm", target: "es2022", platform: "browser", conditions: ["browser", "@holdfast/source"],
  plugins: [leaveOut], write: false, metafile: true, absWorkingDir: root, logLevel: "error",
});
const bundle = outputFiles[0]?.contents ?? new Uint8Array();
const zipped = gzipSync(bundle, { level: 9 }).length;

const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
const rows = inputs.map(([file, { bytesInOutput }]) => ({ file: file.replace(/^.*node_modules\//, ""), bytes: bytesInOutput })).filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
if (!process.argv.includes("--quiet")) {
  console.log("minified bytes by file:");
  for (const { file, bytes } of rows) console.log(`${String(bytes).padStart(7)}  ${file}`);
  for (const file of onDemand) console.log(`      -  ${file}, loaded on demand`);
}
console.log(`${String(bundle.length).padStart(7)}  min\n${String(zipped).padStart(7)}  gzip -9, limit ${limit}, goal ${goal}`);
if (zipped > limit) {
  console.error(`the browser bundle is ${zipped - limit} bytes over its limit of ${limit} (gzip -9)`);
  process.exitCode = 1;
}
