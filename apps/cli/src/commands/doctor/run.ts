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
import type { ServerSettings } from "../../settings/connection-settings.ts";
import { readServerSettings } from "../../settings/read-settings.ts";
import type { DoctorFlags } from "./command.ts";

/** `carrel doctor`. */
export async function runDoctor(flags: DoctorFlags, run: Run): Promise<ExitCode> {
  const { json = false } = flags;
  const item = flags.item === undefined ? undefined : parseItemPath(flags.item);
  const checklist = new Checklist(run, { json });
  await runChecks(checklist, flags, item, run);
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
