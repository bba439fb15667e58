import { join } from "node:path";
import { Server } from "@holdfast/server";
import { Keeper, type SessionStore } from "@holdfast/session/keeper";
import { tcp } from "@holdfast/tcp";
import { Ledger } from "./ledger.ts";

export interface Service { readonly uri: string; crash(): Promise<void> }

/** A server that writes the number of each message to disk, and answers. What it does to the file and what the store knows are two steps, and it may die between them. */
export async function serve(store: SessionStore, uri: string, folder: string): Promise<Service> {
  const handled = new Ledger(join(folder, "handled"));
  const repeated = new Ledger(join(folder, "repeated"));
  const keeper = new Keeper({
    store,
    handle: (message, { session, sequence }) => {
      if (sequence > handled.last) handled.write(Number(message));
      else repeated.write(sequence);
      session.send(String(sequence)); // Into the store in the same step as that the message is handled.
    },
  });
  const server = new Server({ protocol: keeper.protocol });
  const { endpoint } = await server.listen(tcp(), uri);
  return {
    uri: endpoint.uri,
    async crash() {
      for (const peer of server.peers.values()) peer.abort(new Error("crashed"));
      await server.close({ within: 0 });
      await keeper.close({ within: 0 });
    },
  };
}
