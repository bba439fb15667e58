// A program that ends with us: however this Node process ends, by SIGKILL too, the program is killed and its folder removed. A small
// shell stands between: the pipe to it closes when we end, and it is the parent of the program, so that an id that we signal
// belongs to the program until the shell has told us of the end.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";

export interface OwnedProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Removed, when we end and the program had to be killed. It is left alone when the program ends first. */
  readonly folder: string;
  /** What the program writes is appended here. */
  readonly log: string;
}

/** Reads until the pipe ends, kills, and says by 42 that it was the one who did. */
const supervisor = `
folder=$1; shift
exec 4<&0
"$@" 3>&- 4<&- & program=$!
(while read -r _ <&4; do :; done; trap '' TERM; kill -KILL $program; exit 42) 3>&- & watcher=$!
exec 4<&-
echo $program >&3; exec 3>&-
wait $program; code=$?
kill -TERM $watcher; wait $watcher
if [ $? = 42 ]; then rm -rf "$folder"; fi
exit $code
`;

export class OwnedProcess {
  readonly #shell: ChildProcess;
  readonly #pid: number;
  readonly #ended: Promise<void>;

  private constructor(shell: ChildProcess, pid: number, ended: Promise<void>) {
    this.#shell = shell;
    this.#pid = pid;
    this.#ended = ended;
  }

  static async start({ program, args, folder, log }: OwnedProcessOptions): Promise<OwnedProcess> {
    const file = openSync(log, "a");
    try {
      // A session of its own: a terminal's Ctrl-C is for us, and we decide what becomes of the program.
      const shell = spawn("/bin/sh", ["-c", supervisor, "test-server", folder, program, ...args], { stdio: ["pipe", file, file, "pipe"], detached: true, cwd: folder });
      shell.stdin?.on("error", () => { /* The shell has ended, and `exit` says so. */ });
      // Asked for at once: a program that ends quickly must not be missed.
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      shell.on("exit", () => { resolve(); });
      await once(shell, "spawn");
      const pid = Number(await text(shell.stdio[3] as NodeJS.ReadableStream)); // A pipe that is read, as ordered.
      if (!(pid > 1)) throw new Error(`${program} could not be started: the shell named no process id`);
      return new OwnedProcess(shell, pid, ended);
    } finally {
      closeSync(file);
    }
  }

  get pid(): number {
    return this.#pid;
  }

  get running(): boolean {
    return this.#shell.exitCode === null && this.#shell.signalCode === null;
  }

  /** Resolves when it has ended, whoever ended it. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM"): void {
    if (!this.running) return;
    try {
      process.kill(this.#pid, name);
    } catch (error) {
      // It ended just now, and the news is on its way.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Resolves when it is gone, and nothing of it holds a port. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
  }
}
