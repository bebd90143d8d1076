import type { DownloadFileInfo, DownloadFileStatus, TransferEndpoint } from "@carrel/core";
import { checksumOf } from "./library-store.ts";
import type { DownloadSession, SessionFile } from "./download-sessions.ts";
import type { Item, ItemFile } from "./library-store.ts";
import type { ReportedFrom } from "../model/rules.ts";
import type { World } from "./world.ts";

/** What a download session reports about a file now. */
export async function sessionFileInfo(
  session: DownloadSession,
  item: Item,
  file: ItemFile,
  world: World,
): Promise<DownloadFileInfo> {
  const requested = session.files.get(file.name);
  const status = statusOf(requested, world);
  const sizeBytes = file.states.sizeBytes ?? file.content.sizeBytes;
  const { report } = world.settings;
  return {
    name: file.name,
    ...(isReported(report.size, { status, requested, delayMs: report.sizeDelayMs, world })
      ? { size: sizeBytes }
      : unset("size", world)),
    bytes_transferred: bytesTransferred(status, requested, file, world),
    status,
    ...(requested && status === "PREPARED"
      ? { download_endpoint: endpointOf(session, item, file, requested, world) }
      : {}),
    ...(isReported(report.checksum, { status, requested, delayMs: report.checksumDelayMs, world })
      ? { checksum_info: await checksumOf(file, report.checksumAlgorithm) }
      : unset("checksum_info", world)),
    ...(requested?.error ? { error_message: requested.error } : {}),
  };
}

/** How far the preparation of a file is now. */
export function statusOf(requested: SessionFile | undefined, world: World): DownloadFileStatus {
  if (!requested) return "UNPREPARED";
  const elapsed = world.clock.now() - requested.requestedAtMs;
  if (elapsed < world.settings.prepare.requestedMs) return "PREPARE_REQUESTED";
  if (requested.error) return "ERROR";
  return elapsed < world.settings.prepare.requestedMs + world.settings.prepare.preparingMs ? "PREPARING" : "PREPARED";
}

function bytesTransferred(
  status: DownloadFileStatus,
  requested: SessionFile | undefined,
  file: ItemFile,
  world: World,
): number {
  const { requestedMs, preparingMs } = world.settings.prepare;
  if (!requested || preparingMs === 0) return 0;
  if (status === "PREPARED") return file.content.sizeBytes;
  if (status !== "PREPARING") return 0;
  const share = (world.clock.now() - requested.requestedAtMs - requestedMs) / preparingMs;
  return Math.floor(file.content.sizeBytes * share);
}

/** A member that is not reported, written as the rules say. */
export function unset(member: string, { settings: { report } }: World): object {
  return report.unset === "null" ? { [member]: null } : {};
}

interface ReportedFact {
  readonly status: DownloadFileStatus;
  readonly requested: SessionFile | undefined;
  readonly delayMs: number;
  readonly world: World;
}

function isReported(from: ReportedFrom, { status, requested, delayMs, world }: ReportedFact): boolean {
  if (from === "never") return false;
  if (from === "downloaded") {
    return requested?.downloadedAtMs !== undefined && world.clock.now() - requested.downloadedAtMs >= delayMs;
  }
  return from === "always" || status === "PREPARED";
}

function endpointOf(
  session: DownloadSession,
  item: Item,
  file: ItemFile,
  requested: SessionFile,
  world: World,
): TransferEndpoint {
  const name = encodeURIComponent(file.name);
  if (requested.endpointType === "DIRECT") {
    return { uri: `ds:///vmfs/volumes/${world.server.guid}/contentlib-${item.libraryId}/${item.id}/${name}` };
  }
  const { transferOrigin, transferCertificate } = world.server;
  return {
    uri: `${transferOrigin}/cls/data/${session.token}/${name}`,
    ...(transferCertificate ? { ssl_certificate_thumbprint: transferCertificate.sha1 } : {}),
    ...(transferCertificate && world.traits.sslCertificate ? { ssl_certificate: transferCertificate.pem } : {}),
  };
}
