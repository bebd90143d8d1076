import { bytes, count, errorLine, flag, line, number, object, optional, text } from "./json-shape-parts.ts";
import type { Members, Shape } from "./json-shape-parts.ts";

/** How many items changed in what subscribers see, or would. */
const publication: Shape = object({
  name: text("That subscribers see."),
  id: text("That of the published library."),
  version: count,
  isChanged: flag,
  added: count,
  changed: count,
  removed: count,
  unchanged: count,
  leftOut: count,
});

const verified = object({ files: count, bytes, differing: count }, "What came of --verify.");

const counts: Members = {
  inPlace: count,
  unchanged: count,
  new: count,
  changed: count,
  incomplete: count,
  renamed: count,
  templates: count,
  excluded: count,
  failed: count,
  notDeleted: count,
  goneAndKept: count,
  leftoversKept: count,
  awaitingDeletion: count,
  leftoversAwaitingDeletion: count,
  deleted: count,
  leftoversDeleted: count,
  deletedFiles: count,
  deletedBytes: bytes,
  receivedBytes: bytes,
};

const library: Members = { library: text(), libraryId: text() };
const outcome: Members = {
  ...library,
  allInPlace: flag,
  verified: optional(verified),
  published: optional(publication),
};

/** The end of a library of `carrel mirror`: of a run, and of a dry run. */
export const mirrorDoneLines: readonly Shape[] = [
  line(
    "done",
    {
      ...outcome,
      ...counts,
      backup: optional(object({ directory: text(), files: count, sizeBytes: bytes })),
      durationMs: number(),
    },
    "A library is done.",
  ),
  line(
    "done",
    {
      ...outcome,
      dryRun: { const: true },
      toDo: count,
      unchanged: count,
      failed: count,
      space: object({
        fetchBytes: bytes,
        growthBytes: { type: "integer", description: "Below 0 where the mirror shrinks." },
        freeBytes: optional(bytes),
      }),
    },
    "What a run would do.",
  ),
];

/** The lines of `carrel diff`. */
export const diffLines: readonly Shape[] = [
  line("difference", {
    item: text("Name of its directory."),
    file: optional(text()),
    difference: { enum: ["only-left", "only-right", "checksum", "version", "size", "modified"] },
  }),
  line("done", {
    isSame: flag,
    differences: count,
    same: object(
      { checksum: count, version: count, size: count, name: count },
      "Files that are the same, by what shows it.",
    ),
  }),
  errorLine,
];
