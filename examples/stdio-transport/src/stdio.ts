import { spawn } from "node:child_process";
import { once } from "node:events";
import { ConnectError, OptionError, type Endpoint, type Framing, type Transport } from "@holdfast/core";
import { lines } from "@holdfast/core/framing";
import { ChildChannel, type Child } from "./child-channel.ts";

export interface StdioOptions {
  /** How the streams are cut into frames, unless the protocol brings its own framing, which wins. @default lines() */
  readonly framing?: Framing;
  /** Longest frame in bytes, both ways. @default 1_048_576 (1 MiB) */
  readonly maxFrameBytes?: number;
}

/**
 * Channels over the standard streams of a child process: every dial starts one. The path of the endpoint is the program, its
 * option `args` the arguments: `stdio:cat`, `{ uri: "stdio:python3", args: ["worker.py"] }`. Its standard error goes to ours.
 */
export function stdio({ framing = lines(), maxFrameBytes = 2 ** 20 }: StdioOptions = {}): Transport {
  return {
    schemes: ["stdio"],
    traits: { listens: false, drains: true, pauses: true, pings: false, text: false, maxFrameBytes },
    check: (endpoint) => { argsOf(endpoint); },
    async dial(endpoint, { signal, framing: wanted = framing }) {
      signal.throwIfAborted();
      return new ChildChannel(endpoint, await start(endpoint, signal), wanted.start(maxFrameBytes));
    },
  };
}

function argsOf({ path, options: { args = [] } }: Endpoint): readonly string[] {
  if (path === "") throw new OptionError("endpoint", "a program to run, such as 'stdio:cat'", "stdio:");
  if (Array.isArray(args) && args.every((arg) => typeof arg === "string")) return args;
  throw new OptionError("endpoint.args", "an array of strings", args);
}

/** Whatever goes wrong, no process is left behind. */
async function start(endpoint: Endpoint, signal: AbortSignal): Promise<Child> {
  let child: Child | undefined;
  try {
    child = spawn(endpoint.path, argsOf(endpoint), { stdio: ["pipe", "pipe", "inherit"] });
    child.on("error", () => { /* Told below, or no news: a process that is gone cannot be killed. */ });
    await once(child, "spawn", { signal }); // Rejects at an `error`, too.
    return child;
  } catch (cause) {
    child?.kill("SIGKILL");
    signal.throwIfAborted();
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no code";
    throw new ConnectError("HF_DIAL_FAILED", endpoint.label, `could not run ${endpoint.label} (${code}): is it installed, and may we run it?`, { next: "elsewhere", cause });
  }
}
