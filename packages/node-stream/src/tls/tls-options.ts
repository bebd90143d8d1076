/** How servers are identified and reached. */
export interface TlsOptions {
  /**
   * SHA-1 or SHA-256 fingerprint of the server's certificate, hexadecimal in upper or lower case, with or without colons; also
   * as OpenSSL, PowerShell and browsers show it, after a label. With it neither name, dates nor issuer are checked. A transfer
   * endpoint's own pin takes precedence.
   * @defaultValue none: certificates are validated as usual
   */
  readonly thumbprint?: string;
  /**
   * Certificates of authorities to trust, PEM, instead of the platform's.
   * @defaultValue those that Node trusts
   */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /**
   * `"env"` reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (names, addresses, ranges such as `10.0.0.0/8`); a URL is the
   * proxy for every server; `false` uses none. Without a scheme it is `http://`. `ALL_PROXY` is not read. Supports HTTP proxies
   * (`http://`, or `https://` with a certificate that Node trusts), and uses them for tunnels only.
   * @defaultValue "env"
   */
  readonly proxy?: string | URL | false;
  /**
   * Lets a server that is connected to over `https:` lead transfers to `http:` URLs, where anyone on the way can read and
   * change the bytes. Link-local addresses are never connected to, unless the client itself is connected to one.
   * @defaultValue false
   */
  readonly allowHttpTransfers?: boolean;
}
