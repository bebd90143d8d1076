import type { DownloadEvent, LeaseSession } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { joinPlace } from "./place-path.ts";
import { isoTime, versionOf } from "./wire-values.ts";
import type { Version } from "./wire-values.ts";

/** The names of an item and its library, which each event about the item has. */
export interface ItemNames {
  readonly library: string;
  readonly libraryId: string;
  readonly item: string;
  readonly itemId: string;
}

/** An item, and where its files are. */
export interface ItemPlace extends ItemNames {
  /** Absolute path of its directory, or the address of a prefix of an object store. */
  readonly directory: string;
}

/** A file of an item, and where it is. */
export interface FilePlace {
  /** Its name on the server. */
  readonly file: string;
  /** Absolute path of the file on this machine, as the disk spells it; `-` for standard output. */
  readonly path: string;
}

/** A digest. */
export interface DigestText {
  readonly algorithm: string;
  readonly hex: string;
}

/** What Carrel computed of the bytes on the disk. Both are absent where the file was not read. */
export interface Digests {
  readonly digest?: DigestText;
  /** That digest in hexadecimal, where it is SHA-256. */
  readonly sha256?: string;
}

type EventOf<Type extends DownloadEvent["type"]> = Extract<DownloadEvent, { readonly type: Type }>;
/** Events about a file that are written with its path and nothing else. */
type PlainFileEvent = "waiting" | "preparing" | "transferring" | "resumed" | "rereading" | "damaged" | "archive";
type PlainEvent = "synchronizing" | "retrying" | "manifest" | "done";

/** The session that a download runs under. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly contentVersion: Version;
  readonly progressPercent: number;
  /** The earliest time at which the server may end it. */
  readonly expiresAt?: string;
}

/** A line about the download of an item, as `get --json` writes it. */
export type DownloadLine = ItemNames &
  (
    | { readonly type: "session"; readonly session: SessionFacts }
    | {
        readonly type: "plan";
        readonly files: readonly (FilePlace & { readonly sizeBytes?: number })[];
        readonly totalBytes?: number;
      }
    | EventOf<PlainEvent>
    | (FilePlace & EventOf<PlainFileEvent>)
    | (FilePlace & Digests & Omit<EventOf<"finished">, "path" | "digest">)
    | (FilePlace & Digests & Omit<EventOf<"skipped">, "path" | "digest">)
  );

/**
 * Returns an event for programs, with the names of its item and the path of its file; `undefined` for a file that failed, because
 * failures are reported with advice when the item has ended.
 */
export function downloadLine(place: ItemPlace, event: DownloadEvent): DownloadLine | undefined {
  const { directory, ...names } = place;
  switch (event.type) {
    case "failed":
      return undefined;
    case "session":
      return { type: "session", ...names, session: sessionFacts(event.session) };
    case "plan": {
      const files = event.files.map(({ name, ...rest }) => ({ ...fileIn(directory, name), ...rest }));
      return { type: "plan", ...names, files, ...defined({ totalBytes: event.totalBytes }) };
    }
    case "finished":
    case "skipped": {
      const { type, file, digest, path, ...rest } = event;
      return { type, ...names, ...fileIn(directory, file, path), ...digestsOf(digest), ...rest };
    }
    default: {
      const { type, ...rest } = event;
      const where = "file" in event ? fileIn(directory, event.file) : {};
      return { type, ...names, ...where, ...rest } as DownloadLine;
    }
  }
}

/** Names a file and says where it is. */
function fileIn(directory: string, file: string, path: string = joinPlace(directory, file)): FilePlace {
  return { file, path };
}

/** Returns a digest with its commonest form. */
export function digestsOf(digest: DigestText | undefined): Digests {
  return defined({ digest, sha256: digest?.algorithm === "sha256" ? digest.hex : undefined });
}

function sessionFacts({ id, contentVersion, progressPercent, expiresAt }: LeaseSession): SessionFacts {
  return {
    sessionId: id,
    contentVersion: versionOf(contentVersion),
    progressPercent,
    ...defined({ expiresAt: isoTime(expiresAt) }),
  };
}
