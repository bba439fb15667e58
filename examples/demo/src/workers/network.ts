// The network between the clients and the servers: one fault proxy before each server, all in a thread of their own.
import { faultProxy, type FaultProxy, type ProxyCounters } from "@holdfast/testkit/proxy";
import { obey } from "./remote.ts";

export type Weather = "pass" | "refuse" | "silence" | "black-hole-out" | "black-hole-in" | "hold" | "reset";
export interface NetworkOrders {
  [order: string]: (...given: never[]) => unknown;
  /** Puts a proxy before a port and gives the proxy's own. */
  open(name: string, port: number): Promise<number>;
  set(name: string, weather: Weather): Promise<void>;
  counters(name: string): ProxyCounters;
  close(): Promise<void>;
}

const proxies = new Map<string, FaultProxy>();

const weathers: Readonly<Record<Weather, (proxy: FaultProxy) => void | Promise<void>>> = {
  pass: (proxy) => proxy.pass(),
  refuse: (proxy) => proxy.refuse(),
  silence: (proxy) => { proxy.silence(); },
  "black-hole-out": (proxy) => { proxy.blackHole("outward"); },
  "black-hole-in": (proxy) => { proxy.blackHole("inward"); },
  hold: (proxy) => { proxy.hold(); },
  reset: (proxy) => { proxy.reset(); },
};

function find(name: string): FaultProxy {
  const proxy = proxies.get(name);
  if (!proxy) throw new Error(`no proxy is called ${name}`);
  return proxy;
}

obey({
  async open(name: string, port: number) {
    const proxy = await faultProxy({ target: { host: "127.0.0.1", port } });
    proxies.set(name, proxy);
    return proxy.port;
  },
  async set(name: string, weather: Weather) { await weathers[weather](find(name)); },
  counters: (name: string) => find(name).counters,
  async close() {
    for (const proxy of proxies.values()) await proxy.close();
  },
} satisfies NetworkOrders);
