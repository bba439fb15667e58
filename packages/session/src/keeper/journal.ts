import type { Logger } from "@holdfast/core";
import type { KeeperEvents } from "./keeper-events.ts";

type Texts = { readonly [Name in keyof KeeperEvents]: (event: KeeperEvents[Name][0]) => Line };
interface Line { readonly level: "debug" | "info" | "warn"; readonly message: string; readonly details?: Readonly<Record<string, unknown>> }

const short = ({ key }: { readonly key: string }): string => key.slice(0, 8);

const texts: Texts = {
  session: ({ session }) => ({ level: "info", message: `session ${short(session)} is here` }),
  attached: ({ session, remote, restarted }) => ({ level: "info", message: `session ${short(session)} is attached from ${remote.label}`, details: { restarted, epoch: session.epoch } }),
  detached: ({ session, remote, error }) => ({ level: "info", message: `session ${short(session)} is detached from ${remote.label}`, details: codeOf(error) }),
  moved: ({ session, remote, to, epoch }) => ({ level: "info", message: `session ${short(session)} moved from ${remote.label} to ${to?.label ?? "elsewhere"}`, details: { epoch } }),
  expired: (event) => ({ level: "info", message: `session ${short(event)} has expired` }),
  closed: ({ session, why }) => ({ level: "info", message: `session ${short(session)} is over (${why})` }),
  refused: ({ remote, why, code }) => ({ level: "warn", message: `${remote.label} was refused (${why})`, details: { refusal: code } }),
  failed: ({ error, session }) => ({ level: "warn", message: error.message, details: { code: error.code, ...(session && { session: short(session) }) } }),
  dropped: ({ session, count, uncertain }) => ({ level: "warn", message: `${count} messages for session ${short(session)} were ${uncertain ? "perhaps not " : "not "}kept` }),
};

/** Writes events to a logger, without secrets. A logger that throws is ignored: logging breaks nothing. */
export function journal<Name extends keyof KeeperEvents>(logger: Logger | undefined, name: Name, event: KeeperEvents[Name][0]): void {
  if (logger === undefined) return;
  try {
    const { level, message, details } = texts[name](event);
    logger({ level, event: name, message, ...details });
  } catch { /* The logger's own trouble. */ }
}

function codeOf(error: Error | undefined): Readonly<Record<string, unknown>> {
  return error !== undefined && "code" in error ? { code: error.code } : {};
}
