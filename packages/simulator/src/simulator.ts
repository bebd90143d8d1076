import type { DownloadSessionState } from "@carrel/core";
import type { FaultPlan } from "./state/fault-plan.ts";
import type { Inventory } from "./inventory.ts";
import type { JournalEntry } from "./journal/journal.ts";
import type { Credentials } from "./model/simulator-options.ts";
import type { SimulatorCertificate } from "./tls/certificate.ts";

/** A real HTTP(S) server on the loopback address, in this process. {@link startSimulator} starts it, `close` stops it. */
export interface Simulator extends AsyncDisposable {
  /** Address of the server, such as `http://127.0.0.1:49152/`. */
  readonly url: URL;
  /** Certificate of the server; undefined without TLS. */
  readonly certificate: SimulatorCertificate | undefined;
  /** Address that transfer URLs point to: {@link url}, or a second server. */
  readonly transferUrl: URL;
  /** Certificate of that server; undefined without TLS. */
  readonly transferCertificate: SimulatorCertificate | undefined;
  /** User name and password to log in with. */
  readonly credentials: Credentials;
  /** Libraries, items and files. */
  readonly inventory: Inventory;
  /** What goes wrong, and when. */
  readonly faults: FaultPlan;
  /** Every exchange, in order, without secrets. */
  readonly journal: readonly JournalEntry[];
  /** Identifiers of the ACTIVE download sessions. A test may end with `expect(simulator.openSessions).toEqual([])`. */
  readonly openSessions: readonly string[];
  /** All download sessions that exist, ended ones included. */
  readonly downloadSessions: readonly DownloadSessionView[];
  /** Logins that have neither logged out nor expired. A test may end with `expect(simulator.openApiSessions).toEqual([])`. */
  readonly openApiSessions: readonly ApiSessionView[];
  /** Expires a download session, or all of them. */
  expireDownloadSessions(id?: string): void;
  /** Ends every login, as an administrator or a restart does. */
  expireApiSessions(): void;
  /** Stops the server and closes its connections. `await using` does this at the end of its block. */
  close(): Promise<void>;
}

/** The state of a download session. */
export interface DownloadSessionView {
  readonly id: string;
  readonly itemId: string;
  readonly state: DownloadSessionState;
  readonly progressPercent: number;
  readonly expiresAt: Date;
}

/** The state of a login. */
export interface ApiSessionView {
  readonly user: string;
  readonly createdAt: Date;
  readonly lastAccessedAt: Date;
}
