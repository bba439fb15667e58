/**
 * Where to dial. The full `uri` may carry a password or a token, so it is reachable only by reading the property:
 * `toString()`, `toJSON()`, `util.inspect` and every event show the `label` instead.
 */
export interface Endpoint {
  /** As the user wrote it, secrets included. For dialling, never for showing. */
  readonly uri: string;
  /** Secret-free: scheme, host, port and path; the userinfo is left out and the query is shown as `?…`. */
  readonly label: string;
  /** Lower case, without the colon: `tcp`, `wss`. */
  readonly scheme: string;
  /** Host name or address, IPv6 without brackets; empty for schemes without a host (`unix:`). */
  readonly host: string;
  /** 1 … 65535, or 0 where the URI names none. */
  readonly port: number;
  /** Decoded path: the socket file of `unix:`, `/feed` of `ws://host/feed`. May be empty. */
  readonly path: string;
  /** What this one endpoint wants of its transport, such as its own CA. The transport says which keys it reads. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One entry of a list: a URI, or a URI with options for its transport. */
export type EndpointEntry = string | (Readonly<Record<string, unknown>> & { readonly uri: string });

/** Gives the list afresh before every dial: service discovery, short-lived tokens in a URL. May throw; it is asked again. */
export interface EndpointSource {
  list(options: { readonly signal: AbortSignal }): readonly EndpointEntry[] | Promise<readonly EndpointEntry[]>;
  /** A peer asks the link to leave and names where to. Absent: that is not heeded. `updatedList` of `@holdfast/core/failover` has one. */
  named?(notice: NamedEndpoints): Advice | undefined;
}

export interface NamedEndpoints {
  /** As the peer wrote them: nobody has looked at them yet. */
  readonly to: readonly string[];
  /** Who names them. */
  readonly from: Endpoint;
}

/** What a link shall do about it. */
export interface Advice {
  /** The URI of the endpoint it moves to first; `list` has to give it, too. */
  readonly next?: string;
  /** It does not move at all. */
  readonly stay?: boolean;
}
