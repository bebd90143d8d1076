import { defined } from "@carrel/core/kit";
import type { FleetConnection, FleetOptions, FleetPlace } from "@carrel/fleet";
import type { FleetStore, FleetVcenter } from "@carrel/fleet/document";
import type { MirrorPlace } from "@carrel/mirror/source";
import { connect } from "../../connection/connect.ts";
import { openMirrors } from "../../connection/open-store.ts";
import { CliError } from "../../process/cli-error.ts";
import type { Environment } from "../../process/program-io.ts";
import type { Run } from "../../run/run-command.ts";
import type { ConnectionFlags, ServerSettings } from "../../settings/connection-settings.ts";
import { readLogin, readServerSettings } from "../../settings/read-settings.ts";

/** What a fleet gets from this machine: how to log in, and where places are. Disposal closes connections to stores. */
export type FleetSurroundings = Pick<FleetOptions, "clientFor" | "placeFor"> & AsyncDisposable;

/** Opens nothing yet. */
export function surroundingsOf(run: Run): FleetSurroundings {
  const stores = new AsyncDisposableStack();
  const places = new Map<string, Promise<FleetPlace>>();
  return {
    clientFor: (name, vcenter) => connectTo(name, vcenter, run),
    placeFor: async (_name, target) => {
      if ("path" in target) return { directory: target.path };
      const key = JSON.stringify(target);
      const place = places.get(key) ?? openStore(target, stores, run);
      places.set(key, place);
      return await place;
    },
    [Symbol.asyncDispose]: () => stores.disposeAsync(),
  };
}

/**
 * Reads how a vCenter of a document is reached, as `--context` and `--server` do.
 *
 * @throws {@link CliError} exit code 2: there is no such context here, or it is malformed.
 */
export async function serverOf(name: string, vcenter: FleetVcenter, env: Environment): Promise<ServerSettings> {
  return await named(name, () => readServerSettings(flagsOf(vcenter), environmentFor(vcenter, env)));
}

async function connectTo(name: string, vcenter: FleetVcenter, run: Run): Promise<FleetConnection> {
  const env = environmentFor(vcenter, run.io.env);
  const flags = flagsOf(vcenter);
  const settings = await serverOf(name, vcenter, env);
  const warn = (message: string): void => run.warn(message);
  const login = await named(name, () => readLogin(settings, flags, env, { warn }));
  return connect({ ...settings, login }, run);
}

function flagsOf({ context, server }: FleetVcenter): ConnectionFlags {
  return context === undefined ? { server: server ?? "" } : { context };
}

/** A context that the environment chooses is not meant for a vCenter that the document names by its address. */
function environmentFor({ context }: FleetVcenter, env: Environment): Environment {
  return context === undefined ? { ...env, CARREL_CONTEXT: undefined } : env;
}

/** Says which vCenter of the document it is about. */
async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(`vCenter "${name}": ${error.message}`, error);
  }
}

/** Each place is opened once: it can be at many items. */
async function openStore(target: FleetStore, stores: AsyncDisposableStack, run: Run): Promise<FleetPlace> {
  const { s3: address, endpoint: endpointUrl, region, profile } = target;
  const store = stores.use(await openMirrors(address, defined({ endpointUrl, region, profile }), run));
  const opened = new Map<string, MirrorPlace>();
  return {
    placeAt: (prefix) => {
      const place =
        opened.get(prefix) ?? store.mirrorAt(prefix === "" ? address : `${address.replace(/\/+$/u, "")}/${prefix}`);
      opened.set(prefix, place);
      return place;
    },
  };
}
