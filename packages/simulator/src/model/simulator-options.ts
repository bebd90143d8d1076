import type { Clock } from "@carrel/core";
import type { Fault } from "./fault.ts";
import type { LibrarySeed } from "./seed.ts";
import type { ApiSessionLimits, LeaseRules, PrepareRules, ReportRules, TransferRules } from "./rules.ts";
import type { SimulatorVersion } from "./versions.ts";

/** User name and password of the only user. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Options of {@link startSimulator}. */
export interface SimulatorOptions {
  /**
   * Port on 127.0.0.1; 0 means any free port.
   * @defaultValue 0
   */
  readonly port?: number;
  /**
   * Whether to serve HTTPS, with a self-signed certificate that is made once per process.
   * @defaultValue false
   */
  readonly tls?: boolean;
  /**
   * vSphere version to simulate. 6.7: the legacy style only, and errors without `error_type`. 7.0 and 8.0: both styles. 9.1:
   * the modern style only, `Client-Token`, `ssl_certificate` and `file_download_endpoint`.
   * @defaultValue "8.0"
   */
  readonly version?: SimulatorVersion;
  /**
   * The only user.
   * @defaultValue administrator@vsphere.local with the password "VMware1!"
   */
  readonly credentials?: Credentials;
  /**
   * SAML assertions, as XML, that log the user in too. They are compared character by character.
   * @defaultValue none
   */
  readonly samlAssertions?: readonly string[];
  /**
   * Privileges that the user does not have, such as `ContentLibrary.DownloadSession`: operations that require one of them are
   * refused as UNAUTHORIZED.
   * @defaultValue none
   */
  readonly missingPrivileges?: readonly string[];
  /**
   * The initial libraries.
   * @defaultValue none
   */
  readonly libraries?: readonly LibrarySeed[];
  /**
   * What goes wrong, and when.
   * @defaultValue nothing
   */
  readonly faults?: readonly Fault[];
  /**
   * When download sessions expire.
   * @defaultValue five minutes after the last operation on the session
   */
  readonly lease?: LeaseRules;
  /**
   * How files are prepared.
   * @defaultValue at once; uncached ones are refused
   */
  readonly prepare?: PrepareRules;
  /**
   * What is reported about files.
   * @defaultValue the size always, a SHA-256 once the file was downloaded
   */
  readonly report?: ReportRules;
  /**
   * How transfer URLs behave.
   * @defaultValue every feature of HTTP is supported; 20 transfers at a time
   */
  readonly transfer?: TransferRules;
  /**
   * How long logins last.
   * @defaultValue 30 minutes idle, one day in all; 550 per user
   */
  readonly apiSessions?: ApiSessionLimits;
  /**
   * Where transfer URLs point to: the same server, or a second one with its own port and, with TLS, its own certificate.
   * @defaultValue "same"
   */
  readonly transferOrigin?: "same" | "own";
  /**
   * Whether pages of other origins may use the simulator (CORS).
   * @defaultValue false
   */
  readonly cors?: boolean;
  /**
   * Host names, without a port, that requests may use in addition to those of the loopback interface (127.0.0.0/8, ::1,
   * localhost and names below it), such as `vc.example.test` behind a reverse proxy or from a hosts file. Any other `Host` is
   * answered with 421, so that no web page can reach the simulator through a name that its owner controls.
   * @defaultValue none
   */
  readonly hosts?: readonly string[];
  /**
   * How many bytes all uploads may have together, because they are kept in memory; more is answered with 413.
   * @defaultValue 1 GiB
   */
  readonly uploadLimitBytes?: number;
  /**
   * Time for leases, logins, delays and the `Date` header; `virtualClock()` makes one that a test moves.
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock;
  /**
   * How many exchanges the journal keeps; when there are more, the oldest are dropped.
   * @defaultValue 100_000
   */
  readonly journalLimit?: number;
}
