import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Listens, says on which port or path, and never accepts. */
const script = `
  const server = require("node:net").createServer();
  server.listen({ ...JSON.parse(process.argv[1]), backlog: 1 }, () => {
    require("node:fs").writeSync(1, JSON.stringify(server.address()));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A server whose queue of connections to be accepted is full: a dial over TCP hangs, one to a Unix socket fails with EAGAIN. */
export async function deaf(at: { readonly path: string } | { readonly host: string; readonly port: 0 }): Promise<{ readonly port: number } & AsyncDisposable> {
  const child = spawn(process.execPath, ["-e", script, JSON.stringify(at)], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const address = JSON.parse(said.toString()) as string | { readonly port: number }; // A string is the path.
  const port = typeof address === "string" ? 0 : address.port;
  const sockets: Socket[] = [];
  for (let full = false; !full;) {
    const socket = connect(typeof address === "string" ? { path: address } : { host: "127.0.0.1", port });
    sockets.push(socket);
    // A connection on the loopback takes well below a millisecond.
    full = await Promise.race([
      once(socket, "connect").then(() => false, () => true),
      new Promise<boolean>((resolve) => { setTimeout(resolve, 100, true); }),
    ]);
    socket.on("error", () => {});
  }
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
