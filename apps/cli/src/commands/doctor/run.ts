import { proxyFor } from "@carrel/node-stream/tls";
import { chooseItem, compareClocks, countLibraries, logIn, probeWire, tryDownload } from "./api-steps.ts";
import { createExamination } from "./examination.ts";
import type { Examination } from "./examination.ts";
import { connectTcp, crossProxy, inspectTls, resolveHost } from "./network-steps.ts";
import type { ExitCode } from "../../process/exit-code.ts";
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
  const examination = createExamination(run, { json });
  await examine(examination, flags, item, run);
  const { exitCode } = examination;
  if (json) run.screen.printJson({ type: "done", exitCode });
  return exitCode;
}

async function examine(
  examination: Examination,
  flags: DoctorFlags,
  wanted: ItemPath | undefined,
  run: Run,
): Promise<void> {
  const { signal } = run;
  const settings = await examination.require("settings", () => readServerSettings(flags, run.io.env));
  if (!settings) return;
  const { server } = settings;
  const way = await examination.require("proxy", async () => ({ proxy: proxyFor(server) }));
  if (!way) return;
  const { proxy } = way;

  // Behind a proxy, the proxy is all that this machine itself has to reach.
  const isReached =
    (await examination.step("name", () => resolveHost(server, proxy))) &&
    (await examination.step("connection", () => connectTcp(server, proxy, signal))) &&
    (!proxy || (await examination.step("proxy", () => crossProxy(server, proxy, signal)))) &&
    (await examination.step("certificate", () => inspectTls(settings, signal)));
  if (!isReached) return;

  await using connection = await openOrNot(flags, settings, run);
  const { client } = connection;
  if (!(await examination.step("wire style", () => probeWire(client, settings.wire, signal)))) return;
  if (!(await examination.step("login", () => logIn(client, signal)))) return;
  await examination.step("clocks", () => compareClocks(connection, signal));
  const libraries = await examination.step("libraries", () => countLibraries(client, signal));
  if (!libraries) return;
  const item = await examination.step("item", () => chooseItem(client, wanted, libraries, signal));
  if (item) await examination.step("download", () => tryDownload(connection, item, signal));
}

/** Without a way to log in there is a connection too: the login is where that is told. */
async function openOrNot(flags: DoctorFlags, settings: ServerSettings, run: Run): Promise<Connection> {
  try {
    return await openConnection(flags, run);
  } catch (error) {
    run.signal.throwIfAborted();
    const login = (): Promise<never> => Promise.reject(error);
    return connectWith(settings, { login, logout: async () => undefined }, run);
  }
}
