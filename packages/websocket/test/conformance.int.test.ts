import { parseEndpoint, type Listener } from "@holdfast/core";
import { conformance, echoPeer, type Fixture } from "@holdfast/testkit/conformance";
import { describe, it, onTestFinished } from "vitest";
import { websocket as nativeWebsocket } from "../src/browser.ts";
import { websocket, type WebSocketOptions } from "../src/index.ts";
import { testAuthority } from "../../../scripts/certificates.ts";
import { tcpServer } from "./meeting.ts";

const maxFrameBytes = 100_000;
/** A busy machine may need longer than it usually does. */
const patient = { patience: 30_000 };
const authority = await testAuthority();
const identity = await authority.issue(["127.0.0.1"]);

/** A listener that sends one frame too long to whoever dials. */
async function oversize(options: WebSocketOptions, scheme: string): Promise<Listener> {
  const generous = websocket({ ...options, maxFrameBytes: maxFrameBytes + 1 });
  const listener = await generous.listen?.(parseEndpoint(`${scheme}://127.0.0.1:0/`), {
    accept: (channel) => {
      onTestFinished(() => { channel.abort(new Error("the test is over")); });
      channel.send(new Uint8Array(maxFrameBytes + 1));
    },
  });
  if (listener === undefined) throw new Error("this transport does not listen");
  onTestFinished(() => listener.close());
  return listener;
}

async function fixture(scheme: "ws" | "wss", options: WebSocketOptions = {}, ca: { readonly ca?: string } = {}): Promise<Fixture> {
  const transport = websocket({ ...options, maxFrameBytes });
  const tooMuch = await oversize(options, scheme);
  const { uri } = await tcpServer(() => {});
  return {
    transport,
    endpoint: `${scheme}://127.0.0.1:0/`,
    reach: (bound) => ({ uri: bound.uri, ...ca }),
    oversize: { uri: tooMuch.endpoint.uri, ...ca },
    silent: { uri: uri.replace("ws:", `${scheme}:`), ...ca },
  };
}

describe("websocket() over ws", () => {
  conformance({ describe, it }, () => fixture("ws"), patient);
});

describe("websocket() over wss", () => {
  conformance({ describe, it }, () => fixture("wss", identity, { ca: authority.ca }), patient);
});

describe("websocket() over the native WebSocket, against an echo", () => {
  conformance({ describe, it }, async () => {
    const peer = await websocket({ maxFrameBytes: 2 * maxFrameBytes }).listen?.(parseEndpoint("ws://127.0.0.1:0/"), { accept: echoPeer });
    onTestFinished(() => peer?.close());
    const { server, uri } = await tcpServer(() => {});
    const silent = await tcpServer(() => {});
    server.close();
    return {
      transport: nativeWebsocket({ maxFrameBytes }),
      endpoint: peer?.endpoint.uri ?? "",
      dead: uri,
      silent: silent.uri,
      oversize: (await oversize({}, "ws")).endpoint.uri,
    };
  }, { ...patient, echo: true });
});
