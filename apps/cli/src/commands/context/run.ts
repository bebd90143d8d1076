import { resolve } from "node:path";
import { Readable } from "node:stream";
import { defined } from "@carrel/core/kit";
import { CliError, notFoundError, usageError } from "../../process/cli-error.ts";
import type { Environment } from "../../process/program-io.ts";
import { writeTable } from "../../output/table.ts";
import type { TableColumn } from "../../output/table.ts";
import { printable } from "../../output/printable.ts";
import { confirm } from "../../run/ask.ts";
import type { Run } from "../../run/run-command.ts";
import { checkContextName, removeContext, saveContext, saveDefaultContext } from "../../settings/change-config.ts";
import { contextOf, readConfig } from "../../settings/config-file.ts";
import type { Config, Context } from "../../settings/config-file.ts";
import { forgetPaths } from "../../state/name-memory.ts";
import { parseBytes, parseDuration, parseProxy, parseServer, parseThumbprint } from "../../settings/parse-values.ts";
import { readFormat } from "../../settings/output-format.ts";
import { splitCommand } from "../../settings/password-source.ts";
import { chosenContext } from "../../settings/read-settings.ts";
import type { ContextFlags } from "./command.ts";

type Verb = (name: string, flags: ContextFlags, run: Run) => Promise<void>;

/** `carrel context ls`, `use`, `show`, `add` and `rm`. */
export const runContext: Readonly<Record<"ls" | "use" | "show" | "add" | "rm", Verb>> = { ls, use, show, add, rm };

interface ContextRow {
  readonly name: string;
  readonly isDefault: boolean;
  readonly context: Context;
}

async function ls(_name: string, flags: ContextFlags, { io, screen, signal }: Run): Promise<void> {
  const config = await readConfig(io.env);
  const { contexts, defaultContext } = config;
  const rows = [...contexts].map(([name, context]) => ({ name, isDefault: name === defaultContext, context }));
  const columns: Readonly<Record<string, TableColumn<ContextRow>>> = {
    default: {
      title: "",
      width: 1,
      value: ({ isDefault }) => isDefault,
      text: ({ isDefault }) => (isDefault ? "*" : ""),
    },
    name: { width: 20, value: ({ name }) => name },
    user: { width: 32, value: ({ context }) => context.user },
    server: { width: 32, value: ({ context }) => context.server },
  };
  await writeTable(
    {
      format: readFormat(flags),
      columns,
      hasHead: flags.header,
      mayNarrow: false,
      order: () => 0,
      rows: Readable.from(rows),
      none: 'There is no context. To add one: carrel context add NAME --server HOST, or "carrel login --save NAME"',
      progress: () => undefined,
      name: ({ name }) => name,
      json: ({ name, context }) => forPrograms(name, context, config),
    },
    { screen, signal },
  );
}

async function use(name: string, _flags: ContextFlags, { io, screen }: Run): Promise<void> {
  contextOf(await readConfig(io.env), name);
  await saveDefaultContext(io.env, name);
  screen.print(printable(`Context "${name}" is the default now.`));
}

async function show(given: string, flags: ContextFlags, { io, screen }: Run): Promise<void> {
  const config = await readConfig(io.env);
  const name = given || (chosenContext(flags, io.env) ?? config.defaultContext);
  if (name === undefined)
    throw notFoundError("No context is the default", "To choose one: carrel context use NAME", "carrel context ls");
  const context = contextOf(config, name);
  if (flags.json) return screen.printJson(forPrograms(name, context, config));
  const { passwordFile, passwordCommand, ...rest } = context;
  screen.print(printable(`context: ${name}${name === config.defaultContext ? " (the default)" : ""}`));
  for (const [key, value] of Object.entries(rest)) screen.print(printable(`${key}: ${value}`));
  if (passwordFile !== undefined) screen.print(printable(`password: in the file ${passwordFile}`));
  // Its arguments may contain a secret.
  if (passwordCommand !== undefined) screen.print(printable(`password: from the program ${passwordCommand[0] ?? ""}`));
}

/** A context without the arguments of its command for the password, which may contain a secret. */
function forPrograms(name: string, { passwordCommand, ...context }: Context, { defaultContext }: Config): object {
  const program = passwordCommand === undefined ? undefined : [passwordCommand[0] ?? ""];
  return {
    type: "context",
    name,
    isDefault: name === defaultContext,
    ...context,
    ...defined({ passwordCommand: program }),
  };
}

async function add(name: string, flags: ContextFlags, { io, screen }: Run): Promise<void> {
  const { server = "", user, thumbprint, ca, wire, passwordFile, passwordCommand, replace = false } = flags;
  const { proxy, directory, limitRate, requireVerified, retryFor } = flags;
  if (proxy !== undefined) parseProxy(proxy, "--proxy");
  if (limitRate !== undefined) parseBytes(limitRate, "--limit-rate");
  if (retryFor !== undefined) parseDuration(retryFor, "--retry-for");
  checkContextName(name);
  if (passwordFile !== undefined && passwordCommand !== undefined)
    throw usageError("Cannot combine --password-file with --password-command", "Pass one of them.");
  const command = passwordCommand === undefined ? undefined : splitCommand(passwordCommand);
  if (passwordCommand !== undefined && command === undefined) {
    throw usageError(
      "--password-command: it has characters that only a shell understands",
      'Write it into the config file as a list, such as ["pass", "show", "vc/lab"].',
    );
  }
  const context: Context = {
    server: shortServer(parseServer(server)),
    ...defined({
      user,
      thumbprint: thumbprint === undefined ? undefined : parseThumbprint(thumbprint),
      ca: ca === undefined ? undefined : resolve(ca),
      wire,
      passwordFile: passwordFile === undefined ? undefined : resolve(passwordFile),
      passwordCommand: command,
      proxy,
      directory: directory === undefined ? undefined : resolve(directory),
      limitRate,
      retryFor,
      requireVerified,
    }),
  };
  const { contexts } = await readConfig(io.env);
  if (contexts.has(name) && !replace)
    throw usageError(`Context "${name}" exists`, "Pass --replace to replace it, or choose another name.");
  const { isDefault } = await saveContext(io.env, name, context, { makeDefault: flags.default ?? false, replace });
  screen.print(printable(`Saved as context "${name}"${isDefault ? ", the default" : ""}.`));
}

async function rm(name: string, flags: ContextFlags, run: Run): Promise<void> {
  const { screen, io } = run;
  const config = await readConfig(io.env);
  if (!config.contexts.has(name)) throw notFoundError(`No context "${name}"`, "List what exists: carrel context ls");
  const { server = "no server" } = contextOf(config, name);
  const question = `Remove the context "${name}" (${server})?`;
  if (flags.yes !== true && !(await confirm(question, "--yes", run))) return screen.print("Nothing was changed.");
  await removeContext(io.env, name);
  await forgetNames(contextOf(config, name), io.env);
  const without = config.defaultContext === name ? " No context is the default now." : "";
  screen.print(printable(`Context "${name}" removed.${without}`));
}

/** What was listed of its server, which may be given in a way that is not valid. */
async function forgetNames({ server }: Context, env: Environment): Promise<void> {
  if (server === undefined) return;
  try {
    await forgetPaths(env, parseServer(server).origin);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
}

function shortServer(server: URL): string {
  return server.protocol === "https:" ? server.host : server.origin;
}
