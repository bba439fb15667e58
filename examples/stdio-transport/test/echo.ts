// The peer that the conformance suite asks for, as a process. It sends each packet back as it came: four bytes of length, then the
// frame. Its arguments: the frame at which it leaves, the frame at which it dies, and the length of a frame to begin with.
const [close, abort, length] = process.argv.slice(2);
if (length !== undefined) process.stdout.write(Buffer.from(Uint32Array.of(Number(length)).buffer).swap32());

let rest = Buffer.alloc(0);
process.stdin.on("data", (chunk: Buffer) => {
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
    const packet = rest.subarray(0, 4 + rest.readUInt32BE());
    rest = rest.subarray(packet.length);
    const text = packet.length < 100 ? packet.toString("utf8", 4) : "";
    if (text === close) process.stdin.destroy();
    else if (text === abort) process.kill(process.pid, "SIGKILL");
    else process.stdout.write(packet);
  }
});
