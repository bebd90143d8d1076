import { bytes, count, error, errorLine, flag, line, list, object, optional, text, time } from "./json-shape-parts.ts";
import type { Members, Shape } from "./json-shape-parts.ts";

const item: Members = { mirror: text("Name of the mirror in the document."), item: text("Its name."), itemId: text() };
const atWork: Members = {
  ...item,
  vcenter: text(),
  worker: optional(text()),
  attempt: { ...count, description: "The first is 1." },
  startedAt: time,
  receivedBytes: bytes,
  totalBytes: optional(bytes),
  files: list(object({ file: text(), receivedBytes: bytes, totalBytes: optional(bytes) })),
};

const status = line("status", {
  database: object({ kind: { enum: ["embedded", "postgresql"] }, location: text(), version: text() }),
  vcenters: list(object({ vcenter: text(), transfers: count, atWork: count, waiting: count })),
  mirrors: list(
    object({
      mirror: text(),
      vcenter: text(),
      library: text(),
      target: text(),
      atWork: count,
      waiting: count,
      dead: { ...count, description: "Items that are not tried any more." },
      plan: { enum: ["none", "waiting", "at-work", "retry"] },
      plannedAt: optional(time),
      plannedItems: optional(count),
      unchangedItems: optional(count),
      nextAt: optional(time),
      error: optional(error),
    }),
  ),
  atWork: list(object(atWork)),
  waiting: list(
    object({
      ...item,
      vcenter: text(),
      why: { enum: ["queue", "limit", "retry"] },
      attempts: count,
      retryAt: optional(time),
      error: optional(error),
    }),
  ),
  dead: list(object({ ...item, vcenter: text(), attempts: count, failedAt: time, error: optional(error) })),
  workers: list(object({ worker: text(), host: text(), pid: count, startedAt: time, seenAt: time, items: count })),
});

const value: Shape = { type: ["string", "number", "boolean"] };

/** The lines of `carrel fleet` and its commands. */
export const fleetLines: readonly Shape[] = [
  status,
  line("mistake", {
    file: text("The document."),
    problem: text(),
    path: text("Such as mirrors.nightly.cron."),
    line: optional(count),
    column: optional(count),
    message: text(),
    named: optional(text("The key or the name that is not known.")),
    known: optional(list(text())),
  }),
  line("change", {
    change: { enum: ["added", "changed", "removed"] },
    section: { enum: ["vcenters", "targets", "mirrors"] },
    name: text(),
    values: list(object({ key: text(), before: optional(value), after: optional(value) })),
  }),
  line("requested", { mirror: optional(text()), item: optional(text()), items: optional(count) }),
  line("skipped", { mirror: text() }, "It waits to be compared already."),
  line("cancelled", { mirror: text(), item: optional(text()), items: count }),
  line("work", {
    ...item,
    state: { enum: ["waiting", "retry", "at-work", "completed", "cancelled", "failed"] },
    attempts: count,
    createdAt: time,
    startedAt: optional(time),
    endedAt: optional(time),
    worker: optional(text()),
    receivedBytes: optional(bytes),
    error: optional(error),
  }),
  line("step", {
    name: text(),
    status: { enum: ["ok", "warning", "failure"] },
    message: text(),
    error: optional(error),
  }),
  line("serving", { url: text("Where /metrics and /healthz are.") }),
  line("ready", { worker: text(), database: text() }),
  line("planned", { mirror: text(), items: count, unchanged: count, deleted: count, failed: count }),
  line("planFailed", { mirror: text(), error, isDead: flag }),
  line("started", { ...item, attempt: count, isTakenOver: flag }),
  line("mirrored", { ...item, action: text(), receivedBytes: bytes }),
  line("failed", { ...item, error, isDead: flag }),
  line("lost", item),
  line("swept", { vcenter: text(), sessions: count }),
  line("databaseLost", { error }),
  line("databaseBack", {}),
  line("summary", { changes: count, applied: flag }, "Of apply."),
  line(
    "summary",
    { mirrored: count, failed: { ...count, description: "Tries that failed." }, receivedBytes: bytes },
    "Of run.",
  ),
  line("summary", { steps: count, failures: count, warnings: count }, "Of doctor."),
  errorLine,
];
