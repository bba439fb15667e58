import { connect } from "node:net";

/** Whether whoever listens there answers STOMP's greeting, willingly or not, within five seconds. */
export function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (greeted: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(greeted);
    };
    const timer = setTimeout(done, 5_000, false);
    socket.on("connect", () => { socket.write("CONNECT\naccept-version:1.2\nhost:/\n\n\0"); });
    socket.on("data", () => { done(true); });
    socket.on("error", () => { done(false); });
    socket.on("close", () => { done(false); });
  });
}
