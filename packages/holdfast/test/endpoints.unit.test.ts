import { failoverDefaults } from "@holdfast/core/failover";
import { describe, expect, it } from "vitest";
import { dispatch } from "../src/cli/dispatch.ts";

async function run(...given: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const code = await dispatch(["endpoints", ...given], {
    stdout: { write: (text) => { written.stdout += text; } },
    stderr: { write: (text) => { written.stderr += text; } },
  });
  return { code, ...written };
}
/** The last line of what a program is told. */
async function answer(uri: string, ...more: readonly string[]): Promise<{ readonly ok: boolean; readonly dial: readonly string[]; readonly options: Readonly<Record<string, unknown>>; readonly code: string; readonly error: string }> {
  const { stdout } = await run(uri, "--json", ...more);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Awaited<ReturnType<typeof answer>>; // The shape is what is tested.
}
const secrets = "failover:(tcp://user:s3cret@a:1?token=s3cret&x=1,ws://b/feed?s3cret,user:s3cret@c,static:(ws://u:s3cret@d/?y=s3cret)?sig=123)?nested.password=12345&nested.s3cret&updateURIsURL=http://u:s3cret@e/list%3Fkey=s3cret&priorityURIs=tcp://user:s3cret@a:1,b:2";

describe("holdfast endpoints --json", () => {
  it("tells what is dialled and what every option says", async () => {
    expect(await answer("failover:(tcp://a:1?keepAlive=true,tcp://b:2,tcp://a:1?keepAlive=true,)?randomize=FALSE&nested.soTimeout=5000&maxReconnectDelay=7")).toEqual({
      ok: true,
      dial: ["tcp://a:1?keepAlive=true&soTimeout=5000", "tcp://b:2?soTimeout=5000"],
      options: { ...failoverDefaults, randomize: false, maxReconnectDelay: 7, "nested.soTimeout": "5000" },
    });
    expect(Object.keys((await answer("failover:(a:1)")).options)).toHaveLength(20);
  });

  it("knows options that no link can do yet", async () => {
    expect((await answer("failover:(a:1)?backup=true&updateURIsURL=file:/data/a%2Bb.csv&priorityURIs=b:2")).options).toMatchObject({ backup: true, updateURIsURL: "file:/data/a+b.csv", priorityURIs: "b:2" });
  });

  it("tells why a list is refused, with exit code 2", async () => {
    const { code, stdout, stderr } = await run("failover:tcp://a:1?randomize=false", "--json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ ok: false, code: "HF_BAD_OPTION", error: expect.stringContaining("must be behind parentheses") });
    expect(await answer("tcp://a:1")).toMatchObject({ ok: false, code: "HF_BAD_OPTION" });
  });

  it("hides what may be secret, and shows it when asked to", async () => {
    const shy = await answer(secrets);
    expect(shy.dial).toEqual(["tcp://…@a:1?token=…&x=1&password=…&s3cret", "ws://b/feed?…&password=…&s3cret", "user:…", "static:(ws://…@d/?y=…&password=…&s3cret)?sig=…"].map((member) => member.replaceAll("&s3cret", "&…")));
    expect(shy.options).toMatchObject({ updateURIsURL: "http://…@e/list?key=…", priorityURIs: "tcp://…@a:1,b:2", "nested.password": "…" });
    expect(JSON.stringify(shy)).not.toContain("s3cret");
    const open = await answer(secrets, "--show-secrets");
    expect(open.dial[0]).toBe("tcp://user:s3cret@a:1?token=s3cret&x=1&password=12345&s3cret");
    expect(open.options).toMatchObject({ updateURIsURL: "http://u:s3cret@e/list?key=s3cret", "nested.password": "12345", "nested.s3cret": null });
  });
});

describe("holdfast endpoints", () => {
  it("shows a table, and what is ActiveMQ's default in it or beyond our links", async () => {
    const { code, stdout } = await run("failover:(a:1,b:2)?backup=true&trackMessages=true&trackTransactionProducers=true&reconnectSupported=true&timeout=5");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Dialled in this order.*\n {2}1 {2}a:1\n {2}2 {2}b:2\n\nOptions\n {2}initialReconnectDelay +10 {2}\(ActiveMQ's default\)\n/);
    expect(stdout).toMatch(/\n {2}timeout +5\n {2}backup +true\n[^]*\n {2}trackMessages +true\n[^]*\n {2}trackTransactionProducers +true {2}\(not supported by links yet\)\n[^]*\n {2}reconnectSupported +true {2}\(together with `accept` in code\)\n/);
  });

  it("hides what may be secret there, too, and nothing in it moves the cursor", async () => {
    expect((await run(secrets)).stdout).not.toContain("s3cret");
    expect((await run(secrets, "--show-secrets")).stdout).toContain("s3cret");
    expect((await run("failover:(ws://a/\u202E)?nested.x=%1b[2J", "--show-secrets")).stdout).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
  });

  it.each([
    [["failover:(tcp://u:s3cret@a:99999)"], /^holdfast: endpoints must be made of URIs with ports.*\[HF_BAD_OPTION\]\nRead more with: holdfast endpoints --help\n$/],
    [[], /^holdfast: endpoints needs a list to explain/],
    [["failover:(a:1)", "b:2"], /^holdfast: endpoints explains one list: put it in quotes/],
    [["failover:(a:1)", "--jsn"], /no option --jsn\. Did you mean --json\?/],
  ])("explains a mistake, with exit code 2: %j", async (given, message) => {
    const { code, stdout, stderr } = await run(...given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("s3cret");
  });

  it("has a help with examples, in lines that fit", async () => {
    const { stdout } = await run("--help");
    expect(stdout).toMatch(/^holdfast endpoints <uri>\n[^]*--show-secrets[^]*Examples\n/);
    expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });
});
