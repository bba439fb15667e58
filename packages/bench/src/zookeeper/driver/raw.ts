import { RawClient } from "../raw/raw-client.ts";
import type { Done, Session, SessionOptions } from "./session.ts";

/** The floor as a session: the first server of the list, and never another. */
export function rawSession({ servers, timeout, ticket, hearer }: SessionOptions): Session {
  const port = Number(servers.split(",")[0]?.split(":")[1]);
  const given = ticket === undefined ? undefined : JSON.parse(ticket) as { id: string; password: string }; // Of `ticket()` below.
  const client = new RawClient({ port, timeout, ...(given && { session: { id: BigInt.asIntN(64, BigInt(`0x${given.id}`)), password: Buffer.from(given.password, "base64") } }) });
  const id = (): string => BigInt.asUintN(64, client.id).toString(16);
  const then = (done: Done) => (error: number): void => { done(error === 0 ? undefined : error); };
  client.onClosed = () => {
    hearer.lost();
    hearer.over("no reconnect");
  };
  return {
    open: async () => {
      await client.opened;
      hearer.attached();
    },
    get id() { return id(); },
    ticket: () => JSON.stringify({ id: id(), password: client.password.toString("base64") }),
    get: (path, done) => { client.get(path, then(done)); },
    set: (path, data, done) => { client.set(path, data, then(done)); },
    createEphemeral: (path, done) => { client.create(path, Buffer.alloc(0), 1, then(done)); },
    watch: (path, fired, done) => {
      client.onEvent = fired;
      client.get(path, then(done), true);
    },
    close: () => { client.close(); },
  };
}
