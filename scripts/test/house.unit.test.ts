import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { breach, browserEntries, declaredBy, files, floors, importsOf, otherThanReExports, read, type Import } from "../house.ts";

const folders = [...new Set(files("packages/*/package.json").map((file) => file.split("/")[1] ?? ""))];
const sources = (folder: string): readonly string[] => files(`packages/${folder}/src/**/*.ts`);
const imports = (file: string): readonly Import[] => importsOf(file, read(file));

describe("the floors", () => {
  it("name every package", () => {
    expect(folders.filter((folder) => !(folder in floors))).toEqual([]);
    expect(folders.length).toBeGreaterThan(5);
  });

  it.each(folders.filter((folder) => folder !== "bench"))("%s imports only from floors below, and only what it declares", (folder) => {
    const declared = declaredBy(read(`packages/${folder}/package.json`));
    expect(sources(folder).flatMap(imports).map((one) => breach(one, declared)).filter((wrong) => wrong !== undefined)).toEqual([]);
  });

  it("were walked over every import", () => {
    expect(folders.flatMap(sources).flatMap(imports).length).toBeGreaterThan(100);
  });

  it("keep p-retry in one place: everybody else calls retry()", () => {
    const users = folders.flatMap(sources).filter((file) => imports(file).some(({ specifier }) => specifier === "p-retry"));
    expect(users).toEqual(["packages/core/src/retry/retry.ts"]);
  });

  it.each(browserEntries)("%s reaches no node: import and no ws", (entry) => {
    const reached = new Set<string>([entry]);
    const alien: string[] = [];
    for (const file of reached) {
      for (const { specifier, typeOnly } of imports(file)) {
        if (typeOnly) continue;
        if (specifier.startsWith(".")) reached.add(normalize(join(dirname(file), specifier)));
        else if (specifier.startsWith("node:") || ["ws", "@holdfast/tcp", "@holdfast/server"].includes(specifier)) alien.push(`${file} imports ${specifier}`);
      }
    }
    expect(alien).toEqual([]);
  });
});

describe("the import walk notices", () => {
  const declared = new Set(["@holdfast/core", "@holdfast/server", "ws"]);
  const judge = (from: string, code: string): readonly (string | undefined)[] => importsOf(from, code).map((one) => breach(one, declared)?.replace(/^.*: /, ""));

  it.each([
    ["an import upward", "packages/tcp/src/a.ts", "import { serve } from '@holdfast/server';", "server is not on a floor below tcp"],
    ["an import sideways", "packages/tcp/src/a.ts", "import {\n  websocket,\n} from \"@holdfast/websocket\";", "websocket is not on a floor below tcp"],
    ["an import of a type upward", "packages/tcp/src/a.ts", "import type { Server } from '@holdfast/server';", "server is not on a floor below tcp"],
    ["a re-export upward", "packages/core/src/a.ts", "export * from 'holdfast';", "holdfast is not on a floor below core"],
    ["a subpath upward", "packages/core/src/a.ts", "export { x } from '@holdfast/testkit/proxy';", "testkit is not on a floor below core"],
    ["a dynamic import upward", "packages/tcp/src/a.ts", "const { x } = await import('@holdfast/server');", "server is not on a floor below tcp"],
    ["a type written as an import", "packages/tcp/src/a.ts", "const x: import('@holdfast/server').Server = y;", "server is not on a floor below tcp"],
    ["a package that is on no floor", "packages/tcp/src/a.ts", "import '@holdfast/cellar';", "cellar is not on a floor below tcp"],
    ["a relative path into another package", "packages/tcp/src/a.ts", "import '../../core/src/index.ts';", "a relative path that leaves its package"],
    ["a package that imports itself", "packages/core/src/a.ts", "import { Link } from '@holdfast/core';", "a package does not import itself by name"],
    ["node: in core", "packages/core/src/a.ts", "import net from 'node:net';", "core runs anywhere"],
    ["a dependency that is not declared", "packages/tcp/src/a.ts", "import retry from 'p-retry/sub';", "p-retry is no dependency of packages/tcp/package.json"],
  ])("%s", (_, from, code, why) => {
    expect(judge(from, code)).toEqual([why]);
  });

  it("nothing wrong with what goes down, stays in the room, or is only a comment", () => {
    const code = "import { x } from '@holdfast/core';\nimport WebSocket, { type y } from 'ws';\nimport './b.ts';\nimport net from 'node:net';\n// import 'holdfast';\n/** import { z } from '@holdfast/server'; */\nconst uri = 'tcp://a:1';";
    expect(judge("packages/websocket/src/a.ts", code)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("whether an import is gone when it runs", () => {
    const code = "import type { a } from './a';\nimport { type b, type c } from './b';\nimport { type d, e } from './d';\nexport type { f } from './f';";
    expect(importsOf("x", code).map(({ typeOnly }) => typeOnly)).toEqual([true, true, false, true]);
  });
});

describe("an index", () => {
  const indexes = files("packages/*/src/**/index.ts");

  it.each(indexes)("%s holds re-exports only", (file) => {
    expect(otherThanReExports(read(file))).toBe("");
  });

  it("is told from one that holds code", () => {
    expect(otherThanReExports("/** a */\nexport { a, type B } from './a.ts';\nexport * as c from './c.ts';\nexport {};\nexport type { D } from './d.ts';")).toBe("");
    expect(otherThanReExports("export { a } from './a.ts';\nexport const b = 1;")).toBe("export const b = 1;");
  });
});

describe("the compiler", () => {
  // A project that nobody refers to is left out without a word.
  const references = (JSON.parse(read("tsconfig.json")) as { references: { path: string }[] }).references.map(({ path }) => path);
  const tests = JSON.parse(read("tsconfig.test.json")) as { include: string[] };

  it.each(folders)("checks packages/%s", (folder) => {
    expect([...references, ...tests.include.map((path) => path.replace(/\/src$/, ""))]).toContain(`packages/${folder}`);
  });

  it("checks the tests", () => {
    expect(references).toContain("tsconfig.test.json");
    expect(tests.include).toContain("packages/*/test");
  });
});
