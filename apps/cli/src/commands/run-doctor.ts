import process from "node:process";
import { proxyFor } from "@carrel/node-stream/internal";
import { chooseItem, compareClocks, countLibraries, logIn, probeWire, tryDownload } from "../doctor/api-steps.ts";
import { createExamination } from "../doctor/examination.ts";
import { connectTcp, crossProxy, inspectTls, resolveHost } from "../doctor/network-steps.ts";
import type { ExitCode } from "../exit-code.ts";
import { openConnection } from "../open-connection.ts";
import type { Run } from "../run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";
import { readServerSettings } from "../settings/read-settings.ts";

/** Flags of `carrel doctor`. */
export interface DoctorFlags extends ConnectionFlags {
  readonly item?: string;
  readonly debug?: boolean;
}

/** `carrel doctor`. */
export async function runDoctor(flags: DoctorFlags, run: Run): Promise<ExitCode> {
  const { signal } = run;
  const settings = await readServerSettings(flags, process.env);
  const examination = createExamination(run);
  const { server } = settings;
  const proxy = await proxyFor(server);

  // Behind a proxy, the proxy is all that this machine itself has to reach.
  const isReached =
    (await examination.step("name", () => resolveHost(server, proxy))) &&
    (await examination.step("connection", () => connectTcp(server, proxy, signal))) &&
    (!proxy || (await examination.step("proxy", () => crossProxy(server, proxy, signal)))) &&
    (await examination.step("certificate", () => inspectTls(settings, signal)));
  if (!isReached) return examination.exitCode;

  await using connection = await openConnection(flags, run);
  const { client } = connection;
  if (!(await examination.step("wire style", () => probeWire(client, settings.wire, signal))))
    return examination.exitCode;
  if (!(await examination.step("login", () => logIn(client, signal)))) return examination.exitCode;
  await examination.step("clocks", () => compareClocks(connection, signal));
  const libraries = await examination.step("libraries", () => countLibraries(client, signal));
  if (!libraries) return examination.exitCode;
  const item = await examination.step("item", () => chooseItem(client, flags.item, libraries, signal));
  if (item) await examination.step("download", () => tryDownload(connection, item, signal));
  return examination.exitCode;
}
