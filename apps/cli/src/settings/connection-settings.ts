/** All that is needed to talk to a vCenter. */
export interface ConnectionSettings {
  readonly server: URL;
  readonly user: string;
  /** A secret. */
  readonly password: string;
  /** The certificate to accept, by its fingerprint. */
  readonly thumbprint: string | undefined;
  /** Certificates to trust, PEM. */
  readonly ca: string | undefined;
  readonly wire: "auto" | "api" | "rest";
}

/** The flags that say how to connect, as commander gives them. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  readonly ca?: string;
  readonly wire?: string;
  readonly password?: unknown;
}
