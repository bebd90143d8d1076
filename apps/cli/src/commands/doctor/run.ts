import { proxyFor } from "@carrel/node-stream/tls";
import { chooseItem, compareClocks, countLibraries, logIn, probeWire, tryDownload } from "./api-steps.ts";
import { Checklist } from "./checklist.ts";
import { connectTcp, crossProxy, inspectTls, resolveHost } from "./network-steps.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { connectWith, openConnection } from "../../connection/connect.ts";
import type { Connection } from "../../connection/connect.ts";
import { parseItemPath } from "../../names/parse-target.ts";
import type { ItemPath } from "../../names/parse-target.ts";
import type { Run } from "../../run/run-command.ts";
import { isStore } from "../../output/place-path.ts";
import { usageError } from "../../process/cli-error.ts";
import { refuseServerFlags, refuseStoreFlags } from "../../settings/store-settings.ts";
import type { ServerSettings } from "../../settings/connection-settings.ts";
import { readServerSettings } from "../../settings/read-settings.ts";
import type { DoctorFlags } from "./command.ts";

const storeExample = "carrel doctor s3://BUCKET/PREFIX";

/** `carrel doctor`. */
export async function runDoctor(store: string | undefined, flags: DoctorFlags, run: Run): Promise<ExitCode> {
  const { json = false } = flags;
  const checklist = new Checklist(run, { json });
  if (store === undefined) {
    if (flags.endUploads || flags.yes)
      throw usageError("--end-uploads and --yes are for an object store", storeExample);
    refuseStoreFlags(flags, storeExample);
    const item = flags.item === undefined ? undefined : parseItemPath(flags.item);
    await runChecks(checklist, flags, item, run);
  } else {
    // Not repeated: it may be anything, also a password.
    if (!isStore(store))
      throw usageError(
        "Too many arguments for 'doctor'. Expected 0 or s3://BUCKET/PREFIX but got 1",
        "The vCenter is named by --server HOST",
      );
    if (flags.item !== undefined) throw usageError("--item is for a vCenter, not for an object store");
    if (flags.yes && !flags.endUploads) throw usageError("--yes has no effect without --end-uploads");
    refuseServerFlags(flags);
    const { checkStore } = await import("./store-steps.ts");
    await checkStore(checklist, store, flags, run);
  }
  const { exitCode } = checklist;
  if (json) run.screen.printJson({ type: "summary", exitCode });
  return exitCode;
}

async function runChecks(
  checklist: Checklist,
  flags: DoctorFlags,
  wanted: ItemPath | undefined,
  run: Run,
): Promise<void> {
  const { signal } = run;
  const settings = await checklist.require("settings", () => readServerSettings(flags, run.io.env));
  if (!settings) return;
  const { server } = settings;
  const route = await checklist.require("proxy", async () => ({ proxy: proxyFor(server, settings.proxy) }));
  if (!route) return;
  const { proxy } = route;

  // With a proxy, the proxy is all that this machine itself has to reach.
  const isReached =
    (await checklist.check("name", () => resolveHost(server, proxy))) &&
    (await checklist.check("connection", () => connectTcp(server, proxy, signal))) &&
    (!proxy || (await checklist.check("proxy", () => crossProxy(settings, proxy, signal)))) &&
    (await checklist.check("certificate", () => inspectTls(settings, signal)));
  if (!isReached) return;

  await using connection = await openOrNot(flags, settings, run);
  const { client } = connection;
  if (!(await checklist.check("wire style", () => probeWire(client, settings.wire, signal)))) return;
  if (!(await checklist.check("login", () => logIn(client, signal)))) return;
  await checklist.check("clocks", () => compareClocks(connection, signal));
  const libraries = await checklist.check("libraries", () => countLibraries(client, signal));
  if (!libraries) return;
  const item = await checklist.check("item", () => chooseItem(client, wanted, libraries, signal));
  if (item) await checklist.check("download", () => tryDownload(connection, item, signal));
}

/** Opens a connection also without a way to log in, so that the steps before the login run, and the login step reports it. */
async function openOrNot(flags: DoctorFlags, settings: ServerSettings, run: Run): Promise<Connection> {
  try {
    return await openConnection(flags, run, { isReached: true });
  } catch (error) {
    run.signal.throwIfAborted();
    const login = (): Promise<never> => Promise.reject(error);
    return connectWith(settings, () => ({ login, logout: async () => undefined }), run);
  }
}
