import { defined } from "@carrel/core/kit";
import type { StoreOptions } from "@carrel/s3";
import { usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import { readCa } from "./read-ca.ts";
import type { ConnectionFlags } from "./connection-settings.ts";
import type { StoreFlags } from "./store-options.ts";

/**
 * Reads how an object store is reached.
 *
 * @throws `CliError` exit code 2: a value is wrong, or the file of certificates cannot be read.
 */
export async function readStoreSettings(flags: StoreFlags, env: Environment): Promise<StoreOptions> {
  const { endpointUrl: endpoint, pathStyle, profile, region } = flags;
  const url = endpoint === undefined ? undefined : URL.parse(endpoint);
  if (endpoint !== undefined && url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw usageError(`--endpoint-url: invalid value "${endpoint}"`, "Write it as https://HOST:PORT");
  }
  const fromEnv = env["AWS_CA_BUNDLE"];
  const bundle = flags.caBundle ?? (fromEnv === "" ? undefined : fromEnv);
  const origin = flags.caBundle === undefined ? "AWS_CA_BUNDLE" : "--ca-bundle";
  const ca = bundle === undefined ? undefined : await readCa(bundle, origin);
  // Without the flag the store's package decides.
  const forcePathStyle = pathStyle === false ? false : undefined;
  return defined({ endpoint, profile, region, forcePathStyle, ca });
}

/** Where the flags of object stores have an effect on what is read. */
export const libraryInStore = "s3://BUCKET/PREFIX in place of LIBRARY";

/** Fails where a flag of object stores would have no effect, because files go elsewhere. */
export function refuseStoreFlags(
  { caBundle, endpointUrl, pathStyle, profile, region }: StoreFlags,
  use = "-o s3://BUCKET/PREFIX",
): void {
  const given = {
    "--endpoint-url": endpointUrl,
    "--profile": profile,
    "--region": region,
    "--ca-bundle": caBundle,
    "--no-path-style": pathStyle === false ? "" : undefined,
  };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag !== undefined) throw usageError(`${flag} has no effect here`, `It is for an object store: ${use}`);
}

/** Flags that are about a vCenter or a web server, and what does the same for a store. */
const otherFlags = {
  server: "--endpoint-url names a store",
  user: "--profile names credentials",
  password: "--profile names credentials",
  thumbprint: "--ca-bundle names certificates to trust",
  ca: "--ca-bundle names certificates to trust",
  wire: undefined,
  context: undefined,
  allowHttpTransfers: undefined,
  proxy: "HTTPS_PROXY and NO_PROXY name proxies",
} as const satisfies Partial<Record<keyof ConnectionFlags, string | undefined>>;

/** Fails where a flag is about a vCenter or a web server, and an object store is used in its place. */
export function refuseServerFlags(flags: ConnectionFlags): void {
  for (const [name, hint] of Object.entries(otherFlags)) {
    if (flags[name as keyof typeof otherFlags] === undefined) continue;
    const flag = name === "allowHttpTransfers" ? "allow-http-transfers" : name;
    throw usageError(`--${flag} has no effect on an object store`, ...(hint === undefined ? [] : [hint]));
  }
}
