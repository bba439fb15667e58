// What stands on the wire, by hand: fields as zookeeper.jute names them, written without the code under test.

export type Field = Buffer;

export function int(value: number): Field {
  const field = Buffer.alloc(4);
  field.writeInt32BE(value);
  return field;
}

export function long(value: bigint | number): Field {
  const field = Buffer.alloc(8);
  field.writeBigInt64BE(BigInt(value));
  return field;
}

export function bool(value: boolean): Field {
  return Buffer.of(value ? 1 : 0);
}

/** `buffer`; null is the length -1. */
export function buffer(value: Uint8Array | string | null): Field {
  if (value === null) return int(-1);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([int(bytes.length), bytes]);
}

/** Looks the same as a `buffer`. */
export const ustring: (value: string | null) => Field = buffer;

export function vector(...items: readonly (readonly Field[])[]): Field {
  return Buffer.concat([int(items.length), ...items.flat()]);
}

export function record(...fields: readonly Field[]): Field {
  return Buffer.concat(fields);
}

/** With the length of 4 bytes in front, as packets travel. */
export function framed(...fields: readonly Field[]): Field {
  const content = Buffer.concat(fields);
  return Buffer.concat([int(content.length), content]);
}

/** `ReplyHeader` and a body. */
export function reply(xid: number, zxid: bigint | number, err: number, ...body: readonly Field[]): Field {
  return record(int(xid), long(zxid), int(err), ...body);
}

/** `WatcherEvent` under its header. */
export function notification(type: number, path: string, zxid: bigint | number = -1): Field {
  return reply(-1, zxid, 0, int(type), int(3), ustring(path));
}

/** `ConnectResponse`. */
export function welcome({ timeout = 6_000, id = 0x1234n, password = "0123456789abcdef", readOnly = false } = {}): Field {
  return record(int(0), int(timeout), long(id), buffer(password), bool(readOnly));
}

/** Each field of a `Stat` another number, so that no two can be mistaken for each other. */
export const statFields: Field = record(
  long(101), long(102), long(1_700_000_000_103), long(1_700_000_000_104), // czxid, mzxid, ctime, mtime
  int(5), int(6), int(7), // version, cversion, aversion
  long(-0x7f00_0000_0000_0008n), int(9), int(10), long(111), // ephemeralOwner, dataLength, numChildren, pzxid
);

export const stat = {
  czxid: 101n, mzxid: 102n, pzxid: 111n, ctime: 1_700_000_000_103, mtime: 1_700_000_000_104,
  version: 5, cversion: 6, aversion: 7, ephemeralOwner: -0x7f00_0000_0000_0008n, dataLength: 9, numChildren: 10,
} as const;
