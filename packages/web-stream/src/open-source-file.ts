import type { DownloadFileInfo } from "@carrel/core";
import { defined, LinkedAbort } from "@carrel/core/kit";
import { explainMissing, gatherProof, maxManifestBytes, patienceOf, PatientSource } from "@carrel/core/transfer";
import type {
  EndpointRequest,
  FileProof,
  ItemSource,
  LeasedEndpoint,
  ManifestCheck,
  SourceFile,
} from "@carrel/core/transfer";
import type { FileStreamOptions } from "./file-options.ts";
import { digestOf, lateAlgorithms } from "./hasher.ts";
import { TransferReadable } from "./open-transfer.ts";
import { isPart } from "./transfer-options.ts";
import type { TransferBinding, TransferOptions } from "./transfer-options.ts";

/** A file to open, and what its stream is bound to. */
export interface FileToOpen {
  readonly source: ItemSource;
  readonly fileName: string;
  readonly options: FileStreamOptions;
  /** Requests a new endpoint. */
  readonly renewEndpoint: (request: EndpointRequest) => Promise<LeasedEndpoint>;
  /** Aborts the opening. */
  readonly signal: AbortSignal;
  readonly binding: Omit<TransferBinding, "proof">;
  /** The files of the item, where they are known; otherwise the source is asked. */
  readonly listed?: Promise<readonly SourceFile[]>;
  /** The manifests that were read for other files of the item. */
  readonly manifests?: Map<string, Promise<Uint8Array | undefined>>;
  /** Called at each answer of the server while it prepares the file. */
  readonly onPreparing?: (info: DownloadFileInfo) => void;
}

/** Prepares a file, and at the same time finds out what its bytes can be compared with; then opens it. */
export async function openSourceFile(file: FileToOpen): Promise<TransferReadable> {
  const { fileName, options, renewEndpoint, binding, manifests = new Map(), onPreparing: onProgress } = file;
  const opening = new LinkedAbort(file.signal);
  const { signal } = opening;
  const patiently = patienceOf(options);
  const source = new PatientSource(file.source, patiently);
  const listed = isPart(options) ? undefined : (file.listed ?? source.files(signal));
  listed?.catch(() => {});
  const fetchManifest = async (name: string, manifest: ManifestCheck): Promise<void> => {
    const reading = manifests.get(name) ?? readManifest(source, name, { ...transferOptions(options), signal });
    manifests.set(name, reading);
    const bytes = await reading;
    if (bytes === undefined) manifest.tooLarge(name);
    else manifest.arrived(name, bytes);
  };
  let ready: LeasedEndpoint | undefined;
  let proof: FileProof | undefined;
  try {
    [ready, proof] = await Promise.all([
      patiently(() => source.endpoint(fileName, { signal, ...defined({ onProgress }) }), signal),
      listed?.then((files) =>
        gatherProof({ source, fileName, options, signal, digestOf, late: lateAlgorithms, fetchManifest }, files),
      ),
    ]);
  } catch (error) {
    file.signal.throwIfAborted();
    opening.abort(error);
    throw await explainMissing(error, fileName, listed);
  } finally {
    opening.unlink();
  }
  return new TransferReadable(
    async (request) => {
      const first = ready;
      ready = undefined;
      return first ?? renewEndpoint(request);
    },
    { ...options, fileName },
    { ...binding, ...defined({ proof }) },
  );
}

/** What a manifest is fetched with, of the options of the file that it verifies. */
function transferOptions({ clock, fetch, retryForMs, allowHttpTransfers }: FileStreamOptions): TransferOptions {
  return defined({ clock, fetch, retryForMs, allowHttpTransfers });
}

/** Reads a manifest; `undefined` where it is too large to be one. */
async function readManifest(
  source: ItemSource,
  fileName: string,
  options: TransferOptions,
): Promise<Uint8Array | undefined> {
  const stream = new TransferReadable(
    ({ cause, signal }) => source.endpoint(fileName, { signal, ...defined({ cause }) }),
    { ...options, fileName },
  );
  const reader = stream.getReader();
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(blocks).arrayBuffer());
    blocks.push(value);
    if (stream.receivedBytes <= maxManifestBytes) continue;
    await reader.cancel();
    return undefined;
  }
}
