import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Listens, says on which port, and never accepts. */
const script = `
  const server = require("node:net").createServer();
  server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A port of the loopback where a dial hangs: the queue of the connections to be accepted is full. */
export async function deafPort(): Promise<{ readonly uri: string } & AsyncDisposable> {
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const sockets: Socket[] = [];
  for (let full = false; !full;) {
    const socket = connect(Number(port.toString()), "127.0.0.1").on("error", () => {});
    sockets.push(socket);
    // A connection on the loopback takes well below a millisecond.
    full = await Promise.race([once(socket, "connect").then(() => false), new Promise<boolean>((resolve) => { setTimeout(resolve, 100, true); })]);
  }
  return {
    uri: `tcp://127.0.0.1:${port.toString()}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
