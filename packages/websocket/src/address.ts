import { OptionError, type Endpoint } from "@holdfast/core";

/** Throws an `OptionError` for an address that no WebSocket can have (RFC 6455, 3: a host, and no fragment). */
export function checkAddress({ host, label, uri }: Endpoint): void {
  if (host === "") throw new OptionError("endpoint", "a URI with a host", label);
  if (uri.includes("#")) throw new OptionError("endpoint", "a URI without a fragment (write # as %23)", label);
}
