export { retry, type FailedTry, type RetryOptions } from "./retry.ts";
export type { Try } from "./one-try.ts";
