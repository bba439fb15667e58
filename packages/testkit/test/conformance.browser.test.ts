import { describe, it } from "vitest";
import { conformance } from "../src/conformance/index.ts";
import { memoryNetwork } from "../src/index.ts";
import { parseEndpoint } from "@holdfast/core";

describe("the memory transport in a browser", () => {
  conformance({ describe, it }, () => {
    const network = memoryNetwork({ traits: { maxFrameBytes: 70_000 } });
    const generous = network.join({ traits: { maxFrameBytes: 70_001 } });
    void generous.listen?.(parseEndpoint("memory://oversize"), { accept: (channel) => { channel.send(new Uint8Array(70_001)); } });
    return { transport: network.transport, endpoint: "memory://server", oversize: "memory://oversize" };
  }, { quiet: 2 });
});
