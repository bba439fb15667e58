import { describe, expect, it } from "vitest";
import { statements } from "../declarations.ts";

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
