import { realpath } from "node:fs/promises";
import { isObject } from "@carrel/core/kit";
import { usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import { readConfig } from "./config-file.ts";
import type { Context } from "./config-file.ts";
import { changeJsonFile, readJsonFile } from "../state/json-file.ts";
import { configPath } from "../state/paths.ts";

/** What became of a context that was saved. */
export interface SavedContext {
  readonly isDefault: boolean;
}

const advice = "Correct it, or write it again.";
const nameForm = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;

/** Refuses a name that looks like a flag, or that a terminal would not show as it is. */
export function checkContextName(name: string): void {
  if (nameForm.test(name)) return;
  throw usageError(
    "Invalid name of a context",
    "Use up to 64 letters, digits, dots, dashes, underscores and @, and begin with a letter or a digit.",
  );
}

/**
 * Saves a context in the config file, and makes it the default where there is none. Members that it does not name stay as they
 * were, in the context and in the file.
 * @param replace - Leaves nothing of the context of that name.
 */
export async function saveContext(
  env: Environment,
  name: string,
  context: Context,
  { makeDefault = false, replace = false }: { readonly makeDefault?: boolean; readonly replace?: boolean } = {},
): Promise<SavedContext> {
  checkContextName(name);
  let isDefault = false;
  await changeConfig(env, (file, contexts) => {
    const before = contexts[name];
    const saved = replace || !isObject(before) ? context : { ...before, ...context };
    const defaultContext = makeDefault ? name : (file["defaultContext"] ?? name);
    isDefault = defaultContext === name;
    return { ...file, defaultContext, contexts: { ...contexts, [name]: saved } };
  });
  return { isDefault };
}

/** Makes a context the default. */
export async function saveDefaultContext(env: Environment, name: string): Promise<void> {
  await changeConfig(env, (file) => ({ ...file, defaultContext: name }));
}

/** Removes a context, and the default where it was that one. */
export async function removeContext(env: Environment, name: string): Promise<void> {
  await changeConfig(env, ({ defaultContext, ...file }, contexts) => {
    const left = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name));
    return { ...(defaultContext === name ? {} : { defaultContext }), ...file, contexts: left };
  });
}

type JsonObject = Readonly<Record<string, unknown>>;

async function changeConfig(
  env: Environment,
  change: (file: JsonObject, contexts: JsonObject) => object,
): Promise<void> {
  const path = configPath(env);
  // The file may be a link into a directory of settings that are kept elsewhere: the link stays.
  const target = path === undefined ? undefined : await realpath(path).catch(() => path);
  await changeJsonFile(target, async () => {
    // A file that cannot be read as settings is not written over.
    await readConfig(env);
    const file = (await readJsonFile(target, advice)) ?? {};
    const { contexts } = file;
    return change(file, isObject(contexts) ? contexts : {});
  });
}
