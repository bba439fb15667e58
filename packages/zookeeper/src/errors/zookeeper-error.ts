import { HoldfastError, type ErrorDetails } from "@holdfast/core";
import { codes } from "./codes.ts";

/**
 * What is known about a request that failed.
 *
 * - `failed`: a server answered that it was not done.
 * - `unsent`: it never left, so it was not done.
 * - `unknown`: the connection was lost, or the time was up, before the answer came. It may have been done.
 */
export type Outcome = "failed" | "unsent" | "unknown";

export interface ZooKeeperErrorDetails extends ErrorDetails {
  readonly zkCode?: number;
  readonly operation?: string;
  readonly path?: string;
  readonly outcome?: Outcome;
  readonly index?: number;
}

/** A request that was not answered as hoped. `code` is `ZK_NO_NODE` and the like. */
export class ZooKeeperError extends HoldfastError {
  /** ZooKeeper's number, such as -101; 0 where no server said it and ZooKeeper has none for it. */
  readonly zkCode: number;
  /** `getData` and the like. */
  readonly operation: string;
  /** As the caller wrote it, without the chroot; empty where the operation has none. */
  readonly path: string;
  readonly outcome: Outcome;
  /** Which step of a `multi` it was, from 0. */
  readonly index: number | undefined;

  constructor(code: string, message: string, details: ZooKeeperErrorDetails = {}) {
    super(code, message, details);
    this.zkCode = details.zkCode ?? 0;
    this.operation = details.operation ?? "";
    this.path = details.path ?? "";
    this.outcome = details.outcome ?? "failed";
    this.index = details.index;
  }

  override get name(): string {
    return "ZooKeeperError";
  }
}

/** What an operation was about, for the words of an error. */
export interface Subject { readonly name: string; readonly path: string }

/** The error for a number that a server answered with. */
export function refusal(zkCode: number, { name, path }: Subject, index?: number): ZooKeeperError {
  const [code, words] = codes[zkCode] ?? ["ZK_UNKNOWN_CODE", `the server answered with the number ${zkCode}, which has no name here`];
  return new ZooKeeperError(code, `${about(name, path)}: ${words}`, { zkCode, operation: name, path, ...(index !== undefined && { index }) });
}

export function connectionLoss({ name, path }: Subject, outcome: "unsent" | "unknown", cause?: unknown): ZooKeeperError {
  const words = outcome === "unknown" ? "the connection was lost before the answer came; it may have been done or not" : "no server could be reached in time; it was not sent";
  return new ZooKeeperError("ZK_CONNECTION_LOSS", `${about(name, path)}: ${words}`, { zkCode: -4, operation: name, path, outcome, cause });
}

export function about(name: string, path: string): string {
  return path === "" ? name : `${name} ${path}`;
}
