import {
  CertificateError,
  IntegrityError,
  PrepareError,
  ServerError,
  TransferError,
  TransportError,
} from "@carrel/core";
import type { CarrelError, IntegrityProblem, TransferProblem } from "@carrel/core";
import type { FleetError } from "@carrel/fleet";
import { fleetAdvice } from "./fleet-advice.ts";
import { spaceAdvice } from "./space-advice.ts";
import { ProxyError } from "@carrel/node-stream/tls";
import type { ProxyProblem } from "@carrel/node-stream/tls";
import type { MirrorError } from "@carrel/mirror";
import type { StoreError, StoreObstacle } from "@carrel/s3";
import type { VcspError, VcspProblem } from "@carrel/vcsp";
import { printable } from "../output/printable.ts";
import { mirrorAdvice } from "./mirror-advice.ts";
import { settingOf } from "../settings/shell-syntax.ts";
import { refusedDomain } from "./refused-logins.ts";

const resumable = ["Run the same command again: it resumes where this one stopped."];
const again = ["The file did not get its final name. Run the same command again."];
const intercepted = "The server may have a new certificate, or somebody may be intercepting the connection.";

/**
 * Says what to do about an error, a line each; nothing where there is nothing to do. The messages of errors state facts only,
 * because a program and a person need other advice: this is the one place that knows the flags and the environment.
 */
export function adviceFor(error: CarrelError): readonly string[] {
  const proxyError = proxyErrorIn(error);
  if (proxyError) return proxyAdvice[proxyError.problem];
  switch (error.code) {
    case "AUTH":
      return error instanceof ServerError ? loginAdvice(error) : [];
    case "CERTIFICATE":
      return error instanceof CertificateError ? certificateAdvice(error) : [];
    case "INTEGRITY":
      return error instanceof IntegrityError ? integrityAdvice[error.problem] : [];
    case "TRANSFER":
      return error instanceof TransferError ? transferAdvice(error) : [];
    case "PREPARE_FAILED":
      return error instanceof PrepareError ? prepareAdvice(error) : [];
    case "TRANSPORT":
    case "TIMEOUT":
      return networkAdviceFor(error) ?? anyNetworkAdvice;
    case "BUSY":
      return ["Run the same command again later: several attempts failed."];
    case "SESSION_LOST":
      return resumable;
    case "NOT_FOUND":
      return lacksWireStyle(error) ? ['Leave out --wire, or "wire" of the context: it is detected automatically.'] : [];
    case "MIRROR":
      // By its code, so that only the commands that mirror load the engine.
      return mirrorAdvice(error as MirrorError);
    case "PROTOCOL":
      return ["Check the address (VSPHERE_SERVER or --server), and any proxy in between: this may not be a vCenter."];
    case "VCSP":
      // By its code, so that only the commands that publish load the engine.
      return vcspAdvice[(error as VcspError).problem];
    case "FLEET":
      // By its code, so that only the commands of fleets load the engine.
      return fleetAdvice(error as FleetError);
    case "REJECTED":
      return [];
    default:
      error.code satisfies never;
      return [];
  }
}

const vcspAdvice: Readonly<Record<VcspProblem, readonly string[]>> = {
  "not-a-library": ["Publish it first: carrel publish DIR"],
  unreadable: [
    "Nothing was written. Correct the file, or remove lib.json, items.json and each item.json to publish a new library: " +
      "subscribers then have to subscribe again.",
  ],
  "unsafe-path": ["Rename it, or move it out of the library."],
  duplicate: ["Give one of them another directory."],
  changed: ["Run the same command again when nothing writes to it."],
  "not-found": ["Check the address: a published library is https://HOST/PATH/lib.json."],
  login: ["The password is that of the subscription: its user is always vcsp."],
};

/** Whether a login does not exist: the wire style was given and not detected, and the server has the other one. */
export function lacksWireStyle(error: CarrelError): boolean {
  return error instanceof ServerError && error.code === "NOT_FOUND" && error.operation === "session.create";
}

/** Whether the session that `carrel login` saved is over. */
export function isSavedSessionOver(error: CarrelError): boolean {
  return error instanceof ServerError && error.messages.some(({ id }) => id === "carrel.token_auth.over");
}

/** The proxy's part in an error. */
export function proxyErrorIn(error: unknown): ProxyError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    if (cause instanceof ProxyError) return cause;
  }
  return undefined;
}

const anyNetworkAdvice = [
  "Check the address (VSPHERE_SERVER or --server), and that the network and proxy let it through.",
];
const noTlsAdvice = ["This port does not speak TLS. Did you mean http://?"];
const mayNeedTlsAdvice = [
  "This port may require https://. Otherwise check the address, and that the network and proxy let it through.",
];
const unknownNameAdvice = ["Check the name (VSPHERE_SERVER or --server), and the DNS of this machine."];

/** What to do where a server cannot be reached, by the code of the system or of Node. */
const networkAdvice: Readonly<Record<string, readonly string[]>> = {
  ENOTFOUND: unknownNameAdvice,
  EAI_AGAIN: unknownNameAdvice,
  ECONNREFUSED: ["Check the port, and that the server is running."],
  ERR_SSL_WRONG_VERSION_NUMBER: noTlsAdvice,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTlsAdvice,
};

/** What undici and the system report where a server closes the connection without an answer. */
const closedCodes = new Set(["UND_ERR_SOCKET", "ECONNRESET"]);

/** Says what to do where a server cannot be reached, by what the system or Node report; `undefined` for other failures. */
export function networkAdviceFor(error: unknown): readonly string[] | undefined {
  const isPlain = error instanceof TransportError && error.origin?.startsWith("http:") === true;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    const code = "code" in cause ? String(cause.code) : "";
    if (isPlain && closedCodes.has(code)) return mayNeedTlsAdvice;
    if (Object.hasOwn(networkAdvice, code)) return networkAdvice[code];
  }
  return undefined;
}

const withoutProxy =
  "If the server is reached without a proxy, name it in NO_PROXY (a name, a domain, an address, or a range such as 10.0.0.0/8).";

/** What to do about a proxy. */
export const proxyAdvice: Readonly<Record<ProxyProblem, readonly string[]>> = {
  settings: [
    "Write it as http://HOST:PORT. If the proxy requires a login, put USER:PASSWORD@ before the host, with special characters as %XX.",
    withoutProxy,
  ],
  unreachable: ["Check HTTPS_PROXY (for http:// servers HTTP_PROXY).", withoutProxy],
  certificate: [`Trust the authority that signed it: ${settingOf("NODE_EXTRA_CA_CERTS", "FILE")}`],
  login: ["In HTTPS_PROXY, write USER:PASSWORD@ before the proxy's host, with special characters as %XX."],
  refused: ["Ask the proxy's administrator to let it through; many proxies allow port 443 only.", withoutProxy],
  server: ["Check the server's address, and ask the proxy's administrator whether it is reachable.", withoutProxy],
};

const privilegeToDownload = 'Downloading requires the privilege "Download files" (ContentLibrary.DownloadSession)';
const privilegeFor: Readonly<Record<string, string>> = {
  "subscribedItem.sync": 'Synchronizing requires the privilege "Sync library item" (ContentLibrary.SyncLibraryItem)',
  "subscribedLibrary.sync":
    'Synchronizing requires the privilege "Sync subscribed library" (ContentLibrary.SyncLibrary)',
};

function loginAdvice(error: ServerError): readonly string[] {
  if (isSavedSessionOver(error)) return ["Log in again: carrel login"];
  if (error.errorType === "UNAUTHORIZED") {
    return [`${privilegeFor[error.operation] ?? privilegeToDownload} on the library.`];
  }
  const domain = refusedDomain(error);
  return [
    "Wrong name or password. An expired password or a locked account looks the same.",
    ...(domain === undefined
      ? []
      : [
          `If "${domain}" is federated (AD FS, Entra ID, Okta or similar), its accounts cannot log in with a password here: ` +
            "use an account of the vCenter's own domain, such as reader@vsphere.local.",
        ]),
  ];
}

// No setting of the user's changes what the server states.
const stated = "What the vCenter states about its own transfers overrides any pin of yours: ask its administrator.";

function certificateAdvice({ problem, host, seen, cause }: CertificateError): readonly string[] {
  if (problem === "bad-endpoint") return [stated];
  if (problem === "not-endpoint") return [intercepted, stated];
  if (seen === undefined) return [];
  return [
    ...(problem === "not-pinned" ? [intercepted] : []),
    "If the fingerprint seen is the right server's (ask its administrator), trust it:",
    `  carrel trust ${printable(host ?? "HOST")}`,
    `  or: ${settingOf("VSPHERE_THUMBPRINT", seen.sha256)}`,
    "Or name the certificate of the authority that signed it: --ca FILE",
    ...(cause instanceof Error && "code" in cause && cause.code === "ERR_TLS_CERT_ALTNAME_INVALID"
      ? ["Or connect under a name that it is for: --server NAME"]
      : []),
  ];
}

/** What to do about bytes that are not what they should be. */
const integrityAdvice: Readonly<Record<IntegrityProblem, readonly string[]>> = {
  length: again,
  digest: again,
  changed: again,
  archive: again,
  encoded: ["The server, or a proxy on the way, encodes files in transit: have Content-Encoding turned off there."],
  "not-the-file": [
    "It did not come from the server's files: check what is between here and the server, such as a proxy.",
    "Then run the same command again.",
  ],
  manifest: [
    "Downloading again does not help: have the manifest corrected on the server.",
    "To keep the file, and have the difference reported: --manifest report",
  ],
  incomplete: ["Without --require-verified the missing file is only reported."],
  unverifiable: [
    "It did not get its final name. Without --require-verified it does, and the output says how it is verified.",
  ],
};

function prepareAdvice({ retryable }: PrepareError): readonly string[] {
  if (retryable) return ["Give the server more time, for example: --prepare-timeout 1800", ...resumable];
  return [
    'If "carrel ls LIBRARY/ITEM" shows "no" as CACHED, the content is not at this vCenter.',
    "To have it fetched: --sync, or carrel sync LIBRARY/ITEM",
  ];
}

/** What to do about bytes that could not be fetched or written, where that does not depend on more than the problem. */
const byTransferProblem: Readonly<Partial<Record<TransferProblem, readonly string[]>>> = {
  exists: ["To replace it: --existing overwrite"],
  obstacle: ["Remove or rename it, or choose another directory."],
  locked: ["Wait for the other run to end, or choose another directory."],
  "lock-lost": ["Run the same command again once the other run has ended."],
  uncached: [
    "The vCenter's tasks show whether it is still running or has failed.",
    'To wait longer: --sync-timeout SECONDS (with "carrel sync": --timeout SECONDS)',
  ],
  "no-match": ["List what exists: carrel ls LIBRARY/ITEM"],
  "no-space": spaceAdvice,
  name: ["Download a single file under another name: carrel get LIBRARY/ITEM/FILE -o - > NAME"],
};

const elsewhereOnDisk = ["Choose another directory, or change its permissions."];
const freeSpace = ["Free some space, then run the same command again."];

/** What to do about a refusal of the file system, by the code of the system. */
const diskAdvice: Readonly<Record<string, readonly string[]>> = {
  ENOSPC: freeSpace,
  EDQUOT: freeSpace,
  EACCES: elsewhereOnDisk,
  EPERM: elsewhereOnDisk,
  EROFS: ["Choose another directory."],
  EFBIG: ["Choose another directory, or raise the limit of the process."],
  ENOENT: ["Check that the directory exists and was not moved or deleted meanwhile."],
  ENOTDIR: ["Choose another directory."],
  ENAMETOOLONG: ["Choose a directory with a shorter path."],
  EEXIST: ["Rename or remove what has that name."],
  EISDIR: ["Rename or remove the directory."],
  ELOOP: ["Remove the symbolic link if you trust it, or choose another directory."],
  EBUSY: ["Close the program that uses it, then run the same command again."],
};

/** By its name, so that only what goes to a store loads the SDK. */
function isStoreError(error: TransferError): error is StoreError {
  return error.name === "StoreError" && "obstacle" in error;
}

const credentialsAdvice =
  "Credentials are found as the AWS command line finds them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, --profile NAME, a container's or an instance's.";

/** What to do about an object store. */
const storeAdvice: Readonly<Record<StoreObstacle, readonly string[]>> = {
  "no-bucket": ["Create it, or check its name. A bucket of another store: --endpoint-url URL"],
  denied: [
    "Needed are the rights to list the bucket, to get, put and delete its objects, and to list and abort uploads.",
    credentialsAdvice,
  ],
  "no-credentials": [credentialsAdvice],
  expired: ["Renew the credentials, then run the same command again: it resumes where this one stopped."],
  region: ["Name the bucket's region: --region NAME"],
  clock: ["Set the clock of this machine."],
  full: freeSpace,
  "not-s3": ["Check --endpoint-url: it is the address of the store's S3 interface, not of its console."],
  unreachable: [
    "Check --endpoint-url and --region, and that the network and proxy let it through. For a CA of your own: --ca-bundle FILE",
  ],
  damaged: resumable,
  busy: resumable,
  other: resumable,
};

function transferAdvice(error: TransferError): readonly string[] {
  const { problem, retryable, cause } = error;
  if (isStoreError(error)) return storeAdvice[error.obstacle];
  if (problem === "disk" && cause instanceof Error && "code" in cause) {
    const known = diskAdvice[String(cause.code)];
    if (known !== undefined) return known;
  }
  const known = elsewhereAdvice(error) ?? byTransferProblem[problem];
  return known ?? (retryable ? resumable : []);
}

/** What to do where the bytes are at another origin than the one that the client is connected to, or at none. */
function elsewhereAdvice({ problem, status, origin, clientOrigin }: TransferError): readonly string[] | undefined {
  if (problem === "endpoint" && origin === undefined) {
    return [
      "A DIRECT endpoint requires a route to the ESXi host or the storage that has the file; Carrel downloads over HTTPS only.",
      "Ask the vCenter's administrator for a library whose storage the vCenter itself can serve.",
    ];
  }
  if (origin === undefined || clientOrigin === undefined || origin === clientOrigin) return undefined;
  const url = URL.parse(origin);
  const isDowngrade = url?.protocol === "http:" && clientOrigin.startsWith("https:");
  if (problem === "endpoint" && isDowngrade) {
    return [
      "Ask the vCenter's administrator for the reason. To accept files that others on the network can read and change:",
      "  --allow-http-transfers",
    ];
  }
  const server = url?.protocol === "http:" ? origin : url?.host;
  if (problem === "refused") {
    const why = status === 401 ? ", where the session is known" : ", the name that the vCenter has for itself";
    return [`Connect as ${server}${why}: --server ${server}`];
  }
  if (problem !== "broken" && problem !== "stalled") return undefined;
  return [
    `This machine must reach ${url?.host ?? origin} as well: check its name in the DNS, the firewall and the proxy.`,
    `Where it does, connect under that name: --server ${server}`,
  ];
}
