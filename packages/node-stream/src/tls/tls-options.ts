/** How servers are known and reached. */
export interface TlsOptions {
  /**
   * SHA-1 or SHA-256 fingerprint of the server's certificate, hexadecimal in any case, with or without colons; also as
   * OpenSSL, PowerShell and browsers show it, with a label in front.
   * It decides alone: neither name, dates nor issuer are checked. A transfer endpoint's own pin comes before it.
   * @defaultValue none: certificates are validated as usual
   */
  readonly thumbprint?: string;
  /**
   * Certificates of authorities to trust, PEM, in place of the platform's.
   * @defaultValue those that Node trusts
   */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /**
   * `"env"` goes by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (names, addresses, ranges such as `10.0.0.0/8`); a URL is a
   * proxy for everything; `false` is none. One without a scheme is `http://`. `ALL_PROXY` is not read.
   * Proxies are HTTP ones (`http://`, or `https://` with a certificate that Node trusts), and are asked for tunnels only.
   * @defaultValue "env"
   */
  readonly proxy?: string | URL | false;
  /**
   * Lets a server that is spoken with over `https:` lead transfers to `http:` URLs, where anybody on the way can read and
   * change the bytes. Link-local addresses are never connected to, but where the client itself is connected to one.
   * @defaultValue false
   */
  readonly allowHttpTransfers?: boolean;
}
