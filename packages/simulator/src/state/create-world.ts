import { randomUUID } from "node:crypto";
import type { Clock } from "@carrel/core";
import type { SimulatorOptions } from "../simulator-options.ts";
import { TransferPool } from "../transfer/transfer-pool.ts";
import { transferRules } from "../transfer/transfer-rules.ts";
import { traitsOf } from "../versions.ts";
import { ApiSessions } from "./api-sessions.ts";
import { ClientTokens } from "./client-tokens.ts";
import { DownloadSessions } from "./download-sessions.ts";
import { leaseRules } from "./lease-rules.ts";
import { LibraryStore } from "./library-store.ts";
import { prepareRules } from "./prepare-rules.ts";
import { reportRules } from "./report-rules.ts";
import type { World } from "./world.ts";

/** The state of a new simulator, by its options. */
export function createWorld(options: SimulatorOptions, clock: Clock): World {
  const transfer = transferRules(options.transfer ?? {});
  const store = new LibraryStore(clock);
  for (const library of options.libraries ?? []) store.addLibrary(library);
  return {
    clock,
    traits: traitsOf(options.versions ?? "8.0"),
    serverGuid: randomUUID(),
    credentials: options.credentials ?? { username: "administrator@vsphere.local", password: "VMware1!" },
    privilegesLacking: new Set(options.privilegesLacking),
    store,
    apiSessions: new ApiSessions(clock, options.apiSessions ?? {}),
    downloadSessions: new DownloadSessions(clock, leaseRules(options.lease ?? {})),
    clientTokens: new ClientTokens(),
    prepare: prepareRules(options.prepare ?? {}),
    report: reportRules(options.report ?? {}),
    transfer,
    transferPool: new TransferPool(transfer.poolSize),
    places: { origin: "", transferOrigin: "", transferCertificate: undefined },
  };
}
