import { HoldfastError, type ErrorDetails } from "./holdfast-error.ts";

/**
 * One dial, or one attempt to listen, failed. Codes: `HF_DIAL_FAILED`, `HF_DIAL_TIMEOUT`, `HF_REFUSED` (the peer
 * answered and said no), `HF_TLS` (who answered is not who was asked for), `HF_NO_ENDPOINT`, `HF_LISTEN_FAILED`, `HF_GAVE_UP`.
 */
export class ConnectError extends HoldfastError {
  /** The label of the endpoint: no secrets. */
  readonly endpoint: string;

  constructor(code: string, endpoint: string, message: string, details?: ErrorDetails) {
    super(code, message, details);
    this.endpoint = endpoint;
  }

  override get name(): string {
    return "ConnectError";
  }
}
