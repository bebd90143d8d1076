import { join } from "node:path";
import { usageError } from "../../process/cli-error.ts";
import { timeOfDay } from "./schedule.ts";
import type { PlannedRun } from "./schedule.ts";

/** Returns the text of an agent for launchd of macOS, and how to install it. */
export function launchdText(planned: PlannedRun, home: string): string {
  const { name, argv, directory, env, passwordFile, schedule } = planned;
  const all = passwordFile === undefined ? env : { ...env, VSPHERE_PASSWORD_FILE: passwordFile };
  const variables = Object.entries(all).flatMap(([key, value]) => [
    `    <key>${xml(key)}</key>`,
    `    ${string(value)}`,
  ]);
  const agent = join(home, "Library", "LaunchAgents", `${name}.plist`);
  return [
    `<!-- Save this as ${xml(agent)}, then: -->`,
    `<!-- launchctl bootstrap gui/$(id -u) ${xml(agent)} -->`,
    "<!-- Nothing was installed. This was written by the documentation of launchd, and was not tried on macOS. -->",
    '<plist version="1.0">',
    "<dict>",
    `  <key>Label</key>${string(name)}`,
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...argv.map((word) => `    ${string(word)}`),
    "  </array>",
    `  <key>WorkingDirectory</key>${string(directory)}`,
    ...(variables.length === 0 ? [] : ["  <key>EnvironmentVariables</key>", "  <dict>", ...variables, "  </dict>"]),
    ...(schedule.kind === "interval"
      ? [`  <key>StartInterval</key><integer>${schedule.seconds}</integer>`]
      : calendarInterval(schedule.text)),
    `  <key>StandardErrorPath</key>${string(join(home, "Library", "Logs", `${name}.log`))}`,
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

function calendarInterval(text: string): readonly string[] {
  const [hour, minute] = timeOfDay(text);
  const time = `<key>Hour</key><integer>${hour}</integer><key>Minute</key><integer>${minute}</integer>`;
  return ["  <key>StartCalendarInterval</key>", `  <dict>${time}</dict>`];
}

function string(text: string): string {
  return `<string>${xml(text)}</string>`;
}

function xml(text: string): string {
  // Two hyphens in a row would end a comment.
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("--", "-&#45;");
}

const flagOf: Readonly<Record<string, string>> = {
  VSPHERE_SERVER: "--server",
  VSPHERE_USER: "--user",
  VSPHERE_THUMBPRINT: "--thumbprint",
  CARREL_CONTEXT: "--context",
};

/**
 * Returns what registers a scheduled task, for PowerShell. A task has no environment of its own, so variables become flags.
 * @throws {@link CliError} exit code 2: a password file is given, which must be that of a context here.
 */
export function windowsText(planned: PlannedRun): string {
  const { name, description, argv, directory, env, passwordFile, schedule } = planned;
  if (passwordFile !== undefined) {
    throw usageError(
      "Cannot give a password file to a scheduled task of Windows",
      'Name it in a context: carrel context add NAME --password-file FILE, then add "--context NAME" to the command.',
    );
  }
  // Beside a context, the other variables would win as flags, and lose as variables.
  const hasContext = argv.some((word) => /^--context(?:=|$)/u.test(word)) || "CARREL_CONTEXT" in env;
  const flags = Object.entries(env).flatMap(([key, value]) => {
    if (hasContext && key !== "CARREL_CONTEXT") return [];
    const flag = flagOf[key];
    return flag === undefined || argv.some((word) => word === flag || word.startsWith(`${flag}=`)) ? [] : [flag, value];
  });
  const [program = "", ...args] = [...argv, ...flags];
  const trigger =
    schedule.kind === "interval"
      ? `-Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Seconds ${schedule.seconds})`
      : `-Daily -At '${timeOfDay(schedule.text)
          .map((part) => String(part).padStart(2, "0"))
          .join(":")}'`;
  return [
    "# Run this in PowerShell. Nothing was installed. This was written by the documentation; no task was registered to try it.",
    `$action = New-ScheduledTaskAction -Execute ${literal(program)} -Argument ${literal(args.map(argument).join(" "))} -WorkingDirectory ${literal(directory)}`,
    `$trigger = New-ScheduledTaskTrigger ${trigger}`,
    "$settings = New-ScheduledTaskSettingsSet -StartWhenAvailable",
    `Register-ScheduledTask -TaskName ${literal(name)} -Description ${literal(description)} -Action $action -Trigger $trigger -Settings $settings`,
    "",
  ].join("\n");
}

/** A string of PowerShell, in which nothing is replaced. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An argument as programs of Windows take it apart. */
function argument(text: string): string {
  if (text !== "" && !/[\s"]/u.test(text)) return text;
  return `"${text.replaceAll(/(\\*)"/gu, String.raw`$1$1\"`).replace(/(\\+)$/u, "$1$1")}"`;
}
