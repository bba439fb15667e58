import { OptionError, type Millis } from "@holdfast/core";
import type { Hello, Welcome } from "../protocol/greeting.ts";

const nobody = new Uint8Array(16);

/** What a session is known by, on every server. The id and the password are secrets: with them anybody takes it. */
export class SessionRecord {
  /** 0n before the first server has granted one. */
  id = 0n;
  #password: Uint8Array = nobody;
  /** In ms: asked for, until a server has decided. */
  timeout: Millis;
  /** The newest transaction that we know of. */
  lastZxid = 0n;
  /** What was granted by a server with a quorum. A session that only read-only servers know is none. */
  real = false;

  constructor(timeout: Millis) {
    this.timeout = timeout;
  }

  /** What to greet a server with. `asked`: the timeout that the user wants. */
  hello(asked: Millis, readOnly: boolean): Hello {
    return { lastZxid: this.lastZxid, timeout: asked, sessionId: this.real ? this.id : 0n, password: this.real ? this.#password : nobody, readOnly };
  }

  granted({ sessionId, password, timeout, readOnly }: Welcome): void {
    this.id = sessionId;
    this.#password = password;
    this.timeout = timeout;
    this.real ||= !readOnly;
  }

  /** The session is over. What has been seen has been seen. */
  forget(): void {
    this.id = 0n;
    this.#password = nobody;
    this.real = false;
  }

  /** Everything that another process needs to go on with the session. */
  ticket(): string {
    const fields: Fields = { v: 1, id: BigInt.asUintN(64, this.id).toString(16), password: Buffer.from(this.#password).toString("base64url"), timeout: this.timeout, zxid: this.lastZxid.toString(16) };
    return Buffer.from(JSON.stringify(fields)).toString("base64url");
  }

  /** Throws an `OptionError` for what is no ticket. It does not say what was given: it may be half a secret. */
  static of(ticket: string): SessionRecord {
    const fields = readFields(ticket);
    const record = new SessionRecord(fields.timeout);
    record.id = BigInt.asIntN(64, BigInt(`0x${fields.id}`));
    record.#password = Buffer.from(fields.password, "base64url");
    record.lastZxid = BigInt(`0x${fields.zxid}`);
    record.real = true;
    return record;
  }
}

interface Fields { readonly v: 1; readonly id: string; readonly password: string; readonly timeout: number; readonly zxid: string }

function readFields(ticket: string): Fields {
  const wrong = new OptionError("ticket", "a text that ticket() has given");
  if (typeof ticket !== "string") throw wrong;
  let fields: Partial<Fields> | null;
  try {
    fields = JSON.parse(Buffer.from(ticket, "base64url").toString()) as Partial<Fields> | null; // Checked below.
  } catch {
    throw wrong;
  }
  const hex = (text: unknown): boolean => typeof text === "string" && /^[\da-f]{1,16}$/.test(text);
  if (fields?.v !== 1 || !hex(fields.id) || !hex(fields.zxid) || typeof fields.password !== "string" || typeof fields.timeout !== "number" || !(fields.timeout > 0)) throw wrong;
  return fields as Fields;
}
