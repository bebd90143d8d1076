import type { Clock } from "@carrel/core";
import type { Fault } from "./fault.ts";
import type { LibrarySeed } from "./seed.ts";
import type { ApiSessionLimits, LeaseRules, PrepareRules, ReportRules, TransferRules } from "./rules.ts";
import type { SimulatorVersion } from "./versions.ts";

/** The one user of the simulator. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Options of {@link startSimulator}. */
export interface SimulatorOptions {
  /**
   * Port on 127.0.0.1; 0 is any that is free.
   * @defaultValue 0
   */
  readonly port?: number;
  /**
   * Whether to speak HTTPS, with a self-signed certificate that is made once for the process.
   * @defaultValue false
   */
  readonly tls?: boolean;
  /**
   * Which vSphere version to be. 6.7: the legacy style only, errors without `error_type`. 7.0 and 8.0: both styles.
   * 9.1: the modern style only, `Client-Token`, `ssl_certificate` and `file_download_endpoint`.
   * @defaultValue "8.0"
   */
  readonly version?: SimulatorVersion;
  /**
   * The one user.
   * @defaultValue administrator@vsphere.local with the password "VMware1!"
   */
  readonly credentials?: Credentials;
  /**
   * SAML assertions that log the user in as well, as XML, compared as they are.
   * @defaultValue none
   */
  readonly samlAssertions?: readonly string[];
  /**
   * Privileges that the user lacks, such as `ContentLibrary.DownloadSession`: what needs them is UNAUTHORIZED.
   * @defaultValue none
   */
  readonly missingPrivileges?: readonly string[];
  /**
   * What there is at first.
   * @defaultValue nothing
   */
  readonly libraries?: readonly LibrarySeed[];
  /**
   * What goes wrong, and when.
   * @defaultValue nothing
   */
  readonly faults?: readonly Fault[];
  /**
   * Lives of download sessions.
   * @defaultValue five minutes, put off by every operation on the session
   */
  readonly lease?: LeaseRules;
  /**
   * How files are made ready.
   * @defaultValue at once; uncached ones are refused
   */
  readonly prepare?: PrepareRules;
  /**
   * What is told of files.
   * @defaultValue sizes always, a SHA-256 once a file was downloaded
   */
  readonly report?: ReportRules;
  /**
   * How transfer URLs behave.
   * @defaultValue everything that HTTP can do is on; 20 transfers at a time
   */
  readonly transfer?: TransferRules;
  /**
   * Lives of logins.
   * @defaultValue 30 minutes idle, a day in all, 550 of them
   */
  readonly apiSessions?: ApiSessionLimits;
  /**
   * Where transfer URLs point to: the same server, or a second one with a port and, with TLS, a certificate of its own.
   * @defaultValue "same"
   */
  readonly transferOrigin?: "same" | "own";
  /**
   * Whether pages of other origins may use the simulator (CORS).
   * @defaultValue false
   */
  readonly cors?: boolean;
  /**
   * Names, without a port, under which it is served, such as `vc.example.test` through a reverse proxy or a hosts file. A `Host`
   * that is neither one of them nor of the loopback interface (127.0.0.0/8, ::1, localhost and names below it) is answered
   * with 421, so that no web page reaches the simulator by a name of its own.
   * @defaultValue none
   */
  readonly hosts?: readonly string[];
  /**
   * Bytes that uploads may bring in all, for they are kept in memory; what is beyond is answered with 413.
   * @defaultValue 1 GiB
   */
  readonly uploadLimitBytes?: number;
  /**
   * Time, for leases, logins, delays and the `Date` header; `virtualClock()` makes one that a test moves.
   * @defaultValue the machine's
   */
  readonly clock?: Clock;
  /**
   * Exchanges that the journal keeps; then the oldest ones go.
   * @defaultValue 100_000
   */
  readonly journalLimit?: number;
}
