import { once } from "node:events";
import { connect } from "node:tls";

/** What a server showed in a TLS handshake. */
export interface PresentedCertificate {
  readonly pem: string;
  /** SHA-256 of the DER bytes: upper-case hex with colons. */
  readonly thumbprint: string;
}

/** Takes the certificate from a handshake with the server, without judging it. */
export async function presentedCertificate(origin: string): Promise<PresentedCertificate> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect");
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error(`${origin} presented no certificate.`);
    return { pem: certificate.toString(), thumbprint: certificate.fingerprint256 };
  } finally {
    socket.destroy();
  }
}
