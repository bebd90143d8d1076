import type { DownloadSessionState } from "@carrel/core";
import type { FaultPlan } from "./state/fault-plan.ts";
import type { Inventory } from "./inventory.ts";
import type { JournalEntry } from "./journal/journal.ts";
import type { Credentials } from "./model/simulator-options.ts";
import type { SimulatorCertificate } from "./tls/certificate.ts";

/** A real HTTP(S) server on the loopback address, in this process. Made by {@link startSimulator}; close it to stop it. */
export interface Simulator extends AsyncDisposable {
  /** Where it is, such as `http://127.0.0.1:49152/`. */
  readonly url: URL;
  /** Its certificate; undefined without TLS. */
  readonly certificate: SimulatorCertificate | undefined;
  /** Where transfer URLs point to: {@link url}, or a second server. */
  readonly transferUrl: URL;
  /** The certificate there. */
  readonly transferCertificate: SimulatorCertificate | undefined;
  /** What to log in with. */
  readonly credentials: Credentials;
  /** What it holds. */
  readonly inventory: Inventory;
  /** What goes wrong, and when. */
  readonly faults: FaultPlan;
  /** Every exchange, in order, redacted: assert on what was sent, not on calls of mocks. */
  readonly journal: readonly JournalEntry[];
  /** Identifiers of the ACTIVE download sessions: a test ends with `expect(simulator.openSessions).toEqual([])`. */
  readonly openSessions: readonly string[];
  /** All download sessions that the server still knows, ended ones included. */
  readonly downloadSessions: readonly DownloadSessionView[];
  /** Logins that have not been ended: a test ends with `expect(simulator.openApiSessions).toEqual([])`. */
  readonly openApiSessions: readonly ApiSessionView[];
  /** Ends a download session, or all of them, as if their time were over. */
  expireDownloadSessions(id?: string): void;
  /** Ends every login, as an administrator or a restart would. */
  expireApiSessions(): void;
  /** Stops it and cuts its connections. What `await using` does at the end of its block. */
  close(): Promise<void>;
}

/** A download session as it stands. */
export interface DownloadSessionView {
  readonly id: string;
  readonly itemId: string;
  readonly state: DownloadSessionState;
  readonly progressPercent: number;
  readonly expiresAt: Date;
}

/** A login as it stands. */
export interface ApiSessionView {
  readonly user: string;
  readonly createdAt: Date;
  readonly lastAccessedAt: Date;
}
