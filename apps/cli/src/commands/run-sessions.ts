import { CarrelError } from "@carrel/core";
import type { CarrelClient, DownloadFileInfo } from "@carrel/core";
import { confirm } from "../ask.ts";
import { notFoundError, usageError } from "../cli-error.ts";
import { collect } from "../map-in-order.ts";
import { formatBytes, formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import { writeListing } from "../output/write-listing.ts";
import { openConnection } from "../open-connection.ts";
import type { Run } from "../run-command.ts";
import { formatProgress, getSession, listSessions } from "../listings/list-sessions.ts";
import type { SessionEntry } from "../listings/list-sessions.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";

/** Flags of `carrel sessions` and its commands. */
export interface SessionsFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly progress?: string;
  readonly message?: string;
  readonly idle?: boolean;
  readonly yes?: boolean;
  readonly debug?: boolean;
}

type Verb = (ids: readonly string[], flags: SessionsFlags, run: Run) => Promise<void>;

/** `carrel sessions ls`, `show` and so on. */
export const runSessions: Readonly<Record<"ls" | "show" | "keep-alive" | "cancel" | "fail" | "rm" | "prune", Verb>> = {
  ls: withClient((client, _ids, flags, run) => writeListing(listSessions(client, run.signal), flags, run)),
  show: withClient(show),
  "keep-alive": withClient((client, ids, flags, run) => {
    const spec = flags.progress === undefined ? {} : { progress: readPercent(flags.progress) };
    return forEach(ids, "kept alive", run, (id) => client.downloadSession.keepAlive(id, spec, { signal: run.signal }));
  }),
  cancel: withClient((client, ids, _flags, run) =>
    forEach(ids, "cancelled", run, (id) => client.downloadSession.cancel(id, { signal: run.signal })),
  ),
  fail: withClient((client, ids, flags, run) => {
    const spec = { client_error_message: flags.message ?? "" };
    return forEach(ids, "reported as failed", run, (id) =>
      client.downloadSession.fail(id, spec, { signal: run.signal }),
    );
  }),
  rm: withClient((client, ids, _flags, run) =>
    forEach(ids, "deleted", run, (id) => client.downloadSession.delete(id, { signal: run.signal })),
  ),
  prune: withClient(prune),
};

function withClient(
  action: (client: CarrelClient, ids: readonly string[], flags: SessionsFlags, run: Run) => Promise<void>,
): Verb {
  return async (ids, flags, run) => {
    await using connection = await openConnection(flags, run);
    await action(connection.client, ids, flags, run);
  };
}

async function forEach(
  ids: readonly string[],
  done: string,
  { screen }: Run,
  act: (id: string) => Promise<void>,
): Promise<void> {
  for (const id of ids) {
    await orNotFound(id, act(id));
    screen.print(`${done}: ${printable(id)}`);
  }
}

/** Names the session where the server says only that there is none. */
async function orNotFound<T>(id: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof CarrelError && error.code === "NOT_FOUND")) throw error;
    throw notFoundError(`There is no download session "${id}".`, "See which there are: carrel sessions ls");
  }
}

async function show(client: CarrelClient, ids: readonly string[], flags: SessionsFlags, run: Run): Promise<void> {
  for (const id of ids) {
    const session = await orNotFound(id, getSession(client, id, run.signal));
    if (flags.json) run.screen.print(JSON.stringify(session));
    else for (const line of describeSession(session)) run.screen.print(line);
  }
}

function describeSession(session: SessionEntry): readonly string[] {
  const { error_message: error } = session;
  return [
    `id:        ${printable(session.id)}`,
    `item:      ${printable(session.item_name ?? "?")}  ${printable(session.library_item_id ?? "")}`,
    `version:   ${printable(session.library_item_content_version ?? "?")}`,
    `state:     ${printable(session.state ?? "?")}`,
    ...(error ? [`error:     ${printable(error.localized ?? error.default_message)}`] : []),
    `progress:  ${formatProgress(session)}`,
    `expires:   ${printable(session.expiration_time ?? "?")}`,
    ...session.files.map((file) => `file:      ${describeFile(file)}`),
  ];
}

function describeFile(file: DownloadFileInfo): string {
  const size = file.size === undefined ? "" : `  ${formatBytes(file.size)}`;
  return `${file.status.toLowerCase().padEnd(17)}  ${printable(file.name)}${size}`;
}

async function prune(client: CarrelClient, _ids: readonly string[], flags: SessionsFlags, run: Run): Promise<void> {
  const { screen, signal } = run;
  const all = await collect(listSessions(client, signal).entries);
  const idle = (session: SessionEntry): boolean => session.files.every(({ status }) => status === "UNPREPARED");
  const old = all.filter((session) => session.state !== "ACTIVE" || (flags.idle === true && idle(session)));
  const kept = `${formatCount(all.length - old.length, "session")} left alone.`;
  if (old.length === 0) return screen.print(`Nothing to delete. ${kept}`);
  for (const { id, state, item_name: item } of old) screen.print(printable(`${state ?? "?"}  ${item ?? "?"}  ${id}`));
  const question = `Delete ${formatCount(old.length, "session")}?`;
  if (flags.yes !== true && !(await confirm(question, "--yes", signal))) return screen.print("Nothing was deleted.");
  for (const { id } of old) await client.downloadSession.delete(id, { signal });
  screen.print(`${formatCount(old.length, "session")} deleted. ${kept}`);
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (Number.isInteger(percent) && percent >= 0 && percent <= 100 && text.trim() !== "") return percent;
  throw usageError(`--progress cannot be "${text}".`, "It is a whole number from 0 to 100.");
}
