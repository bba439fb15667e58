import { describe, expect, it } from "vitest";
import { dispatch } from "../src/cli/dispatch.ts";

async function run(given: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const code = await dispatch(given, {
    stdout: { write: (text) => { written.stdout += text; } },
    stderr: { write: (text) => { written.stderr += text; } },
  });
  return { code, ...written };
}

describe("a mistake", () => {
  it.each([
    [["watch", "ws://h", "--prtocol", "json"], /^holdfast: watch has no option --prtocol\. Did you mean --protocol\?\nRead more with: holdfast watch --help\n$/],
    [["wacth", "ws://h"], /^holdfast: there is no command wacth\. Did you mean watch\?\nRead more with: holdfast --help\n$/],
    [["ws://h"], /^holdfast: first say what to do with it: holdfast watch <uri>, or holdfast serve <uri>\nRead more with: holdfast --help\n$/],
    [["help", "wacth"], /^holdfast: there is no command wacth\. Did you mean watch\?\nRead more with: holdfast --help\n$/],
    [["watch", "127.0.0.1:3000"], /^holdfast: .*tcp:\/\/127\.0\.0\.1:3000.*ws:\/\/127\.0\.0\.1:3000.* \[HF_BAD_OPTION\]\n/],
    [["watch", "tcp://h:1", "--heartbeat", "lan"], /^holdfast: .*nobody can ping.* \[HF_BAD_OPTION\]\n/],
    [["serve"], /^holdfast: serve needs to know where to listen: holdfast serve ws:/],
    [["serve", "mqtt://h:1"], /^holdfast: the address to listen on must be of one of the schemes tcp, tls, unix, ws, wss, got "mqtt:\/\/h:1" \[HF_BAD_OPTION\]\n/],
    [["serve", "127.0.0.1:7000"], /^holdfast: the address to listen on must be a URI with a scheme/],
    [["serve", "tcp://127.0.0.1:0", "--heartbeat", "lan"], /^holdfast: .*nobody can ping.* \[HF_BAD_OPTION\]\n/],
    [["serve", "ws://h", "--send", "x"], /^holdfast: serve has no option --send\./],
  ])("in %j is explained, with exit code 2", async (given, message) => {
    const { code, stdout, stderr } = await run(given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("of asking for nothing shows what there is", async () => {
    const { code, stderr } = await run([]);
    expect(code).toBe(2);
    expect(stderr).toContain("holdfast watch <uri>…");
  });
});

describe("help", () => {
  it.each([[["--help"]], [["-h"]], [["help"]]])("by %j shows the commands", async (given) => {
    const { code, stdout, stderr } = await run(given);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Commands\n");
  });

  it.each([[["watch", "--help"]], [["watch", "ws://h", "-h"]], [["help", "watch"]], [["--help", "watch"]], [["serve", "--help"]]])("by %j explains a command with examples", async (given) => {
    const { code, stdout } = await run(given);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^holdfast (?:watch|serve) <uri>…\n[^]*Options\n[^]*--heartbeat[^]*Examples\n/);
    expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });
});
