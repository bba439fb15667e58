/** One line of a log, structured. Values are plain and hold no secrets. */
export interface LogRecord {
  readonly level: "debug" | "info" | "warn";
  /** The link event it comes from, or `unreachable` for the warning about a list nobody answers on. */
  readonly event: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

/** Called with each record. A logger that throws is ignored: logging never breaks a link. */
export type Logger = (record: LogRecord) => void;
