import { randomUUID } from "node:crypto";
import type { Clock } from "@carrel/core";
import { Faults } from "./fault-plan.ts";
import type { SimulatorOptions } from "../model/simulator-options.ts";
import { TransferPool } from "./transfer-pool.ts";
import { transferRules } from "../model/transfer-rules.ts";
import { traitsOf } from "../model/versions.ts";
import { ApiSessions } from "./api-sessions.ts";
import { ClientTokens } from "./client-tokens.ts";
import { DownloadSessions } from "./download-sessions.ts";
import { leaseRules } from "../model/lease-rules.ts";
import { LibraryStore } from "./library-store.ts";
import { prepareRules } from "../model/prepare-rules.ts";
import { reportRules } from "../model/report-rules.ts";
import { UpdateSessions } from "./update-sessions.ts";
import { UploadSpace } from "./upload-space.ts";
import type { World } from "./world.ts";

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
    traits: traitsOf(options.versions ?? "8.0"),
    serverGuid: randomUUID(),
    credentials: options.credentials ?? { username: "administrator@vsphere.local", password: "VMware1!" },
    samlAssertions: options.samlAssertions ?? [],
    privilegesLacking: new Set(options.privilegesLacking),
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
