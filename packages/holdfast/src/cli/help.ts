import { readFileSync } from "node:fs";
import type { Command } from "./arguments.ts";

/** How a command is used. */
export function commandHelp({ name, operands, summary, details, options, examples }: Command): string {
  return [
    `holdfast ${name} ${operands}`,
    "",
    summary,
    "",
    "Options",
    ...columns(options.map(({ name: option, short, value, help }) => [`${short === undefined ? "" : `-${short}, `}--${option}${value === undefined ? "" : ` ${value}`}`, help])),
    "",
    "Examples",
    ...examples.flatMap(([command, meaning]) => [`  ${command}`, `      ${meaning}`]),
    "",
    ...details,
    "",
  ].join("\n");
}

/** What the commands are. */
export function overview(commands: readonly Command[]): string {
  return [
    "holdfast keeps connections alive and shows what becomes of them.",
    "",
    "Commands",
    ...columns(commands.map(({ name, operands, summary }) => [`holdfast ${name} ${operands}`, summary])),
    "",
    "Options",
    ...columns([["-h, --help", "Show this, or with a command all about it."], ["-v, --version", "Show the version."]]),
    "",
    "Try it: in one terminal `holdfast serve ws://127.0.0.1:8080`, in another `holdfast watch ws://127.0.0.1:8080`.",
    "Then stop the first one and start it again.",
    "",
  ].join("\n");
}

/** Of the package this file belongs to: the source and the build are equally far from it. */
export function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }; // Our own file.
  return text;
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
