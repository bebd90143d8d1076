import type { Clock } from "@carrel/core";
import type { Faults } from "./fault-plan.ts";
import type { SimulatorCertificate } from "../tls/certificate.ts";
import type { TransferPool } from "./transfer-pool.ts";
import type { FullTransferRules } from "../model/transfer-rules.ts";
import type { VersionTraits } from "../model/versions.ts";
import type { ApiSessions } from "./api-sessions.ts";
import type { ClientTokens } from "./client-tokens.ts";
import type { Credentials } from "../model/credentials.ts";
import type { DownloadSessions } from "./download-sessions.ts";
import type { LibraryStore } from "./library-store.ts";
import type { PrepareRules } from "../model/prepare-rules.ts";
import type { ReportRules } from "../model/report-rules.ts";
import type { UpdateSessions } from "./update-sessions.ts";
import type { UploadSpace } from "./upload-space.ts";

/** Everything that the operations work on. */
export interface World {
  readonly clock: Clock;
  readonly traits: VersionTraits;
  readonly serverGuid: string;
  readonly credentials: Credentials;
  readonly samlAssertions: readonly string[];
  readonly privilegesLacking: ReadonlySet<string>;
  readonly store: LibraryStore;
  readonly apiSessions: ApiSessions;
  readonly downloadSessions: DownloadSessions;
  readonly updateSessions: UpdateSessions;
  readonly clientTokens: ClientTokens;
  readonly prepare: Required<PrepareRules>;
  readonly report: Required<ReportRules>;
  readonly transfer: FullTransferRules;
  readonly transferPool: TransferPool;
  readonly uploadSpace: UploadSpace;
  readonly faults: Faults;
  readonly places: Places;
}

/** Where the simulator can be reached; known once it listens. */
export interface Places {
  /** Origin of the vCenter, without a slash at the end. */
  origin: string;
  /** Origin of the transfer URLs. */
  transferOrigin: string;
  transferCertificate: SimulatorCertificate | undefined;
}
