import { describe, expect, it } from "vitest";
import { resolveEntries } from "../../src/endpoint/list.ts";
import { OptionError } from "../../src/errors/option-error.ts";
import type { Transport } from "../../src/ports/channel.ts";
import type { Endpoint, EndpointEntry } from "../../src/ports/endpoint.ts";

/** A transport that is only asked which endpoints it takes. */
function taking(schemes: readonly string[], check?: (endpoint: Endpoint) => void): Transport {
  return {
    schemes, traits: { listens: false, drains: false, pauses: false, pings: false, text: true, maxFrameBytes: 1 },
    dial: () => Promise.reject(new Error("not dialled here")), ...(check && { check }),
  };
}

const streams = taking(["tcp", "unix"], ({ scheme, host, port }) => {
  if (scheme === "unix" ? host !== "" : port === 0) throw new OptionError("endpoints", "an address of this scheme");
});
const sockets = taking(["ws", "wss"]);

function complaint(entry: EndpointEntry, transports: readonly Transport[] = [streams, sockets]): string {
  try {
    resolveEntries([entry], transports);
  } catch (error) {
    return (error as Error).message; // Whatever is thrown by a function that throws errors.
  }
  return "accepted";
}

describe("a bare host:port", () => {
  it("means the first scheme of the only transport", () => {
    expect(resolveEntries(["127.0.0.1:3000"], [streams])[0]?.uri).toBe("tcp://127.0.0.1:3000");
    expect(resolveEntries([{ uri: "127.0.0.1:3000", weight: 2 }], [streams])[0]).toMatchObject({ uri: "tcp://127.0.0.1:3000", options: { weight: 2 } });
  });

  it("is answered, where there are several transports, with what each of them would take", () => {
    expect(complaint("127.0.0.1:3000")).toContain('one of tcp://127.0.0.1:3000, ws://127.0.0.1:3000, wss://127.0.0.1:3000, got "127.0.0.1:3000"');
  });

  it("is not answered with an address that the transport refuses, as one without a port", () => {
    expect(complaint("localhost")).toContain('one of ws://localhost:80, wss://localhost:443, got "localhost"');
  });

  it("is answered with regard to the options of the entry", () => {
    const plain = taking(["ws"], ({ options }) => { if ("ca" in options) throw new OptionError("ca", "left to the browser"); });
    expect(complaint({ uri: "127.0.0.1:3000", ca: "…" }, [streams, plain])).toContain('one of tcp://127.0.0.1:3000, got');
  });

  it("is answered without an example where nobody would take it", () => {
    expect(complaint("127.0.0.1:99999")).toContain('one of those of your transports, got "127.0.0.1:99999"');
    expect(complaint("127.0.0.1:3000", [])).toContain("one of those of your transports");
  });

  it("is shown without its secrets", () => {
    expect(complaint("s3cret@127.0.0.1:3000/feed?token=s3cret")).toContain('wss://127.0.0.1:3000/feed?…, got "127.0.0.1:3000/feed?…"');
    expect(complaint("user:s3cret@127.0.0.1:3000")).not.toContain("s3cret");
  });
});
