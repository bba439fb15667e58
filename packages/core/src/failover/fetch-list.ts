import { ConnectError } from "../errors/connect-error.ts";

/**
 * Reads the text that stands somewhere. Rejects when it cannot, when it is longer than `maxBytes`, and with `signal.reason`. The message
 * of a `HoldfastError` is shown, of any other error its code alone: it may quote the address, with its secrets.
 */
export type ReadText = (where: string, options: { readonly signal: AbortSignal; readonly maxBytes: number }) => Promise<string>;

/** By HTTP. Redirects are not followed: whoever wrote the address meant that one. */
export const fetchText: ReadText = async (where, { signal, maxBytes }) => {
  const answer = await fetch(where, { signal, redirect: "manual", credentials: "omit" });
  const reader = answer.body?.getReader();
  const refuse = async (why: string): Promise<never> => {
    await reader?.cancel();
    throw unreadable(why);
  };
  if (!answer.ok) return refuse(`the answer was ${answer.status === 0 ? "a redirect" : answer.status}`);
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > maxBytes) return refuse(`it is longer than ${maxBytes} bytes`);
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
};

export function unreadable(why: string): ConnectError {
  return new ConnectError("HF_NO_ENDPOINT", "", why);
}
