/** Appends requests to one buffer, which is given away whole. Big-endian, as ZooKeeper's jute has it. */
export class Writer {
  #buffer: Buffer = Buffer.allocUnsafe(65_536);
  #start = 0;
  #at = 0;

  get empty(): boolean {
    return this.#at === this.#start;
  }

  /** Opens a packet that has room for so many bytes; `close()` fills in its length. Returns where it begins. */
  open(room: number): number {
    if (this.#buffer.length - this.#at < room + 4) {
      const kept = this.#buffer.subarray(this.#start, this.#at);
      this.#buffer = Buffer.allocUnsafe(Math.max(65_536, kept.length + room + 4));
      this.#at = kept.copy(this.#buffer);
      this.#start = 0;
    }
    const begin = this.#at;
    this.#at += 4;
    return begin;
  }

  close(begin: number): void {
    this.#buffer.writeInt32BE(this.#at - begin - 4, begin);
  }

  int(value: number): void {
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  long(value: bigint): void {
    this.#at = this.#buffer.writeBigInt64BE(value, this.#at);
  }

  byte(value: number): void {
    this.#at = this.#buffer.writeUInt8(value, this.#at);
  }

  /** Of letters and digits, as all our paths are. */
  text(value: string): void {
    this.int(value.length);
    this.#at += this.#buffer.write(value, this.#at, "latin1");
  }

  bytes(value: Buffer): void {
    this.int(value.length);
    this.#at += value.copy(this.#buffer, this.#at);
  }

  take(): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return taken;
  }
}
