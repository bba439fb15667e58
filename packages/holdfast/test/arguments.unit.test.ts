import { describe, expect, it } from "vitest";
import { choice, jsonValue, numeric, readArguments, type Command } from "../src/cli/arguments.ts";
import { nearest } from "@holdfast/core/engine";
import { resembles } from "../src/cli/speech.ts";
import { watchSettings } from "../src/cli/watch-options.ts";

const command: Command = {
  name: "fetch", operands: "<what>", summary: "", details: [], examples: [],
  options: [
    { name: "count", short: "c", value: "<n>", help: "" },
    { name: "colour", value: "<name>", help: "" },
    { name: "json", help: "" },
    { name: "send", value: "<text>", help: "" },
  ],
};

describe("arguments", () => {
  it("are operands, switches and values, in any order", () => {
    const read = readArguments(command, ["--count", "3", "a", "--json", "b", "--send=x", "--send", "y", "-c4"]);
    expect(read.operands).toEqual(["a", "b"]);
    expect(read.has("json")).toBe(true);
    expect(read.has("colour")).toBe(false);
    expect(read.values("send")).toEqual(["x", "y"]);
    expect(read.value("count")).toBe("4");
  });

  it("are all operands behind --", () => {
    expect(readArguments(command, ["--", "--json"]).operands).toEqual(["--json"]);
  });

  it.each([
    [["--cuont", "3"], "fetch has no option --cuont. Did you mean --count?"],
    [["--jsn"], "fetch has no option --jsn. Did you mean --json?"],
    [["--bananas"], "fetch has no option --bananas."],
    [["-x"], "fetch has no option -x."],
    [["--count"], "--count needs a value: --count <n>"],
    [["--send", "--json"], "--send needs a value: --send <text>"],
    [["--json=yes"], "--json is a switch and takes no value"],
  ])("%j is refused with a way out", (given, message) => {
    expect(() => readArguments(command, given)).toThrow(message);
  });

  it("take a value that begins with a dash where it is meant", () => {
    expect(readArguments(command, ["--send", "-1"]).value("send")).toBe("-1");
    expect(readArguments(command, ["--send=--json"]).value("send")).toBe("--json");
  });

  it("that are one of a few words suggest the nearest", () => {
    const read = readArguments(command, ["--colour", "geen"]);
    expect(() => choice(read, "colour", ["red", "green"])).toThrow("--colour must be one of red, green, got \"geen\". Did you mean green?");
    expect(choice(readArguments(command, []), "colour", ["red"])).toBeUndefined();
  });

  it.each(["", "0", "-1", "1.5", "x", "Infinity", "1e400"])("refuse %j as a count", (text) => {
    const read = readArguments(command, [`--count=${text}`]);
    expect(() => numeric(read, "count", { least: 1, whole: true })).toThrow("--count must be a whole number of at least 1");
  });

  it("that are JSON say how to write it", () => {
    expect(jsonValue(readArguments(command, ["--send", "{\"a\":1}"]), "send")).toEqual({ a: 1 });
    expect(() => jsonValue(readArguments(command, ["--send", "ping"]), "send")).toThrow("--send must be JSON, such as '{\"type\":\"ping\"}' or '\"ping\"' with its quotes, got ping");
  });
});

describe("nearest()", () => {
  it.each([
    ["prtocol", "protocol"], ["PROTOCOL", "protocol"], ["protocoll", "protocol"], ["hearbeat", "heartbeat"], ["cuont", "count"],
  ])("%s is %s", (word, near) => {
    expect(nearest(word, ["heartbeat", "protocol", "count"])).toBe(near);
  });

  it("is nothing where nothing is near, however long the word", () => {
    expect(nearest("zebra", ["heartbeat", "count"])).toBeUndefined();
    expect(nearest("x".repeat(100_000), ["heartbeat", "count"])).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });
});

describe("the settings of watch", () => {
  it("have defaults for everything but the endpoint", () => {
    const settings = watchSettings(["ws://a,ws://b"]);
    expect(settings).toMatchObject({ endpoints: "ws://a,ws://b", heartbeat: undefined, greetings: [], interactive: false, json: false, messages: Infinity, runFor: Infinity, maxAttempts: Infinity });
    expect(settings.speech.protocol).toBeUndefined();
  });

  it("take several operands as a failover list", () => {
    expect(watchSettings(["ws://a", "tcp://b:1"]).endpoints).toEqual(["ws://a", "tcp://b:1"]);
  });

  it("turn off the heartbeat, and count seconds", () => {
    expect(watchSettings(["ws://a", "--heartbeat", "off", "--for", "1.5"])).toMatchObject({ heartbeat: false, runFor: 1_500 });
  });

  it("encode what is sent as the protocol has it", () => {
    expect(watchSettings(["ws://a", "--protocol", "json", "--send", "[1]"]).greetings).toEqual([[1]]);
    expect(watchSettings(["ws://a", "--protocol", "bytes", "--send", "hi"]).greetings).toEqual([Uint8Array.of(104, 105)]);
  });

  it.each([
    [[], "watch needs to know where to connect"],
    [["ws://a", "--ping", "1"], "--ping and --pong go together"],
    [["ws://a", "--ping", "1", "--pong", "2"], "--ping and --pong need --protocol json: text has no such messages"],
    [["ws://a", "--protocol", "json", "--send", "hi"], "a message must be JSON"],
    [["ws://a", "--protocol", "jsn"], "Did you mean json?"],
    [["ws://a", "--heartbeat", "fast"], "--heartbeat must be one of wan, lan, mobile, off"],
  ])("refuse %j", (given, message) => {
    expect(() => watchSettings(given)).toThrow(message);
  });
});

describe("a pong", () => {
  it("is recognised by what it must contain", () => {
    expect(resembles({ type: "pong", at: 5 }, { type: "pong" })).toBe(true);
    expect(resembles({ type: "data" }, { type: "pong" })).toBe(false);
    expect(resembles("pong", "pong")).toBe(true);
    expect(resembles(null, { type: "pong" })).toBe(false);
    expect(resembles({ a: { b: [1, 2] } }, { a: { b: [1] } })).toBe(true);
    expect(resembles({ 0: 1 }, [1])).toBe(false);
  });

  it("is not recognised by what every object inherits", () => {
    expect(resembles({}, JSON.parse("{\"toString\":null}"))).toBe(false);
  });
});
