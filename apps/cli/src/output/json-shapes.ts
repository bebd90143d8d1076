import { fleetLines } from "./fleet-shapes.ts";
import { diffLines, mirrorDoneLines } from "./json-count-shapes.ts";
import {
  bytes,
  count,
  error,
  errorLine,
  flag,
  line,
  list,
  more,
  number,
  object,
  optional,
  text,
  time,
} from "./json-shape-parts.ts";
import type { Members, Shape } from "./json-shape-parts.ts";

const version: Shape = { type: ["number", "string"], description: "A number, as far as the server writes one." };
const verifiedBy: Shape = { enum: ["checksum", "manifest", "length", "nothing"] };
const anything: Shape = {};
const digest = object({ algorithm: text(), hex: text() });

const cause = object({ name: text(), code: text(), message: text(), retryable: flag, problem: optional(text()) });

const library: Members = { library: text("Its name."), libraryId: text() };
const item: Members = { ...library, item: text("Its name."), itemId: text() };
const file: Members = { file: text("Its name on the server."), path: text("Absolute path on this machine, or -.") };
const digests: Members = {
  digest: optional({ ...digest, description: "Computed by Carrel of the bytes on the disk." }),
  sha256: optional(text("The same in hexadecimal, where it is SHA-256.")),
};
const note = object({
  reason: text(),
  manifest: optional(text()),
  line: optional(count),
  named: optional(text()),
  file: optional(text()),
  value: optional(text()),
  more: optional(count),
});
const manifest: Members = {
  name: text(),
  matched: list(text()),
  notDownloaded: list(text()),
  unnamed: list(text()),
  notes: list(note),
};
const archive: Members = { manifests: list(object(manifest)), notes: list(note) };
const attempt: Members = {
  failures: optional(count),
  delayMs: optional(number()),
  leftMs: optional(number()),
  systemCode: optional(text()),
  status: optional(count),
  origin: optional(text()),
};
const failed = line("failed", {
  library: optional(text()),
  libraryId: optional(text()),
  item: optional(text()),
  itemId: optional(text()),
  file: optional(text()),
  path: optional(text()),
  error,
});
/** How a run ended; its members are counts. */
const summary: Shape = { ...line("summary", {}, "The last line, or the one before an error."), ...more };

const recorded: Members = { unchangedSince: optional(time), recordedBy: optional(verifiedBy) };

const outageLines: readonly Shape[] = [
  line(
    "outage",
    {
      server: text("Host that does not answer."),
      reason: text(),
      keptBytes: optional(bytes),
      totalBytes: optional(bytes),
      leftMs: optional(number("How long it is asked again.")),
      systemCode: optional(text()),
      status: optional(count),
    },
    "The server does not answer. One line for each outage.",
  ),
  line("recovered", { server: text(), durationMs: number() }, "It answers again."),
];

const arrived: Members = { sizeBytes: bytes, verifiedBy, ...digests };
const downloadLines: readonly Shape[] = [
  line("session", {
    ...item,
    session: object({
      sessionId: text(),
      contentVersion: version,
      progressPercent: number(),
      expiresAt: optional(time),
    }),
  }),
  line("synchronizing", item),
  line("plan", {
    ...item,
    files: list(object({ ...file, sizeBytes: optional(bytes) })),
    totalBytes: optional(bytes),
  }),
  line("waiting", { ...item, ...file, holder: text(), leftMs: number() }),
  line("preparing", { ...item, ...file, preparedBytes: bytes }),
  line("transferring", {
    ...item,
    ...file,
    receivedBytes: bytes,
    totalBytes: optional(bytes),
    bytesPerSecond: number(),
    etaMs: optional(number()),
  }),
  line("resumed", { ...item, ...file, fromByte: bytes, cause: optional(cause), ...attempt }),
  line("rereading", { ...item, ...file, comparedBytes: bytes, keptBytes: bytes }),
  line("retrying", { ...item, cause, ...attempt }),
  line("damaged", { ...item, ...file, cause, attempt: count, attempts: count }),
  line("interrupted", { ...item, ...file, keptBytes: bytes }),
  line("archive", { ...item, ...file, ...archive }),
  line("finished", { ...item, ...file, ...arrived, origin: optional(text()), doubts: optional(list(note)) }),
  line("skipped", { ...item, ...file, ...arrived, ...recorded, doubts: optional(list(note)) }),
  line("manifest", { ...item, ...manifest }),
  line("done", { ...item, files: count, receivedBytes: bytes, durationMs: number() }, "An item is complete."),
];
const planned = line("planned", {
  ...item,
  ...file,
  sizeBytes: bytes,
  cached: flag,
  existingBytes: optional(bytes),
  sameSize: optional(flag),
  obstacle: optional(text()),
  partBytes: optional(bytes),
  resumeAtByte: optional(bytes),
  unchangedSince: optional(time),
});

const where: Members = { directory: text("Name of the item's directory."), path: file["path"] ?? {} };
const deletion: Members = {
  ...item,
  ...where,
  file: optional(text()),
  files: optional(count),
  sizeBytes: optional(bytes),
};
const publishedMembers: Members = {
  change: { enum: ["added", "changed", "unchanged", "removed"] },
  id: text("That subscribers know it by."),
  name: text(),
  version: count,
  directory: text("Relative to the directory of the library."),
};
const published = line("published", publishedMembers);
const mirrorLines: readonly Shape[] = [
  { ...line("planned", { ...deletion, action: text() }), ...more },
  line("differs", { ...item, ...where, file: text(), sizeBytes: bytes }),
  line(["finished", "skipped"], { ...item, ...file, ...arrived }),
  line("mirrored", {
    ...item,
    ...where,
    action: { enum: ["new", "changed", "incomplete", "renamed"] },
    contentVersion: version,
    files: count,
    unverified: count,
    sizeBytes: bytes,
    receivedBytes: bytes,
    doubts: list(object({ file: text(), doubts: list(note) })),
    manifests: list(object(manifest)),
    archives: list(object({ file: text(), ...archive })),
  }),
  { ...line(["deleted", "kept"], deletion), ...more },
  line(
    "published",
    { ...library, ...publishedMembers, dryRun: optional({ const: true }) },
    "With --publish: an item that subscribers will see change, or would with --dry-run.",
  ),
  line(
    "expired",
    { ...item, ...where, files: count, sizeBytes: bytes },
    "A version that no subscriber reads any more was deleted.",
  ),
  ...mirrorDoneLines,
];

const checksum = optional(digest);
const times: Members = { createdAt: optional(time), modifiedAt: optional(time) };
const listed = line(["library", "item", "file", "member"], {
  library: optional(text()),
  libraryId: optional(text()),
  libraryType: optional(text()),
  item: optional(text()),
  itemId: optional(text()),
  itemType: optional(text()),
  file: optional(text()),
  member: optional(text("A file in an archive.")),
  archive: optional(text("The file that is the archive.")),
  path: text("LIBRARY/ITEM/FILE or LIBRARY/ITEM/ARCHIVE/MEMBER, as other commands take it."),
  description: optional(text()),
  ...times,
  version: optional(version),
  contentVersion: optional(version),
  itemCount: optional(count),
  cached: optional(flag),
  sizeBytes: optional({ ...bytes, description: "Bytes on the server's storage; of a member, its length." }),
  checksum,
  manifest: optional(text("The manifest in the archive that states the checksum.")),
});
const infoLines: readonly Shape[] = [
  {
    ...line(["library", "item"], {
      ...library,
      item: optional(text()),
      itemId: optional(text()),
      ...times,
      synchronizedAt: optional(time),
      contentVersion: optional(version),
      version: optional(version),
      sizeBytes: optional(bytes),
      files: optional(list(anything)),
      descriptor: optional(anything),
      problems: optional(list({ ...object({ problem: text() }), ...more })),
    }),
    ...more,
  },
  {
    ...line("file", { ...item, file: text(), version, cached: flag, sizeBytes: optional(bytes), checksum }),
    ...more,
  },
];
const sessionLine = line("session", {
  sessionId: text(),
  state: optional(text()),
  item: optional(text()),
  itemId: optional(text()),
  contentVersion: optional(version),
  progressPercent: optional(number()),
  expiresAt: optional(time),
  message: optional(text()),
  files: list(
    object({
      file: text(),
      status: text(),
      preparedBytes: bytes,
      sizeBytes: optional(bytes),
      checksum,
      message: optional(text()),
    }),
  ),
});
const verifyLines: readonly Shape[] = [
  line(["whole", "changed", "missing", "unknown", "unreadable"], {
    path: text("Relative to the directory that is verified."),
    sizeBytes: optional(bytes),
    sha256: optional(text()),
    proofs: list(
      object({
        by: text(),
        source: text(),
        digest,
        sizeBytes: optional(bytes),
        verifiedBy: optional(verifiedBy),
        verifiedAt: optional(time),
      }),
    ),
    message: optional(text()),
  }),
  line("item", { itemId: text(), item: optional(text()), state: text() }),
];

/** The lines of each command with `--json`, by the name of the command. */
export const linesOfCommands: Readonly<Record<string, readonly Shape[]>> = {
  get: [...downloadLines, ...outageLines, planned, failed, summary, errorLine],
  mirror: [...mirrorLines, ...outageLines, failed, summary, errorLine],
  ls: [listed, errorLine],
  du: [listed, errorLine],
  find: [listed, errorLine],
  info: [...infoLines, failed, errorLine],
  sync: [
    line(["synchronized", "requested", "skipped"], {
      ...library,
      item: optional(text()),
      itemId: optional(text()),
      cached: optional(flag),
    }),
    failed,
    errorLine,
  ],
  sessions: [
    sessionLine,
    line(["deleted", "keptAlive", "cancelled", "reportedAsFailed"], {
      sessionId: text(),
      state: optional(text()),
      item: optional(text()),
      itemId: optional(text()),
    }),
    line("failed", { sessionId: text(), error }),
    summary,
    errorLine,
  ],
  doctor: [
    line("step", {
      name: text(),
      status: { enum: ["ok", "warning", "failure"] },
      message: text(),
      hints: list(text()),
      error: optional(error),
    }),
    line(
      "upload",
      { path: text(), sizeBytes: count, parts: count, startedAt: optional(text()), inUse: flag },
      "An incomplete upload in an object store.",
    ),
    line("ended", { path: text(), sizeBytes: count }, "One that --end-uploads ended."),
    summary,
    errorLine,
  ],
  diff: diffLines,
  verify: [...verifyLines, summary, errorLine],
  status: [
    {
      ...line("status", {
        status: { enum: ["ok", "warning", "critical"] },
        directory: text(),
        publication: optional(
          object({
            name: text(),
            id: optional(text()),
            version: count,
            publishedAt: optional(time),
            items: count,
            outdatedItems: { ...count, description: "Not published as they are in the mirror." },
          }),
        ),
      }),
      ...more,
    },
    errorLine,
  ],
  fleet: fleetLines,
  publish: [
    published,
    line("summary", {
      library: text(),
      libraryId: text(),
      version: count,
      isChanged: flag,
      added: count,
      changed: count,
      unchanged: count,
      removed: count,
    }),
    errorLine,
  ],
  serve: [
    line("serving", {
      library: text(),
      url: text("What a vCenter subscribes to."),
      needsPassword: flag,
      sha1: optional(text("Thumbprint of the certificate.")),
      sha256: optional(text()),
    }),
    line("request", {
      method: text(),
      path: text(),
      status: count,
      bodyBytes: bytes,
      elapsedMs: number(),
      client: text(),
      isAborted: flag,
    }),
    errorLine,
  ],
  trust: [
    line("trusted", { host: text(), fingerprint: text(), since: text() }),
    line("removed", { host: text() }),
    errorLine,
  ],
  login: [line("loggedIn", { server: text(), user: text(), context: optional(text()) }), errorLine],
  logout: [line("loggedOut", { server: text(), endedOnServer: flag, message: optional(text()) }), errorLine],
  context: [{ ...line("context", { name: text(), isDefault: flag }), ...more }, errorLine],
};
