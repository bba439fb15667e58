/** What travels, and on what. */
export interface Kind { readonly scheme: "tcp" | "ws"; readonly payload: "bytes" | "text" }
export type Mode = "one-way" | "echo";
export type Who = "link" | "session";
export type Ports = Readonly<Record<`${Kind["scheme"]}-${Who}`, number>>;
/** What one side saw: CPU per message in µs, messages per second. */
export interface Measured { readonly micros: number; readonly rate: number }

export const kinds: readonly Kind[] = [{ scheme: "tcp", payload: "bytes" }, { scheme: "tcp", payload: "text" }, { scheme: "ws", payload: "bytes" }];

/** Messages under way in an echo. */
export const inFlight = 256;
