import { randomUUID } from "node:crypto";
import type { Clock } from "@carrel/core";
import { Slots } from "@carrel/core/kit";
import { fillPrepareRules, fillReportRules, fillTransferRules } from "../model/rules.ts";
import type { PrepareRules, ReportRules, CompleteTransferRules } from "../model/rules.ts";
import type { SimulatorOptions } from "../model/simulator-options.ts";
import { traitsOf } from "../model/versions.ts";
import type { VersionTraits } from "../model/versions.ts";
import type { SimulatorCertificate } from "../tls/certificate.ts";
import { ApiSessions } from "./api-sessions.ts";
import { ClientTokens } from "./client-tokens.ts";
import { DownloadSessions } from "./download-sessions.ts";
import { Faults } from "./fault-plan.ts";
import { LibraryStore } from "./library-store.ts";
import { UpdateSessions, UploadSpace } from "./update-sessions.ts";

/** Everything that the operations of one simulator work on. */
export class World {
  readonly clock: Clock;
  readonly traits: VersionTraits;
  readonly settings: Settings;
  readonly server: Server;
  readonly store: LibraryStore;
  readonly apiSessions: ApiSessions;
  readonly downloadSessions: DownloadSessions;
  readonly updateSessions: UpdateSessions;
  readonly clientTokens: ClientTokens = new ClientTokens();
  /** Limits how many transfers run at a time. */
  readonly transferSlots: Slots;
  readonly uploadSpace: UploadSpace;
  readonly faults: Faults = new Faults();

  constructor(options: SimulatorOptions, clock: Clock) {
    this.clock = clock;
    this.traits = traitsOf(options.version ?? "8.0");
    this.settings = {
      prepare: fillPrepareRules(options.prepare),
      report: fillReportRules(options.report),
      transfer: fillTransferRules(options.transfer),
      missingPrivileges: new Set(options.missingPrivileges),
    };
    this.server = { guid: randomUUID(), origin: "", transferOrigin: "", transferCertificate: undefined };
    this.store = new LibraryStore(clock);
    for (const library of options.libraries ?? []) this.store.addLibrary(library);
    this.apiSessions = new ApiSessions(clock, options);
    this.downloadSessions = new DownloadSessions(clock, options.lease);
    this.updateSessions = new UpdateSessions(clock, options.lease?.lifeMs);
    this.transferSlots = new Slots(this.settings.transfer.poolSize, "transfer.poolSize");
    this.uploadSpace = new UploadSpace(options.uploadLimitBytes);
    this.faults.add(...(options.faults ?? []));
  }
}

/** Options with their defaults filled in that several operations go by. */
export interface Settings {
  readonly prepare: Required<PrepareRules>;
  readonly report: Required<ReportRules>;
  readonly transfer: CompleteTransferRules;
  readonly missingPrivileges: ReadonlySet<string>;
}

/** Which server this is, and where it can be reached. The origins are known once it listens. */
export interface Server {
  /** Identifies the server in library models and in datastore paths. */
  readonly guid: string;
  /** Origin of the vCenter, without a slash at the end. */
  origin: string;
  /** Origin of the transfer URLs. */
  transferOrigin: string;
  transferCertificate: SimulatorCertificate | undefined;
}
