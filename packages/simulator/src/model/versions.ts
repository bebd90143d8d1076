import type { WireStyle } from "@carrel/core";

/** vSphere versions that can be simulated. */
export type SimulatorVersion = "6.7" | "7.0" | "8.0" | "9.1";

/** How one version differs from the others. */
export interface VersionTraits {
  readonly version: SimulatorVersion;
  readonly styles: readonly WireStyle[];
  /** Whether legacy errors have `error_type`, and messages `params`: since 7.0. */
  readonly errorTypes: boolean;
  /** Whether unknown URLs in the legacy style are answered in the older, camelCase shape. */
  readonly camelCaseFrameworkErrors: boolean;
  /** Whether endpoints contain the whole certificate. */
  readonly sslCertificate: boolean;
  /** Whether files have an address from which they are fetched without a session. */
  readonly fileDownloadEndpoint: boolean;
  /** Lower-case names of the headers that carry the client token in the modern style. */
  readonly clientTokenHeaders: readonly string[];
}

const both = ["api", "rest"] as const;
const beforeNine = { sslCertificate: false, fileDownloadEndpoint: false, camelCaseFrameworkErrors: false };

const traits: Readonly<Record<SimulatorVersion, VersionTraits>> = {
  "6.7": {
    ...beforeNine,
    version: "6.7",
    styles: ["rest"],
    errorTypes: false,
    camelCaseFrameworkErrors: true,
    clientTokenHeaders: [],
  },
  // The name of the header is unconfirmed before 9.x, so both documented names are accepted.
  "7.0": {
    ...beforeNine,
    version: "7.0",
    styles: both,
    errorTypes: true,
    clientTokenHeaders: ["client-token", "client_token"],
  },
  "8.0": {
    ...beforeNine,
    version: "8.0",
    styles: both,
    errorTypes: true,
    clientTokenHeaders: ["client-token", "client_token"],
  },
  "9.1": {
    version: "9.1",
    styles: ["api"],
    errorTypes: true,
    camelCaseFrameworkErrors: false,
    sslCertificate: true,
    fileDownloadEndpoint: true,
    clientTokenHeaders: ["client-token"],
  },
};

/** Every version, oldest first. */
export const simulatorVersions: readonly SimulatorVersion[] = ["6.7", "7.0", "8.0", "9.1"];

/** How the given version differs from the others. */
export function traitsOf(version: SimulatorVersion): VersionTraits {
  return traits[version];
}
