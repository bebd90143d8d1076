import type { DownloadFileInfo, DownloadFileStatus, TransferEndpoint } from "@carrel/core";
import { checksumOf } from "./library-store.ts";
import type { DownloadSession, SessionFile } from "./download-sessions.ts";
import type { Item, ItemFile } from "./library-store.ts";
import type { ReportedFrom } from "../model/rules.ts";
import type { World } from "./world.ts";

/** A file as a download session tells of it at this moment. */
export async function sessionFileInfo(
  session: DownloadSession,
  item: Item,
  file: ItemFile,
  world: World,
): Promise<DownloadFileInfo> {
  const asked = session.files.get(file.name);
  const status = statusOf(asked, world);
  const sizeBytes = file.states.sizeBytes ?? file.content.sizeBytes;
  const { report } = world;
  return {
    name: file.name,
    ...(isTold(report.size, { status, asked, delayMs: report.sizeDelayMs, world })
      ? { size: sizeBytes }
      : unset("size", world)),
    bytes_transferred: bytesTransferred(status, asked, file, world),
    status,
    ...(asked && status === "PREPARED" ? { download_endpoint: endpointOf(session, item, file, asked, world) } : {}),
    ...(isTold(report.checksum, { status, asked, delayMs: report.checksumDelayMs, world })
      ? { checksum_info: await checksumOf(file, report.checksumAlgorithm) }
      : unset("checksum_info", world)),
    ...(asked?.error ? { error_message: asked.error } : {}),
  };
}

/** The state of preparation of a file at this moment. */
export function statusOf(asked: SessionFile | undefined, world: World): DownloadFileStatus {
  if (!asked) return "UNPREPARED";
  const elapsed = world.clock.now() - asked.requestedAt;
  if (elapsed < world.prepare.requestedMs) return "PREPARE_REQUESTED";
  if (asked.error) return "ERROR";
  return elapsed < world.prepare.requestedMs + world.prepare.preparingMs ? "PREPARING" : "PREPARED";
}

function bytesTransferred(
  status: DownloadFileStatus,
  asked: SessionFile | undefined,
  file: ItemFile,
  world: World,
): number {
  const { requestedMs, preparingMs } = world.prepare;
  if (!asked || preparingMs === 0) return 0;
  if (status === "PREPARED") return file.content.sizeBytes;
  if (status !== "PREPARING") return 0;
  const share = (world.clock.now() - asked.requestedAt - requestedMs) / preparingMs;
  return Math.floor(file.content.sizeBytes * share);
}

/** A member that is not told, as the rules have it. */
export function unset(member: string, { report }: World): object {
  return report.unset === "null" ? { [member]: null } : {};
}

interface Telling {
  readonly status: DownloadFileStatus;
  readonly asked: SessionFile | undefined;
  readonly delayMs: number;
  readonly world: World;
}

function isTold(from: ReportedFrom, { status, asked, delayMs, world }: Telling): boolean {
  if (from === "never") return false;
  if (from === "downloaded") {
    return asked?.downloadedAt !== undefined && world.clock.now() - asked.downloadedAt >= delayMs;
  }
  return from === "always" || status === "PREPARED";
}

function endpointOf(
  session: DownloadSession,
  item: Item,
  file: ItemFile,
  asked: SessionFile,
  world: World,
): TransferEndpoint {
  const name = encodeURIComponent(file.name);
  if (asked.endpointType === "DIRECT") {
    return { uri: `ds:///vmfs/volumes/${world.serverGuid}/contentlib-${item.libraryId}/${item.id}/${name}` };
  }
  const { transferOrigin, transferCertificate } = world.places;
  return {
    uri: `${transferOrigin}/cls/data/${session.token}/${name}`,
    ...(transferCertificate ? { ssl_certificate_thumbprint: transferCertificate.sha1 } : {}),
    ...(transferCertificate && world.traits.sslCertificate ? { ssl_certificate: transferCertificate.pem } : {}),
  };
}
