import { createClient, CreateMode, type Option, State } from "node-zookeeper-client";
import type { Session, SessionOptions } from "./session.ts";

/** It takes them, and its types do not say so. */
interface Options extends Partial<Option> {
  sessionId?: Buffer;
  sessionPassword?: Buffer;
}

/** npm `node-zookeeper-client`, with its defaults. */
export function nodeZooKeeperClientSession({ servers, timeout, ticket, hearer }: SessionOptions): Session {
  const given = ticket === undefined ? undefined : JSON.parse(ticket) as { id: string; password: string }; // Of `ticket()` below.
  const options: Options = { sessionTimeout: timeout, ...(given && { sessionId: Buffer.from(given.id, "hex"), sessionPassword: Buffer.from(given.password, "base64") }) };
  const client = createClient(servers, options);
  const attached = Promise.withResolvers<void>();
  client.on("state", (state: State) => {
    if (state === State.SYNC_CONNECTED) {
      hearer.attached();
      attached.resolve();
    } else if (state === State.DISCONNECTED) {
      hearer.lost();
    } else if (state === State.EXPIRED || state === State.AUTH_FAILED) {
      hearer.over(state.name);
    }
  });
  return {
    open: () => {
      client.connect();
      return attached.promise;
    },
    get id() { return client.getSessionId().toString("hex").replace(/^0+/, ""); },
    ticket: () => JSON.stringify({ id: client.getSessionId().toString("hex"), password: client.getSessionPassword().toString("base64") }),
    get: (path, done) => { client.getData(path, done); },
    set: (path, data, done) => { client.setData(path, data, done); },
    createEphemeral: (path, done) => { client.create(path, CreateMode.EPHEMERAL, done); },
    watch: (path, fired, done) => { client.getData(path, fired, done); },
    close: () => { client.close(); },
  };
}
