import type { WireStyle } from "@carrel/core";

/** The vSphere versions that the simulator can be. */
export type SimulatorVersion = "6.7" | "7.0" | "8.0" | "9.1";

/** How one version differs from the others. */
export interface VersionTraits {
  readonly version: SimulatorVersion;
  readonly styles: readonly WireStyle[];
  /** Legacy errors carry `error_type`, and messages `params`, from 7.0 on. */
  readonly errorTypes: boolean;
  /** Unknown URLs in the legacy style are answered in the older, camelCase shape. */
  readonly camelCaseFrameworkErrors: boolean;
  /** Endpoints carry the whole certificate, and files a place to be fetched from without a session. */
  readonly sslCertificate: boolean;
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
  // The header's name is unconfirmed before 9.x, so both names in circulation are taken.
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

/** What tells the given version from the others. */
export function traitsOf(version: SimulatorVersion): VersionTraits {
  return traits[version];
}
