import { FrameError } from "@holdfast/core";

/** A frame that arrived: its headers unescaped; where a name comes twice, the first one counts. */
export interface StompFrame { readonly command: string; readonly headers: ReadonlyMap<string, string>; readonly body: Uint8Array }
export type Headers = Readonly<Record<string, string>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * A frame with its NUL, ready for the wire. Bytes and text with a NUL in it get a content-length; other text does not, for ActiveMQ
 * makes a text message of what comes without one. Throws a `FrameError` for a header that cannot be written.
 */
export function encode(command: string, headers: Headers, body: Uint8Array | string = ""): Uint8Array {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const counted = typeof body !== "string" || body.includes("\0") ? { ...headers, "content-length": String(bytes.length) } : headers;
  // The greeting is older than the escapes and has none.
  const write = command === "CONNECT" ? plain : escape;
  const lines = Object.entries(counted).map(([name, value]) => `${write(name)}:${write(value)}\n`);
  const head = encoder.encode(`${command}\n${lines.join("")}\n`);
  const frame = new Uint8Array(head.length + bytes.length + 1);
  frame.set(head);
  frame.set(bytes, head.length);
  return frame;
}

/** Reads a whole frame; what follows its NUL is not looked at. Throws a `FrameError` for one that breaks the rules. */
export function decode(frame: Uint8Array): StompFrame {
  const blank = blankLine(frame);
  const [command = "", ...lines] = decoder.decode(frame.subarray(0, blank)).split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const read = command === "CONNECTED" ? (text: string): string => text : unescape;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw bad(`a header of its ${command} frame has no name`);
    const name = read(line.slice(0, colon));
    if (!headers.has(name)) headers.set(name, read(line.slice(colon + 1)));
  }
  const start = blank + (frame[blank + 1] === carriageReturn ? 3 : 2);
  const length = headers.get("content-length");
  const end = length === undefined ? frame.indexOf(0, start) : start + Number(length);
  if (!(end >= start) || frame[end] !== 0) throw bad(`its ${command} frame does not end where it should`);
  return { command, headers, body: frame.subarray(start, end) };
}

export function bad(how: string): FrameError {
  return new FrameError("HF_BAD_FRAME", "remote", `the peer does not speak STOMP 1.2 (${how}): check the port`, { next: "elsewhere" });
}

/** Where the line feed is that ends the last header. */
function blankLine(frame: Uint8Array): number {
  for (let feed = frame.indexOf(lineFeed); feed >= 0; feed = frame.indexOf(lineFeed, feed + 1)) {
    if (frame[feed + 1] === lineFeed || (frame[feed + 1] === carriageReturn && frame[feed + 2] === lineFeed)) return feed;
  }
  throw bad("a frame has no blank line after its headers");
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c" };
const unescapes: Readonly<Record<string, string>> = { "\\": "\\", r: "\r", n: "\n", c: ":" };

function escape(text: string): string {
  if (text.includes("\0")) throw unwritable("contains a NUL");
  return text.replace(/[\\\r\n:]/g, (one) => escapes[one] ?? one);
}

function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.?)/gs, (_, one: string) => unescapes[one] ?? refuse(one));
}

function refuse(one: string): never {
  throw bad(`it escapes ${JSON.stringify(one)}`);
}

/** Whoever could write a line here could write a header of his own. */
function plain(text: string): string {
  if (/[\r\n\0]/.test(text)) throw unwritable("of the greeting contains a line break or a NUL");
  return text;
}

function unwritable(how: string): FrameError {
  return new FrameError("HF_BAD_FRAME", "local", `a header ${how}: STOMP cannot carry it`);
}
