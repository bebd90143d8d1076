import { ArchiveProof } from "./archive-proof.ts";
import { checkNumber, checkOneOf, defined, LinkedAbort, longestMs } from "@carrel/core/kit";
import type { EndpointRequest, ItemSource, LeasedEndpoint } from "@carrel/core/transfer";
import {
  checkRequired,
  FileProof,
  patienceOf,
  PatientSource,
  allAlgorithms,
  explainMissing,
  gatherProof,
} from "@carrel/core/transfer";
import { fetchManifest, digestOf } from "../download/fetch-manifest.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { TransferReadable } from "../transfer/open-transfer.ts";
import type { TransferStream } from "../transfer/open-transfer.ts";
import type { TransferBinding } from "../transfer/settings.ts";
import { isPart, readTransferSettings, requireWhole } from "../transfer/settings.ts";
import type { TransferSession } from "../transfer/transfer-options.ts";
import type { FileStreamOptions } from "./file-stream-options.ts";

export const defaultPrepareTimeoutMs = 300_000;

/** A file to open, and what its stream is bound to. */
export interface FileToOpen {
  readonly source: ItemSource;
  readonly fileName: string;
  readonly options: FileStreamOptions;
  readonly pool: ConnectionPool;
  readonly session: TransferSession | undefined;
  /** Requests a new endpoint. */
  readonly renewEndpoint: (request: EndpointRequest) => Promise<LeasedEndpoint>;
  /** Aborts the opening. */
  readonly signal: AbortSignal;
  readonly binding: Omit<TransferBinding, "proof">;
}

/**
 * Checks options before anything is requested.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 */
export function checkFileStreamOptions(options: FileStreamOptions): void {
  const { prepareTimeoutMs = 1, factsTimeoutMs = 0, requireVerified = false, manifest = "check" } = options;
  readTransferSettings(options);
  checkNumber("prepareTimeoutMs", prepareTimeoutMs, { from: 1, to: longestMs, whole: true });
  checkNumber("factsTimeoutMs", factsTimeoutMs, { from: 0, to: longestMs, whole: true });
  checkOneOf("manifest", manifest, ["check", "report"]);
  checkRequired(requireVerified);
  if (requireVerified !== false) requireWhole("requireVerified", options);
}

/** Prepares a file, and at the same time finds out what its bytes can be compared with; then opens it. */
export async function openSourceFile(file: FileToOpen): Promise<TransferStream> {
  const { fileName, options, pool, session, renewEndpoint, binding } = file;
  using opening = new LinkedAbort(file.signal);
  const { signal } = opening;
  const patiently = patienceOf(options);
  const source = new PatientSource(file.source, patiently);
  const listed = isPart(options) ? undefined : source.files(signal);
  listed?.catch(() => {});
  let ready: LeasedEndpoint | undefined;
  let proof: FileProof | undefined;
  try {
    [ready, proof] = await Promise.all([
      patiently(() => source.endpoint(fileName, { signal }), signal),
      listed?.then((files) =>
        gatherProof(
          {
            source,
            fileName,
            options,
            signal,
            digestOf,
            late: allAlgorithms,
            createArchive: () => new ArchiveProof(),
            fetchManifest: (name, manifest) =>
              fetchManifest({ source, pool, session, manifest, options }, name, signal),
          },
          files,
        ),
      ),
    ]);
  } catch (error) {
    file.signal.throwIfAborted();
    opening.abort(error);
    throw await explainMissing(error, fileName, listed);
  }
  return new TransferReadable(
    async (request) => {
      const first = ready;
      ready = undefined;
      return first ?? renewEndpoint(request);
    },
    { ...options, fileName, pool, ...defined({ session }) },
    { ...binding, ...defined({ proof }) },
  );
}
