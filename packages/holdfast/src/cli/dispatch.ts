import { isHoldfastError, systemClock, type HoldfastError } from "@holdfast/core";
import type { Command } from "./arguments.ts";
import { endpoints } from "./endpoints.ts";
import { endpointsCommand, endpointsSettings } from "./endpoints-options.ts";
import { errorText } from "./entry.ts";
import { commandHelp, overview, version } from "./help.ts";
import { suggestion } from "@holdfast/core/engine";
import { makePrinter, type Printer } from "./printer.ts";
import { serve } from "./serve.ts";
import { serveCommand, serveSettings } from "./serve-options.ts";
import { UsageError } from "./usage-error.ts";
import { watch } from "./watch.ts";
import { watchCommand, watchSettings } from "./watch-options.ts";

/** A command and what it does with the arguments behind its name. Resolves with the exit code. */
interface Runner {
  readonly command: Command;
  readonly run: (given: readonly string[], outputs: Outputs) => Promise<number> | number;
}

const runners: readonly Runner[] = [
  { command: watchCommand, run: runWatch },
  { command: serveCommand, run: runServe },
  { command: endpointsCommand, run: (given, { stdout }) => endpoints(endpointsSettings(given), (text) => { stdout.write(text); }) },
];
const commands = runners.map(({ command }) => command);

/** Where to write what. `process` is one. */
export interface Outputs {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Does what the words behind `holdfast` ask for. Resolves with the exit code; an error that can be expected is explained, not thrown. */
export async function dispatch([name, ...given]: readonly string[], outputs: Outputs): Promise<number> {
  try {
    const help = helpFor(name, given);
    if (help !== undefined) {
      outputs.stdout.write(help);
      return 0;
    }
    if (name !== undefined) return await find(name).run(given, outputs);
    outputs.stderr.write(overview(commands));
    return 2;
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    outputs.stderr.write(complaint(error, name));
    return isMistake(error) ? 2 : 1;
  }
}

/** What is asked for by `--help`, `help watch`, `watch … --help` or `--version`; undefined where something is to be done. */
function helpFor(name: string | undefined, given: readonly string[]): string | undefined {
  if (name === "--version" || name === "-v") return `${version()}\n`;
  if (name === "help" || name === "--help" || name === "-h") return given[0] === undefined ? overview(commands) : commandHelp(find(given[0]).command);
  const end = given.indexOf("--");
  const asks = given.slice(0, end < 0 ? undefined : end).some((word) => word === "--help" || word === "-h");
  return name !== undefined && asks ? commandHelp(find(name).command) : undefined;
}

function find(name: string): Runner {
  const found = runners.find(({ command }) => command.name === name);
  if (found) return found;
  if (/^[a-z][a-z0-9+.-]*:/i.test(name)) throw new UsageError("first say what to do with it: holdfast watch <uri>, or holdfast serve <uri>");
  throw new UsageError(`there is no command ${name}.${suggestion(name, commands.map((command) => command.name))}`);
}

/** What happened, and where to read more. */
function complaint(error: HoldfastError, name: string | undefined): string {
  const help = commands.some((command) => command.name === name) ? `holdfast ${name} --help` : "holdfast --help";
  return `holdfast: ${errorText(error)}\n${isMistake(error) ? `Read more with: ${help}\n` : ""}`;
}

/** Of the one who wrote the command, not of the world. */
function isMistake({ code }: HoldfastError): boolean {
  return code === "HF_USAGE" || code === "HF_BAD_OPTION";
}

async function runWatch(given: readonly string[]): Promise<number> {
  const settings = watchSettings(given);
  return printing({ json: settings.json, statusLine: !settings.interactive }, (printer) => watch(settings, printer));
}

async function runServe(given: readonly string[]): Promise<number> {
  const settings = serveSettings(given);
  return printing({ json: settings.json, statusLine: true }, (printer) => serve(settings, printer));
}

/** Runs something that prints, and leaves the terminal as it was. */
async function printing({ json, statusLine }: { readonly json: boolean; readonly statusLine: boolean }, run: (printer: Printer) => Promise<number>): Promise<number> {
  const { stdout } = process;
  const dumb = process.env["TERM"] === "dumb";
  const printer = makePrinter(stdout, { json, statusLine: statusLine && !dumb, colours: stdout.isTTY && stdout.hasColors(), clock: systemClock });
  try {
    return await run(printer);
  } finally {
    printer.end();
  }
}
