import { StoreError } from "../store/store-error.ts";

/**
 * What went wrong, without what was passed to Redis: its error replies may quote the arguments. Of those only the first word is told (`OOM`, `READONLY`,
 * `CLUSTERDOWN` …); errors of the connection name no arguments, and are kept as the cause.
 */
export function failure(call: string, error: unknown): StoreError {
  const word = error instanceof Error ? /^([A-Z]{2,}) /.exec(error.message)?.[1] : undefined;
  if (word !== undefined) return new StoreError("HF_STORE_FAILED", `Redis answered ${word} to "${call}": ${advice(word)}`, { next: "elsewhere" });
  return new StoreError("HF_STORE_FAILED", `Redis could not be asked for "${call}": whether it happened is unknown`, { next: "elsewhere", cause: error });
}

export function noAnswer(call: string, within: number): StoreError {
  return new StoreError("HF_STORE_FAILED", `Redis did not answer "${call}" within ${within} ms: whether it happened is unknown`, { next: "elsewhere" });
}

function advice(word: string): string {
  switch (word) {
    case "OOM": return "it has no memory left; raise maxmemory, or open fewer sessions. Nothing was changed";
    case "READONLY": return "a replica was asked; the client has not yet found the new master";
    case "CLUSTERDOWN": case "TRYAGAIN": case "MASTERDOWN": case "LOADING": return "it will answer again later";
    case "NOAUTH": case "NOPERM": case "WRONGPASS": return "the client's user may not run scripts on the store's keys and channels";
    default: return "see the log of the server";
  }
}
