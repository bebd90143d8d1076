import { once } from "node:events";
import { dirname } from "node:path";
import { loadSeed, parseFault, SimulatorInputError, startSimulator } from "@carrel/simulator";
import type { Fault, Simulator, SimulatorSeed } from "@carrel/simulator";
import { usageError } from "../../process/cli-error.ts";
import { addDemoItem } from "./demo-item.ts";
import { formatCount } from "../../output/format.ts";
import type { Environment } from "../../process/program-io.ts";
import type { Run } from "../../run/run-command.ts";
import { decodeText, readSmallFile, UnreadableFileError } from "../../state/plain-file.ts";
import { parsePort } from "../../settings/parse-values.ts";
import type { SimFlags } from "./command.ts";

const seedLimitBytes = 64 * 1024 * 1024;

/** `carrel sim`. */
export async function runSim(flags: SimFlags, { io, screen, signal }: Run): Promise<void> {
  const seed = flags.seed === undefined ? {} : await readSeed(flags.seed);
  const faults = [...(seed.faults ?? []), ...(flags.fault ?? []).map(readFault)];
  const port = parsePort(flags.port ?? "0", "--port");
  const hosts = [...(seed.hosts ?? []), ...(flags.host ?? [])];
  await using simulator = await start({ version: flags.version, ...seed, faults, hosts, port, tls: flags.tls });
  if (flags.seed === undefined) await addDemoItem(simulator);
  for (const line of howToConnect(simulator, shellOf(io.env))) screen.print(line);
  if (!signal.aborted) await once(signal, "abort");
  const { journal, openSessions } = simulator;
  screen.note(`${formatCount(journal.length, "request")}; download sessions left open: ${openSessions.length}.`);
}

/** Windows sets the variable for every process, PowerShell on other systems for those that it starts. */
function shellOf(env: Environment): Shell {
  return env["PSModulePath"] ? powerShell : posixShell;
}

interface Shell {
  readonly set: (name: string, value: string) => string;
  readonly quote: (text: string) => string;
}

const posixShell: Shell = { set: (name, value) => `export ${name}=${quoteForShell(value)}`, quote: quoteForShell };
const powerShell: Shell = {
  set: (name, value) => `$env:${name} = ${quoteForPowerShell(value)}`,
  quote: quoteForPowerShell,
};

function quoteForPowerShell(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function howToConnect(
  { url, credentials, certificate, inventory }: Simulator,
  { set, quote }: Shell,
): readonly string[] {
  const first = inventory.libraries.find(({ items }) => items.length > 0);
  return [
    `A simulated vCenter runs at ${url.origin}. To use it from another terminal:`,
    `  ${set("VSPHERE_SERVER", url.origin)}`,
    `  ${set("VSPHERE_USER", credentials.username)}`,
    `  ${set("VSPHERE_PASSWORD", credentials.password)}`,
    ...(certificate ? [`  ${set("VSPHERE_THUMBPRINT", certificate.sha256)}`] : []),
    ...(first ? [`  carrel get ${quote(`${first.name}/${first.items[0]?.name ?? ""}`)}`] : []),
    "Ctrl-C stops it.",
  ];
}

function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

async function start(options: Parameters<typeof startSimulator>[0]): Promise<Simulator> {
  try {
    return await startSimulator(options);
  } catch (error) {
    if (error instanceof Error && isBadPort(error.cause)) {
      throw usageError(error.message, "Use another port, or 0 for any free port.");
    }
    throw explain(error, "Cannot start the simulator");
  }
}

/** Whether another port would work: this one is in use, or reserved for the system. */
function isBadPort(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "EADDRINUSE" || code === "EACCES";
}

async function readSeed(path: string): Promise<SimulatorSeed> {
  const what = `Cannot use the file of --seed (${path})`;
  try {
    const bytes = await readSmallFile(path, { limitBytes: seedLimitBytes, pipes: true });
    return loadSeed(decodeText(bytes, "utf-8"), { directory: dirname(path) });
  } catch (error) {
    if (error instanceof UnreadableFileError) throw usageError(`${what}: ${error.message}`);
    if (error instanceof TypeError) throw usageError(`${what}: it is neither UTF-8 nor UTF-16`);
    throw explain(error, what);
  }
}

function readFault(text: string): Fault {
  try {
    return parseFault(text);
  } catch (error) {
    throw explain(error, `--fault: invalid value "${text}"`);
  }
}

function explain(error: unknown, what: string): unknown {
  const isSystemError = error instanceof Error && "code" in error;
  if (error instanceof SimulatorInputError || isSystemError) return usageError(`${what}: ${error.message}`);
  return error;
}
