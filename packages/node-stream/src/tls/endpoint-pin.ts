import type { TransferEndpoint } from "@carrel/core";
import { pinByCertificate, pinByThumbprint } from "./pin.ts";
import type { Pin } from "./pin.ts";

/**
 * The pin of a transfer endpoint. The endpoint's own certificate decides alone; without one its thumbprint; without that the
 * thumbprint that the user gave; and without any the certificate is validated as usual.
 */
export function endpointPin(endpoint: TransferEndpoint, userThumbprint: string | undefined): Pin | undefined {
  if (endpoint.ssl_certificate) return pinByCertificate(endpoint.ssl_certificate);
  const thumbprint = endpoint.ssl_certificate_thumbprint || userThumbprint;
  return thumbprint ? pinByThumbprint(thumbprint) : undefined;
}
