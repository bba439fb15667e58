import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { activeMqIsInstalled, Broker } from "../src/index.ts";

const lives = (pid: number | undefined): boolean => pid !== undefined && existsSync(`/proc/${pid}`);

/** What a broker says to these bytes, until it has said all of `last`, or hangs up, or `patience` ms are over. */
function conversation(broker: Broker, said: string, last: readonly string[], patience = 20_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(broker.stomp).port), "127.0.0.1");
    let heard = "";
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(done, patience);
    socket.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
      if (last.every((words) => heard.includes(words))) done();
    });
    socket.on("close", done).on("error", done).write(said);
  });
}

const hello = (more = ""): string => `CONNECT\naccept-version:1.2\nhost:/\n${more}\n\0`;

describe.skipIf(!activeMqIsInstalled())("a broker", { timeout: 90_000 }, () => {
  it("keeps its messages and its port through a kill, and comes back with them", async () => {
    await using broker = await Broker.start({ name: "phoenix" });
    const { pid, stomp } = broker;
    expect(await conversation(broker, `${hello()}SEND\ndestination:/queue/a\npersistent:true\nreceipt:1\n\nkept\0`, ["RECEIPT\nreceipt-id:1\n"])).toContain("RECEIPT\nreceipt-id:1\n");
    await broker.kill();
    expect([lives(pid), broker.running, broker.stomp]).toEqual([false, false, stomp]);
    await broker.start();
    await broker.serving();
    const heard = await conversation(broker, `${hello()}SUBSCRIBE\nid:1\ndestination:/queue/a\nack:auto\n\n\0`, ["kept\0"]);
    expect(heard).toMatch(/MESSAGE\n[^]*\n\nkept\0/);
  });

  it("marks what it delivered before it was killed as redelivered", async () => {
    await using broker = await Broker.start();
    const subscribe = `${hello()}SUBSCRIBE\nid:1\ndestination:/queue/a\nack:client-individual\n\n\0`;
    const first = await conversation(broker, `${subscribe}SEND\ndestination:/queue/a\npersistent:true\nreceipt:1\n\nonce more\0`, ["RECEIPT\nreceipt-id:1\n", "once more\0"]);
    await broker.kill();
    await broker.start();
    await broker.serving();
    const second = await conversation(broker, subscribe, ["once more\0"]);
    expect([first, second].map((heard) => [heard.includes("once more"), heard.includes("redelivered:true")])).toEqual([[true, false], [true, true]]);
  });

  it("stands still with its port open, goes on, and can be killed while it stands", async () => {
    await using broker = await Broker.start();
    broker.freeze();
    expect([broker.running, broker.frozen, await conversation(broker, hello(), ["\0"], 500)]).toEqual([true, true, ""]);
    broker.thaw();
    await broker.serving();
    expect(broker.frozen).toBe(false);
    broker.freeze();
    await broker.kill();
    expect(broker.running).toBe(false);
  });

  it("lets in only whom it knows, where it was given somebody", async () => {
    await using broker = await Broker.start({ user: { login: "anna", passcode: "secret" } });
    const answers: string[] = [];
    for (let again = 0; again < 4; again += 1) answers.push(await conversation(broker, hello(), ["\0"]));
    // One time in some two hundred it hangs up before its ERROR is out.
    expect(new Set(answers.filter((answer) => answer !== "").map((answer) => answer.split("\n")[0]))).toEqual(new Set(["ERROR"]));
    expect(await conversation(broker, hello("login:anna\npasscode:secret\n"), ["\0"])).toMatch(/^CONNECTED\n/);
  });

  it("leaves no process and no folder behind when it stops, and says what it logged when it cannot start", async () => {
    const broker = await Broker.start();
    const { pid, folder } = broker;
    await broker.stop();
    await broker.stop();
    expect([lives(pid), existsSync(folder)]).toEqual([false, false]);
    await expect(Broker.start({ jvm: ["-XX:NoSuchFlag"] })).rejects.toThrow(/ended before it served:[^]*NoSuchFlag/);
  });
});
