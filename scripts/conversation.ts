// What a user of @holdfast/core does first, as plain JavaScript for runtimes other than the one of this workspace.
import { spawnSync } from "node:child_process";

/** Imports the entries of core, and holds one conversation over a network in memory. Prints one line where all of it works. */
export const conversation = `
  import { Link, parseEndpoint, text } from "@holdfast/core";
  import { lines } from "@holdfast/core/framing";
  import { retry } from "@holdfast/core/retry";
  import { memoryNetwork } from "@holdfast/testkit";
  const { transport } = memoryNetwork();
  const echo = (channel) => channel.receive({ frame: (frame) => channel.send(frame), drained() {}, pong() {}, closed() {} });
  await retry(() => transport.listen(parseEndpoint("memory://echo"), { accept: echo }));
  const link = new Link({ endpoints: "memory://echo", transports: [transport], protocol: text(), heartbeat: false });
  await link.open();
  link.send("hello");
  for await (const message of link) { if (message === "hello") break; }
  await link.close();
  const framer = lines().start(100);
  framer.push(framer.wrap("whole"), (frame) => { if (new TextDecoder().decode(frame) !== "whole") throw new Error("a frame is broken"); });
  console.log("a link, a retry, a framing and a memory network work");
`;

export interface Runtime {
  readonly program: string;
  /** Make it run a module that it reads from its input. */
  readonly args: readonly string[];
  /** Besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a module as if it were a file of that folder. Undefined where it worked, else why not. */
export function run({ program, args, env }: Runtime, code: string, folder: string): string | undefined {
  const { status, signal, error } = spawnSync(program, args, { cwd: folder, input: code, env: { ...process.env, ...env }, stdio: ["pipe", "inherit", "inherit"], timeout: 20_000 });
  if (status === 0) return undefined;
  return error?.message ?? `ended with ${status ?? signal}`;
}
