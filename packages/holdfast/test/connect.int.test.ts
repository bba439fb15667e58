import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../src/index.ts";
import { echoOverTcp, echoOverWebSocket } from "./plain-servers.ts";

const here = fileURLToPath(new URL("..", import.meta.url));

describe("five lines", () => {
  it("survive the crash of a plain server, where there is a second one", async () => {
    const servers = [await echoOverWebSocket({ say: ["from the first"] }), await echoOverWebSocket({ say: ["from the second"] })] as const;
    const program = `
      import { connect } from "holdfast";
      const link = connect("${servers[0].uri},${servers[1].uri}");
      link.on("message", console.log);
      await link.ready();
      link.send("hi");
    `;
    const child = spawn(process.execPath, ["--conditions=@holdfast/source", "--input-type=module", "--eval", program], { cwd: here, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(async () => {
      if (child.exitCode === null && child.signalCode === null && child.kill()) await once(child, "close");
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await lines.next()).value;
    const greeting = await next();
    expect(await next()).toBe("hi");
    const [used, spare] = greeting === "from the first" ? [servers[0], "from the second"] : [servers[1], "from the first"];
    await used.kill();
    expect(await next()).toBe(spare);
  });
});

describe("connect() over real sockets", () => {
  it("prints strings over WebSocket, and bytes where the peer sent bytes", async () => {
    const { uri } = await echoOverWebSocket({ say: ["text", Uint8Array.of(1, 2)] });
    const link = connect(uri);
    onTestFinished(() => link.close());
    const [text, bytes] = [await nextMessage(link), await nextMessage(link)];
    expect(text).toBe("text");
    expect(new Uint8Array(bytes as Uint8Array)).toEqual(Uint8Array.of(1, 2));
  });

  it("prints a string per line over TCP", async () => {
    const { uri } = await echoOverTcp();
    const link = connect(uri, { heartbeat: false });
    onTestFinished(() => link.close());
    link.send("one");
    link.send("Grüße");
    expect([await nextMessage(link), await nextMessage(link)]).toEqual(["one", "Grüße"]);
  });

  it("hands options on to the transports", async () => {
    const { uri } = await echoOverWebSocket({ say: ["x".repeat(100)] });
    const link = connect(uri, { websocket: { maxFrameBytes: 10 }, maxAttempts: 1 });
    onTestFinished(() => link.close());
    const [{ error }] = await once(link as never, "disconnected") as [{ error?: { code: string } }];
    expect(error?.code).toBe("HF_FRAME_TOO_LONG");
  });
});

async function nextMessage(link: ReturnType<typeof connect>): Promise<unknown> {
  for await (const message of link) return message;
  throw new Error("the link ended");
}
