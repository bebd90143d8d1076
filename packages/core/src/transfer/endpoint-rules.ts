import { IntegrityError, TransferError } from "../errors/transfer-errors.ts";
import type { TransferEndpoint } from "../gen/models.gen.ts";
import { readTransferUrl } from "./transfer-url.ts";
import type { TransferUrl } from "./transfer-url.ts";

/**
 * Creates the error for a host that is, or resolves to, a link-local address.
 *
 * @private Does not follow semantic versioning.
 */
export function linkLocalError(
  { host, address }: { readonly host: string; readonly address: string },
  about: { readonly label: string; readonly origin: string; readonly clientOrigin: string | undefined },
): TransferError {
  const { label, origin, clientOrigin } = about;
  const what = host === address ? `${address} is` : `${host} resolves to ${address},`;
  return new TransferError(`Refused to transfer ${label} from ${origin}: ${what} a link-local address`, {
    problem: "endpoint",
    retryable: false,
    origin,
    clientOrigin,
  });
}

/**
 * Checks that a server which is connected to over TLS does not lead to where anyone on the way can read and change the bytes.
 *
 * @throws `TransferError` `TRANSFER`, `endpoint`: it does.
 *
 * @private Does not follow semantic versioning.
 */
export function checkEncryption(
  label: string,
  origin: string,
  client: { readonly clientOrigin: string | undefined; readonly allowHttpTransfers: boolean },
): void {
  const { clientOrigin, allowHttpTransfers } = client;
  if (origin === clientOrigin || allowHttpTransfers) return;
  if (!origin.startsWith("http:") || clientOrigin?.startsWith("https:") !== true) return;
  throw new TransferError(
    `Refused to transfer ${label} from ${origin}: it is not encrypted, while the client is connected to ${clientOrigin}`,
    { problem: "endpoint", retryable: false, origin, clientOrigin },
  );
}

/**
 * Checks that bytes of one content version are not continued with those of another.
 *
 * @throws `IntegrityError` `INTEGRITY`, `changed`: they would be.
 *
 * @private Does not follow semantic versioning.
 */
export function checkVersion(
  label: string,
  version: { readonly before: string | undefined; readonly now: string | undefined; readonly fromByte: number },
): void {
  const { before, now, fromByte } = version;
  if (fromByte === 0 || before === undefined || now === undefined || before === now) return;
  throw new IntegrityError(
    `The item changed during the transfer of ${label}: its content version was ${before} and is now ${now}`,
    { problem: "changed" },
  );
}

/**
 * Reads the transfer URL of an endpoint.
 *
 * @throws `TransferError` `TRANSFER`, `endpoint`: it is not an HTTP URL.
 *
 * @private Does not follow semantic versioning.
 */
export function readEndpointUrl({ uri }: TransferEndpoint, label: string, fileName: string | undefined): TransferUrl {
  const url = readTransferUrl(uri, fileName);
  if (url !== undefined) return url;
  const scheme = /^[a-z][a-z\d+.-]*:/iu.exec(uri.trim())?.[0].toLowerCase();
  const reason =
    scheme === "ds:"
      ? "it is a DIRECT location (ds://) on a datastore, which only the storage itself can read"
      : scheme === undefined || /^https?:$/u.test(scheme)
        ? "it is not a valid URL"
        : `its scheme is ${scheme}//, expected http:// or https://`;
  throw new TransferError(`Cannot use the transfer endpoint of ${label}: ${reason}`, {
    problem: "endpoint",
    retryable: false,
  });
}
