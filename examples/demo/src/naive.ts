const retry = 1_000;

/** The usual client: a WebSocket, and a timer in `onclose`. No heartbeat, no time-out, no second endpoint. */
export class Naive {
  readonly #url: string;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #talk: NodeJS.Timeout | undefined;
  #over = false;
  #number = 0;
  #watch: { since: number; from: number; closedAt?: number; echoedAt?: number } | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  start(): void {
    this.#connect();
    this.#talk = setInterval(() => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return;
      this.#socket.send(String(this.#number));
      this.#number += 1;
    }, 20);
  }

  watch(): void {
    this.#watch = { since: performance.now(), from: this.#number };
  }

  /** Forgets echoes heard so far: only what is said from now on counts. */
  renew(): void {
    if (!this.#watch) return;
    this.#watch.from = this.#number;
    delete this.#watch.echoedAt;
  }

  /** It has heard an echo of something said since the fault. */
  get back(): boolean {
    return this.#watch?.echoedAt !== undefined;
  }

  /** It has seen its connection end since the fault. */
  get closed(): boolean {
    return this.#watch?.closedAt !== undefined;
  }

  /** What it made of the fault. `healed`: since when the network has been well again. */
  story(healed?: number): string {
    const { since = 0, closedAt, echoedAt } = this.#watch ?? {};
    const noticed = closedAt === undefined ? "never noticed" : `noticed ${seconds(closedAt - since)}`;
    if (echoedAt === undefined) return `${noticed}, not back`;
    if (closedAt === undefined) return healed === undefined || echoedAt < healed ? "not touched" : `${noticed}, mute ${seconds(echoedAt - since)}`;
    return `${noticed}, back ${seconds(echoedAt - since)}`;
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearInterval(this.#talk);
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => { this.#heard(Number(data)); };
    socket.onclose = () => {
      if (this.#watch) {
        this.#watch.closedAt ??= performance.now();
        this.renew(); // What it heard before does not mean that it is back.
      }
      if (!this.#over) this.#timer = setTimeout(() => { this.#connect(); }, retry);
    };
  }

  #heard(number: number): void {
    if (this.#watch && this.#watch.echoedAt === undefined && number >= this.#watch.from) this.#watch.echoedAt = performance.now();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
