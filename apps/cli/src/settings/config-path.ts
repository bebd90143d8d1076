import { join } from "node:path";
import { configFolder } from "./folders.ts";
import type { Environment } from "./folders.ts";

/** Where the config file is, or would be. */
export function configPath(env: Environment): string {
  return join(configFolder(env), "config.json");
}
