import type { Clock } from "@carrel/core";
import type { SimulatorCertificate } from "../tls/certificate.ts";
import type { FullTransferRules, PrepareRules, ReportRules } from "../model/rules.ts";
import type { VersionTraits } from "../model/versions.ts";
import type { Credentials, SimulatorOptions } from "../model/simulator-options.ts";
import { randomUUID } from "node:crypto";
import { Faults } from "./fault-plan.ts";
import { TransferPool } from "./transfer-pool.ts";
import { transferRules, leaseRules, prepareRules, reportRules } from "../model/rules.ts";
import { traitsOf } from "../model/versions.ts";
import { ApiSessions } from "./api-sessions.ts";
import { ClientTokens } from "./client-tokens.ts";
import { DownloadSessions } from "./download-sessions.ts";
import { LibraryStore } from "./library-store.ts";
import { UpdateSessions, UploadSpace } from "./update-sessions.ts";

/** Everything that the operations work on. */
export interface World {
  readonly clock: Clock;
  readonly traits: VersionTraits;
  readonly serverGuid: string;
  readonly credentials: Credentials;
  readonly samlAssertions: readonly string[];
  readonly missingPrivileges: ReadonlySet<string>;
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

/** The state of a new simulator, by its options. */
export function createWorld(options: SimulatorOptions, clock: Clock): World {
  const lease = leaseRules(options.lease ?? {});
  const transfer = transferRules(options.transfer ?? {});
  const store = new LibraryStore(clock);
  for (const library of options.libraries ?? []) store.addLibrary(library);
  const faults = new Faults();
  faults.add(...(options.faults ?? []));
  return {
    clock,
    traits: traitsOf(options.version ?? "8.0"),
    serverGuid: randomUUID(),
    credentials: options.credentials ?? { username: "administrator@vsphere.local", password: "VMware1!" },
    samlAssertions: options.samlAssertions ?? [],
    missingPrivileges: new Set(options.missingPrivileges),
    store,
    apiSessions: new ApiSessions(clock, options.apiSessions ?? {}),
    downloadSessions: new DownloadSessions(clock, lease),
    updateSessions: new UpdateSessions(clock, lease.lifeMs),
    clientTokens: new ClientTokens(),
    prepare: prepareRules(options.prepare ?? {}),
    report: reportRules(options.report ?? {}),
    transfer,
    transferPool: new TransferPool(transfer.poolSize),
    uploadSpace: new UploadSpace(options.uploadLimitBytes ?? 1024 ** 3),
    faults,
    places: { origin: "", transferOrigin: "", transferCertificate: undefined },
  };
}
