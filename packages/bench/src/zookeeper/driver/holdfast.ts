import { ZooKeeper } from "@holdfast/zookeeper";
import type { Done, Session, SessionOptions } from "./session.ts";

/** Ours, with its defaults. */
export function holdfastSession({ servers, timeout, ticket, hearer }: SessionOptions): Session {
  const zk = new ZooKeeper({ servers, sessionTimeout: timeout, logger: false, ...(ticket !== undefined && { ticket }) });
  zk.on("connected", () => { hearer.attached(); });
  zk.on("disconnected", () => { hearer.lost(); });
  zk.on("closed", ({ error }) => { hearer.over(error?.code ?? "closed"); });
  return {
    open: () => zk.open(),
    get id() { return BigInt.asUintN(64, zk.sessionId).toString(16); },
    ticket: () => zk.ticket() ?? "",
    get: (path, done) => { tell(zk.getData(path), done); },
    set: (path, data, done) => { tell(zk.setData(path, data), done); },
    createEphemeral: (path, done) => { tell(zk.create(path, undefined, { mode: "ephemeral" }), done); },
    watch: (path, fired, done) => { tell(zk.getData(path, { watch: fired }), done); },
    close: () => { void zk.close(); },
  };
}

function tell(answer: Promise<unknown>, done: Done): void {
  answer.then(() => { done(); }, done); // oxlint-disable-line promise/no-callback-in-promise -- the others have callbacks.
}
