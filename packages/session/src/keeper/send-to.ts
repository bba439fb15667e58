import { BackpressureError } from "@holdfast/core";
import type { Message } from "../frames/frame.ts";
import { KeeperError } from "./keeper-error.ts";
import type { Office } from "./office.ts";

/** Puts a message for a session into the store, from where it goes out at the keeper that serves it. */
export async function sendTo({ seats, settings }: Office, to: string, message: Message): Promise<void> {
  const seat = seats.find(to);
  const id = seat?.id ?? to;
  if (!/^[\da-f]{32}$/.test(id)) throw new KeeperError("HF_SESSION_ENDED", "no session of this key is or was here: use its id, which every keeper knows", { next: "stop" });
  const answer = await settings.store.append(id, [message]);
  switch (answer.ok) {
    case "committed": seats.find(id)?.channel?.appended(answer.sent); return;
    case "full": throw new BackpressureError("a session has not acknowledged as many bytes as may wait for it: wait, or raise limits.maxBytes");
    case "ended": throw new KeeperError("HF_SESSION_ENDED", `there is no such session (${answer.why}): nobody will ever get this message`, { next: "stop" });
    default: answer satisfies never;
  }
}
