import { readFileSync } from "node:fs";
import { types } from "../../src/frames/layout.ts";
import type { Fields } from "../vectors/in-hex.ts";

export interface Row { readonly type: number; readonly name: string; readonly fields: readonly string[] }

/** The table of frames in docs/spec/hfs1.md, as it stands there. */
export function specTable(): readonly Row[] {
  const page = readFileSync(new URL("../../../../docs/spec/hfs1.md", import.meta.url), "utf8");
  return [...page.matchAll(/^\| (\d+) \| ([A-Z]+) \| \w+ \| (.+) \|$/gm)].map(([, type, name = "", cells = ""]) => ({
    type: Number(type), name, fields: cells.match(/"HFS"|\w+\[\d+\]|\w+:\w+/g) ?? [],
  }));
}

export function rowOf(table: readonly Row[], frame: string): Row | undefined {
  return table.find(({ type }) => type === types[frame as keyof typeof types]);
}

/** A frame written by its row of the table and nothing else, as hexadecimal. For the frames whose fields the row names one by one. */
export function byTheTable({ type, fields }: Row, values: Fields): string {
  const mac = values["mac"];
  const proven = fields.includes("mac[16]") && values["type"] === "refused";
  const parts = fields.filter((field) => !(proven && field === "mac[16]")).map((field) => part(field, values));
  const flag = (values["restarted"] === true || (proven && mac !== undefined) ? 0x10 : 0) | (values["early"] === true ? 0x20 : 0);
  return [byte(type | flag), ...parts, proven ? String(mac ?? "") : ""].join("");
}

function part(field: string, values: Fields): string {
  if (field === "\"HFS\"") return Buffer.from("HFS").toString("hex");
  const [, name = "", kind = ""] = /^(\w+)[[:](\w+)\]?$/.exec(field) ?? [];
  const value = values[name];
  if (kind === "varint") return leb128(BigInt(Number(value)));
  if (kind === "1") return byte(Number(value));
  const bytes = kind === "text" ? Buffer.from(String(value)).toString("hex") : String(value);
  if (kind === "bytes" || kind === "text") return leb128(BigInt(bytes.length / 2)) + bytes;
  if (bytes.length !== 2 * Number(kind)) throw new Error(`${field} with ${bytes.length / 2} bytes`);
  return bytes;
}

function leb128(value: bigint): string {
  return value < 0x80n ? byte(Number(value)) : byte(Number(value & 0x7fn) | 0x80) + leb128(value >> 7n);
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
