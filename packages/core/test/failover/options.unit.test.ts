import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors/option-error.ts";
import { parseFailover } from "../../src/failover/failover-uri.ts";
import { failoverDefaults, rows } from "../../src/failover/option-table.ts";

const read = (query: string): object => parseFailover(`failover:(a:1)?${query}`).options;
function refusal(query: string): readonly [option: string, expected: string] {
  try {
    read(query);
  } catch (error) {
    if (error instanceof OptionError) return [error.option, error.message.slice(error.option.length + 9)];
    throw error;
  }
  return ["accepted", ""];
}

describe("an option of a failover: URI", () => {
  it.each<[string, object]>([
    ["initialReconnectDelay=0&maxReconnectDelay=%2B9&reconnectDelayExponent=1.5&useExponentialBackOff=FALSE", { initialReconnectDelay: 0, maxReconnectDelay: 9, reconnectDelayExponent: 1.5, useExponentialBackOff: false }],
    ["maxReconnectAttempts=-1&startupMaxReconnectAttempts=0&warnAfterReconnectAttempts=-7", { maxReconnectAttempts: -1, startupMaxReconnectAttempts: 0, warnAfterReconnectAttempts: -7 }],
    ["randomize=false&timeout=-1&timeout=3000", { randomize: false, timeout: 3_000 }],
    ["backup=true&backupPoolSize=2&priorityBackup=True&priorityURIs=tcp://a:1,b:2", { backup: true, backupPoolSize: 2, priorityBackup: true, priorityURIs: "tcp://a:1,b:2" }],
    ["trackMessages=true&maxCacheSize=0&trackTransactionProducers=false", { trackMessages: true, maxCacheSize: 0, trackTransactionProducers: false }],
    ["updateURIsSupported=false&updateURIsURL=file:/a%2Bb&rebalanceUpdateURIs=true&reconnectSupported=false", { updateURIsSupported: false, updateURIsURL: "file:/a+b", rebalanceUpdateURIs: true, reconnectSupported: false }],
    ["Randomize=false&BackupPoolSize=3", { randomize: false, backupPoolSize: 3 }],
    ["maxReconnectDelay=9007199254740991&maxReconnectAttempts=2147483647", { maxReconnectDelay: 9_007_199_254_740_991, maxReconnectAttempts: 2_147_483_647 }],
  ])("has its type: %s", (query, options) => {
    expect(read(query)).toEqual(options);
  });

  it.each<[string, string, RegExp]>([
    ["initialReconnectDelay=-5", "initialReconnectDelay", /of at least 0 \(ActiveMQ takes a negative one for no wait at all\), got "-5"$/],
    ["maxReconnectDelay=5s", "maxReconnectDelay", /a whole number of ms.*got "5s"$/],
    ["maxReconnectDelay=1.5", "maxReconnectDelay", /a whole number of ms.*got "1\.5"$/],
    ["maxReconnectDelay=9007199254740992", "maxReconnectDelay", /a whole number/],
    ["maxReconnectDelay=+5", "maxReconnectDelay", /got "…"$/],
    ["initialReconnectDelay=0x10", "initialReconnectDelay", /got "0x10"$/],
    ["reconnectDelayExponent=0", "reconnectDelayExponent", /at least 1, such as 2 or 1\.5 \(with less, ActiveMQ's waits shrink to nothing\), got "0"$/],
    ["reconnectDelayExponent=NaN", "reconnectDelayExponent", /at least 1.*got "NaN"$/],
    [`reconnectDelayExponent=${"9".repeat(400)}`, "reconnectDelayExponent", /at least 1.*got "…"$/],
    ["maxReconnectAttempts=-2", "maxReconnectAttempts", /-1 \(for ever\), 0 \(never\).*any other negative number for 1\), got "-2"$/],
    ["startupMaxReconnectAttempts=2147483648", "startupMaxReconnectAttempts", /up to 2147483647/],
    ["warnAfterReconnectAttempts=x", "warnAfterReconnectAttempts", /0: no warnings, got "x"$/],
    ["timeout=0", "timeout", /at least 1 \(ActiveMQ takes 0 for endless, too\), got "0"$/],
    ["timeout=-2", "timeout", /got "-2"$/],
    ["timeout=", "timeout", /got ""$/],
    ["timeout", "timeout", /given a value: timeout=…$/],
    ["randomize=yes", "randomize", /true or false \(ActiveMQ takes every other word for false\), got "yes"$/],
    ["backup=1", "backup", /true or false/],
    ["backupPoolSize=0", "backupPoolSize", /from 1 to 2147483647/],
    ["maxCacheSize=99999999999", "maxCacheSize", /from 0 to 2147483647, got "99999999999"$/],
    ["updateURIsURL=", "updateURIsURL", /given a value$/],
    ["priorityURIs=tcp://a:1,", "priorityURIs", /without empty members/],
    ["priorityURIs=tcp://a:0", "priorityURIs", /ports from 1 to 65535/],
    ["randomise=false", "randomise", /a known option\. Did you mean randomize\?$/],
    ["maxReconectAttempts=1", "maxReconectAttempts", /Did you mean maxReconnectAttempts\?$/],
    ["RANDOMIZE=false", "RANDOMIZE", /Did you mean randomize\?$/],
    ["bogus=1", "bogus", /one of initialReconnectDelay, .*reconnectSupported, or nested\.<option of the members>$/],
    ["constructor=1", "constructor", /one of initialReconnectDelay/],
    ["__proto__=1", "__proto__", /one of initialReconnectDelay/],
    ["=1", "…", /one of initialReconnectDelay/],
    ["s3cret", "…", /one of initialReconnectDelay/],
    ["timeout=1&Timeout=2", "timeout", /written once/],
    ["nested.=1", "nested.", /followed by the name of an option of the members, as in nested\.soTimeout=5000/],
  ])("is refused where its value or its name cannot be meant: %s", (query, name, words) => {
    const [option, message] = refusal(query);
    expect(option).toBe(`endpoints: ?${name}`);
    expect(message).toMatch(words);
  });

  it("is in the table, with ActiveMQ's default", () => {
    expect(Object.keys(failoverDefaults).toSorted()).toEqual(Object.keys(rows).toSorted());
  });
});
