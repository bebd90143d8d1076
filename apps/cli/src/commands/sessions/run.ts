import type { CarrelClient } from "@carrel/core";
import { usageError } from "../../process/cli-error.ts";
import { columns, getSession, listSessions, describeSession } from "./list-sessions.ts";
import { parseItemPath } from "../../names/parse-target.ts";
import { openConnection } from "../../connection/connect.ts";
import { printable } from "../../output/printable.ts";
import { writeTable } from "../../output/table.ts";
import { readFormat } from "../../settings/output-format.ts";
import type { Run } from "../../run/run-command.ts";
import { eachSession } from "./each-session.ts";
import { pruneSessions } from "./prune-sessions.ts";
import { sessionJson } from "./session-json.ts";
import type { SessionsFlags } from "./command.ts";

type Verb = (ids: readonly string[], flags: SessionsFlags, run: Run) => Promise<void>;
type Action = (client: CarrelClient, run: Run) => Promise<void>;

/** `carrel sessions ls`, `show` and so on. */
export const runSessions: Readonly<Record<"ls" | "show" | "keep-alive" | "cancel" | "fail" | "rm" | "prune", Verb>> = {
  ls: verb((_ids, flags) => {
    const format = readFormat(flags);
    return async (client, run) => {
      const none = "This user has no download sessions.";
      const list = { ...listSessions(client, { signal: run.signal }), columns, none, format, hasHead: flags.header };
      await writeTable({ ...list, mayNarrow: false, order: undefined, name: ({ id }) => id, json: sessionJson }, run);
    };
  }),
  show: verb((ids, { json = false }) => (client, run) => {
    const act = async (id: string): Promise<void> => {
      const session = await getSession(client, id, run.signal);
      if (json) run.screen.printJson(sessionJson(session));
      else for (const line of describeSession(session)) run.screen.print(line);
    };
    return eachSession(ids, { done: "shown", json, act }, run);
  }),
  "keep-alive": verb((ids, flags) => {
    const spec = flags.progress === undefined ? {} : { progress: readPercent(flags.progress) };
    return change(ids, flags, { done: "kept alive", type: "keptAlive" }, (client, id, options) =>
      client.downloadSession.keepAlive(id, spec, options),
    );
  }),
  cancel: verb((ids, flags) =>
    change(ids, flags, { done: "cancelled", type: "cancelled" }, (client, id, options) =>
      client.downloadSession.cancel(id, options),
    ),
  ),
  fail: verb((ids, flags) => {
    const spec = { client_error_message: flags.message ?? "" };
    return change(ids, flags, { done: "reported as failed", type: "reportedAsFailed" }, (client, id, options) =>
      client.downloadSession.fail(id, spec, options),
    );
  }),
  rm: verb((ids, flags) =>
    change(ids, flags, { done: "deleted", type: "deleted" }, (client, id, options) =>
      client.downloadSession.delete(id, options),
    ),
  ),
  prune: verb((_ids, { idle = false, all = false, yes = false, json = false, item }) => {
    const options = { idle, all, yes, json, item: item === undefined ? undefined : parseItemPath(item) };
    return (client, run) => pruneSessions(client, options, run);
  }),
};

/** Errors of the command line come before anything is sent. */
function verb(prepare: (ids: readonly string[], flags: SessionsFlags) => Action): Verb {
  return async (ids, flags, run) => {
    const action = prepare(ids, flags);
    await using connection = await openConnection(flags, run);
    await action(connection.client, run);
  };
}

/** Changes sessions, and reports what was done to each. */
function change(
  ids: readonly string[],
  { json = false }: SessionsFlags,
  { done, type }: { readonly done: string; readonly type: string },
  call: (client: CarrelClient, id: string, options: { readonly signal: AbortSignal }) => Promise<void>,
): Action {
  return (client, run) => {
    const act = async (id: string): Promise<void> => {
      await call(client, id, { signal: run.signal });
      if (json) run.screen.printJson({ type, sessionId: id });
      else run.screen.print(`${done}: ${printable(id)}`);
    };
    return eachSession(ids, { done, json, act }, run);
  };
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (/^\d+$/u.test(text) && percent <= 100) return percent;
  throw usageError(`--progress: invalid value "${text}"`, "Use a whole number from 0 to 100.");
}
