import { ConnectError } from "../errors/connect-error.ts";
import type { LinkReport } from "../machine/link-state.ts";
import type { Millis } from "../ports/clock.ts";

/** A dial that ended without an error: in time, or by a peer that hung up on us, or, when it was to be moved to, sends us on. */
export function noGreeting({ endpoint, stage, cause }: Extract<LinkReport, { name: "failed" }>, dialTimeout: Millis): ConnectError {
  if (stage === "spare") return new ConnectError("HF_REFUSED", endpoint, `${endpoint} ended the channel that was kept in reserve, or gave no sign of life`);
  if (stage === "standby") return new ConnectError("HF_REFUSED", endpoint, `${endpoint} greeted us and left before we could move to it`);
  if (cause !== "timeout") return new ConnectError("HF_REFUSED", endpoint, `${endpoint} accepted the connection and closed it before the greeting was done: is it the right port, and the right protocol?`);
  const what = stage === "greeting" ? `${endpoint} accepted the connection but sent no greeting` : stage === "dialing" ? `${endpoint} did not answer` : "the endpoint source gave no list";
  return new ConnectError("HF_DIAL_TIMEOUT", endpoint, `${what} within ${dialTimeout} ms`);
}
