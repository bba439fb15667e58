import type { CreateMode } from "../records/create-mode.ts";
import { isEphemeral } from "../records/create-mode.ts";
import type { Step, StepResult } from "../operations/multi.ts";

/** The ephemeral nodes made through this client, without the chroot: what is gone when the session is. */
export class Ephemerals {
  readonly #paths = new Set<string>();

  created(path: string, mode: CreateMode = "persistent"): void {
    if (isEphemeral(mode)) this.#paths.add(path);
  }

  deleted(path: string): void {
    this.#paths.delete(path);
  }

  /** All steps of a multi were done. */
  stepped(steps: readonly Step[], results: readonly StepResult[]): void {
    for (const [index, result] of results.entries()) {
      const step = steps[index];
      if (result.type === "create" && step?.type === "create") this.created(result.path, step.mode);
      if (step?.type === "delete") this.deleted(step.path);
    }
  }

  /** They went with the session. */
  take(): readonly string[] {
    const paths = [...this.#paths];
    this.#paths.clear();
    return paths;
  }
}
