import { describe, expect, it } from "vitest";
import { JuteError, Source } from "../../src/jute/source.ts";
import { helloPacket, readWelcome, type Welcome } from "../../src/protocol/greeting.ts";
import { authPacket, pingPacket, requestPacket, xids } from "../../src/protocol/packets.ts";
import { bool, buffer, framed, int, long, record, ustring, welcome } from "../wire.ts";

const read = (frame: Uint8Array): Welcome => readWelcome(new Source(new Uint8Array(frame.buffer, frame.byteOffset, frame.length)));
const password = Uint8Array.from({ length: 16 }, (_, at) => at);

describe("ConnectRequest", () => {
  it("is version, last transaction, timeout, session, password and whether read-only will do", () => {
    const hello = helloPacket({ lastZxid: 0x1_0000_0002n, timeout: 30_000, sessionId: -2n, password, readOnly: true });
    expect(hello.toString("hex")).toBe(framed(int(0), long(0x1_0000_0002n), int(30_000), long(-2), buffer(password), bool(true)).toString("hex"));
    // Byte by byte: 4 + 44 + 1.
    expect(hello.toString("hex")).toBe("0000002d" + "00000000" + "0000000100000002" + "00007530" + "fffffffffffffffe" + "00000010000102030405060708090a0b0c0d0e0f" + "01");
  });
});

describe("ConnectResponse", () => {
  it("is version, timeout, session, password and whether it is read-only", () => {
    expect(read(record(int(0), int(4_000), long(-3), buffer(password), bool(true)))).toEqual({ timeout: 4_000, sessionId: -3n, password, readOnly: true });
  });

  it("says that the session has expired by a timeout that is not above 0", () => {
    expect(read(welcome({ timeout: 0, id: 0n, password: "" }))).toEqual({ timeout: 0, sessionId: 0n, password: new Uint8Array(0), readOnly: false });
    expect(read(welcome({ timeout: -1 })).timeout).toBe(-1);
  });

  it("keeps a password of its own, not the packet's memory", () => {
    const frame = new Uint8Array(welcome());
    const { password: kept } = read(frame);
    frame.fill(0);
    expect(Buffer.from(kept).toString()).toBe("0123456789abcdef");
  });

  it("cannot be short", () => {
    const whole = welcome();
    for (let length = 0; length < whole.length - 1; length += 1) expect(() => read(whole.subarray(0, length))).toThrow(JuteError);
  });
});

describe("packets of our own", () => {
  it("have the numbers of ClientCnxn", () => {
    expect(xids).toEqual({ notification: -1, ping: -2, auth: -4, setWatches: -8 });
  });

  it("are a header, and a body where there is one", () => {
    expect(pingPacket.toString("hex")).toBe("00000008" + "fffffffe" + "0000000b");
    expect(requestPacket(5, -11).toString("hex")).toBe(framed(int(5), int(-11)).toString("hex"));
    expect(authPacket({ scheme: "digest", auth: Uint8Array.of(0, 255) }).toString("hex")).toBe(framed(int(-4), int(100), int(0), ustring("digest"), buffer(Uint8Array.of(0, 255))).toString("hex"));
  });
});
