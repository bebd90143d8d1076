import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { isStore } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import type { Environment } from "../../process/program-io.ts";
import type { Run } from "../../run/run-command.ts";
import { configPath } from "../../state/paths.ts";
import { readPublishedTargets } from "../../names/library-url.ts";
import { readLibrarySettings } from "../../settings/library-settings.ts";
import { passwordAtHand, readServerSettings } from "../../settings/read-settings.ts";
import type { InstallTimerFlags, Scheduler } from "./command.ts";
import { checkCalendar, systemctl, writeUnits } from "./install-units.ts";
import { launchdText, windowsText } from "./other-schedulers.ts";
import { planCommand } from "./planned-command.ts";
import type { PlannedCommand } from "./planned-command.ts";
import { readSchedule } from "./schedule.ts";
import type { PlannedRun } from "./schedule.ts";
import { serviceUnit, timerUnit } from "./systemd-units.ts";

/** What belongs to the command line itself. */
export interface InstallTimerCall {
  readonly flags: InstallTimerFlags;
  readonly program: Command;
}

// Variables that a run reads, and that hold no secret.
const kept = [
  "VSPHERE_SERVER",
  "VSPHERE_USER",
  "VSPHERE_THUMBPRINT",
  "CARREL_CONTEXT",
  "CARREL_SUBSCRIPTION_PASSWORD_FILE",
  "XDG_CONFIG_HOME",
  "XDG_STATE_HOME",
  "NODE_EXTRA_CA_CERTS",
] as const;
/** How an object store is found; the credentials themselves are secrets. */
const ofStores = [
  "AWS_PROFILE",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_S3",
  "AWS_CA_BUNDLE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
] as const;
const proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"] as const;

/** `carrel install-timer`. */
export async function runInstallTimer(
  words: readonly string[],
  { flags, program }: InstallTimerCall,
  run: Run,
): Promise<void> {
  const { env } = run.io;
  const { system = false, runAs, dryRun = false } = flags;
  if (runAs !== undefined && !system) throw usageError("--run-as has no effect without --system");
  const hooks = Object.entries({ "--on-failure": flags.onFailure, "--ping": flags.ping });
  const more = hooks.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  const command = planCommand(program, words, more);
  const published = readPublishedTargets(command.sources);
  if (published !== undefined && flags.passwordFile !== undefined) {
    throw usageError("--password-file is for the password of a vCenter", howToKeepPassword);
  }
  const passwordPath = published ? undefined : (flags.passwordFile ?? (env["VSPHERE_PASSWORD_FILE"] || undefined));
  const passwordFile = passwordPath === undefined ? undefined : resolve(passwordPath);
  const usesStore = command.words.some(isStore);
  if (usesStore) refuseStoreSecret(command, env);
  // The settings of another user cannot be known here.
  if (published !== undefined) await checkLibrary(published.address, command, env);
  else if (runAs === undefined) await checkSettings(command, passwordFile, flags, run);
  const planned: PlannedRun = {
    name: nameOf(flags.name, command),
    description: `carrel ${command.words[0] ?? ""} ${command.operands.join(" ")}`.trim(),
    argv: [process.execPath, mainFile(run), ...command.words],
    directory: process.cwd(),
    env: environmentFor(env, usesStore ? [...kept, ...ofStores, ...proxies] : [...kept, ...proxies], run),
    passwordFile,
    schedule: readSchedule(flags),
  };
  refuseControls([...planned.argv, planned.directory, passwordFile ?? "", runAs ?? "", ...Object.values(planned.env)]);
  const scheduler = flags.for ?? schedulerHere();
  if (scheduler === "launchd") return print(launchdText(planned, homeOf(env)), run);
  if (scheduler === "windows") return print(windowsText(planned), run);
  if (planned.schedule.kind === "calendar") await checkCalendar(planned.schedule.text, run);
  const directory = system ? "/etc/systemd/system" : join(homeOfConfig(env), "systemd", "user");
  const [service, timer] = [`${planned.name}.service`, `${planned.name}.timer`];
  const units = new Map([
    [join(directory, service), serviceUnit(planned, { system, runAs })],
    [join(directory, timer), timerUnit(planned)],
  ]);
  const scope = system ? [] : ["--user"];
  const steps = [
    [...scope, "daemon-reload"],
    [...scope, "enable", timer],
    // A timer that runs already keeps its old times otherwise.
    [...scope, "restart", timer],
  ];
  if (dryRun) {
    for (const [path, text] of units) print(`# ${path}\n${text}`, run);
    for (const step of steps) print(`# systemctl ${step.join(" ")}\n`, run);
    return;
  }
  if (process.platform !== "linux") throw usageError("Cannot install units of systemd here", "Print them: --dry-run");
  await writeUnits(units);
  for (const path of units.keys()) run.screen.print(printable(`Written: ${path}`));
  for (const step of steps) await systemctl(step, run);
  const control = ["systemctl", ...scope].join(" ");
  run.screen.print(printable(`The timer ${timer} is started.`));
  run.screen.remark(`To run it now: ${control} start ${service}`);
  run.screen.remark(`To see how it went: journalctl ${[...scope, "-u", service].join(" ")}`);
  run.screen.remark(`To remove it: ${control} disable --now ${timer}, then delete both files`);
  if (!system) run.screen.remark("It runs while you are logged in; to have it run always: loginctl enable-linger");
}

const howToKeepPassword = "Set CARREL_SUBSCRIPTION_PASSWORD_FILE to a file with that of the library.";

/** Finds out now what would fail at night, of a published library. Whether it requires a password is not known here. */
async function checkLibrary(address: string, { flags }: PlannedCommand, env: Environment): Promise<void> {
  if (isStore(address)) return;
  await readLibrarySettings(new URL(address), flags, env);
  if (env["CARREL_SUBSCRIPTION_PASSWORD"] === undefined || env["CARREL_SUBSCRIPTION_PASSWORD_FILE"] !== undefined)
    return;
  throw usageError("CARREL_SUBSCRIPTION_PASSWORD is not written to a unit", howToKeepPassword);
}

/** Finds out now what would fail at night. */
async function checkSettings(
  { flags }: PlannedCommand,
  passwordFile: string | undefined,
  { dryRun = false }: InstallTimerFlags,
  run: Run,
): Promise<void> {
  const { VSPHERE_PASSWORD: _secret, ...others } = run.io.env;
  const env = passwordFile === undefined ? others : { ...others, VSPHERE_PASSWORD_FILE: passwordFile };
  const settings = await readServerSettings(flags, env);
  if (settings.user === undefined) throw usageError("No user name given", "Pass --user NAME or set VSPHERE_USER.");
  const source = await passwordAtHand(settings, flags, env);
  if (source === undefined) {
    throw usageError(
      "No password for runs that nobody watches: a saved session ends, and VSPHERE_PASSWORD is not written to a unit",
      'Name a file with --password-file FILE, or "passwordFile" or "passwordCommand" in a context.',
    );
  }
  if (passwordFile !== undefined && !dryRun) await source.read(run.signal);
}

/** Fails where the credentials of an object store are known to this shell alone. */
function refuseStoreSecret({ flags }: PlannedCommand, env: Environment): void {
  if (env["AWS_SECRET_ACCESS_KEY"] === undefined || env["AWS_PROFILE"] || "profile" in flags) return;
  throw usageError(
    "AWS_SECRET_ACCESS_KEY is not written to a unit",
    "Write the credentials to a profile of ~/.aws/credentials, and name it with --profile or AWS_PROFILE.",
  );
}

function environmentFor(env: Environment, names: readonly string[], run: Run): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value === undefined || value === "") continue;
    if (/\/\/[^/]*@/u.test(value)) {
      run.warn(`${name} contains a password, so it is not written to a unit: set it there yourself`);
    } else {
      found[name] = value;
    }
  }
  return found;
}

function nameOf(given: string | undefined, { words, operands }: PlannedCommand): string {
  if (given !== undefined) {
    if (/^[A-Za-z\d][\w:.-]{0,99}$/u.test(given)) return given;
    throw usageError(`--name: invalid value "${printable(given)}"`, "Use letters, digits and these: _ : . -");
  }
  const text = [words[0], operands[0]].join("-").toLowerCase();
  const slug = text.replaceAll(/[^a-z\d]+/gu, "-").slice(0, 60);
  return `carrel-${slug}`.replace(/-+$/u, "");
}

/** Where this program is, for runs that find no `carrel` on their path. */
function mainFile(run: Run): string {
  // Not this module, which is part of a bundle. What npm puts on the path is a link.
  const path = realpathSync(process.argv[1] ?? "");
  if (path.includes("_npx"))
    run.warn("npx may remove this copy of carrel: install it with npm install --global carrel");
  return path;
}

function refuseControls(texts: readonly string[]): void {
  const bad = texts.find((text) => /\p{Cc}/u.test(text));
  if (bad !== undefined) throw usageError(`Cannot write "${printable(bad)}" to a unit: it has control characters`);
}

function schedulerHere(): Scheduler {
  if (process.platform === "win32") return "windows";
  return process.platform === "darwin" ? "launchd" : "systemd";
}

function homeOfConfig(env: Environment): string {
  const config = configPath(env);
  if (config === undefined) throw usageError("This user has no home directory for units", "Set HOME, or use --system.");
  return dirname(dirname(config));
}

function homeOf(env: Environment): string {
  return dirname(homeOfConfig(env));
}

function print(text: string, run: Run): void {
  run.screen.hasAnswers = true;
  for (const line of text.trimEnd().split("\n")) run.screen.print(line);
}
