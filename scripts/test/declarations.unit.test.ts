import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { mentioned, publicNames, statements, type Found } from "../declarations.ts";

/** The declaration files of a package, on disk until the test is over; gives the path of its index. */
function emitted(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-declarations-"));
  onTestFinished(() => { rmSync(folder, { recursive: true, force: true }); });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.d.ts`), text);
  return join(folder, "index.d.ts");
}

const texts = (found: Iterable<Found>): readonly string[] => [...found].map(({ text }) => text);

describe("a declaration file", () => {
  it.each([
    ["one by one", "export interface A {\n  b: string;\n}\nexport type C = {\n  d: 1;\n} | E;\ndeclare const f: G;\nexport {};", ["export interface A {\n  b: string;\n}", "export type C = {\n  d: 1;\n} | E;", "declare const f: G;", "export {};"]],
    ["without comments", "/** An { odd; } one. */\nexport declare function a(): void; // { and more\nexport type B = 1;", ["export declare function a(): void;", "export type B = 1;"]],
    ["with strings that look like syntax", "export type A = \"/* { ; */\" | \"//\";\nexport type B = 2;", ["export type A = \"/* { ; */\" | \"//\";", "export type B = 2;"]],
    ["with braces in what is extended", "export declare class A extends B<{\n  c: 1;\n}> {\n  d: 1;\n}\nexport interface E {\n}", ["export declare class A extends B<{\n  c: 1;\n}> {\n  d: 1;\n}", "export interface E {\n}"]],
    ["with overloads", "export declare function a(b: 1): 1;\nexport declare function a(b: 2): 2;", ["export declare function a(b: 1): 1;", "export declare function a(b: 2): 2;"]],
    ["with several at the end of one line", "export interface A { b: 1 } export interface C { d: 1 }", ["export interface A { b: 1 }", "export interface C { d: 1 }"]],
  ])("is read %s", (_, text, expected) => {
    expect(statements(text)).toEqual(expected);
  });
});

describe("the names of an entry", () => {
  it("are found where they are declared, in order of the alphabet", () => {
    const names = publicNames(emitted({ index: 'export { b } from "./b.js";\nexport { a as c } from "./a.js";', a: "export type a = 1;", b: 'export { b } from "./c.js";', c: "export declare const b: 2;" }));
    expect([...names.keys()]).toEqual(["b", "c"]);
    expect(texts(names.values())).toEqual(["export declare const b: 2;", "export type a = 1;"]);
  });

  it("are those of files that pass on everything, too", () => {
    expect(texts(publicNames(emitted({ index: 'export * from "./a.js";', a: 'export * from "./b.js";', b: "export type b = 1;" })).values())).toEqual(["export type b = 1;"]);
  });

  it("of other packages are given with their module", () => {
    const found = [...publicNames(emitted({ index: 'export { Link, type Frame as Message } from "@holdfast/core";\nexport {};' })).values()];
    expect(found).toEqual([{ module: "@holdfast/core", file: "", name: "Link", text: "" }, { module: "@holdfast/core", file: "", name: "Frame", text: "" }]);
    expect(mentioned(found)).toEqual([]);
  });

  it.each(['export * from "@holdfast/core";', 'export * as core from "./core.js";'])("cannot be told from %s", (index) => {
    expect(() => publicNames(emitted({ index }))).toThrow("name what is passed on");
  });
});

describe("what declarations speak of", () => {
  it("is followed through the files of the package, and not into other packages", () => {
    const names = publicNames(emitted({ index: 'import { B } from "./b.js";\nimport { Far } from "far";\nexport interface A { b: B; far: Far }', b: "export type B = C | 1;\ntype C = 2;\ntype D = 3;" }));
    expect(texts(mentioned([...names.values()]))).toEqual(["export type B = C | 1;", "type C = 2;"]);
  });
});
