import type { PlannedRun, Schedule } from "./schedule.ts";

/** The first line of each unit, by which a later run knows that it may replace it. */
export const mark = '# Written by "carrel install-timer", which replaces this file';

/** Options of {@link serviceUnit}. */
export interface ServiceOptions {
  /** Whether it is a unit of the machine, not of a user. */
  readonly system: boolean;
  readonly runAs: string | undefined;
}

/** Returns the text of the service. */
export function serviceUnit(planned: PlannedRun, { system, runAs }: ServiceOptions): string {
  const { description, argv, directory, env, passwordFile } = planned;
  const lines = [mark, "[Unit]", `Description=${escaped(description)}`];
  // The manager of a user does not know the targets of the machine.
  if (system) lines.push("Requires=network-online.target", "After=network-online.target");
  lines.push("", "[Service]", "Type=oneshot");
  if (runAs !== undefined) lines.push(`User=${escaped(runAs)}`);
  lines.push(`WorkingDirectory=${escaped(directory)}`);
  for (const [name, value] of Object.entries(env)) lines.push(`Environment=${quoted(`${name}=${value}`)}`);
  if (passwordFile !== undefined && system) {
    lines.push(
      `LoadCredential=vc-password:${escaped(passwordFile)}`,
      "Environment=VSPHERE_PASSWORD_FILE=%d/vc-password",
    );
  } else if (passwordFile !== undefined) {
    lines.push(`Environment=${quoted(`VSPHERE_PASSWORD_FILE=${passwordFile}`)}`);
  }
  lines.push(`ExecStart=${argv.map((word) => quoted(word).replaceAll("$", "$$$$")).join(" ")}`);
  return `${lines.join("\n")}\n`;
}

/** Returns the text of the timer, which starts the service of the same name. */
export function timerUnit({ description, schedule }: PlannedRun): string {
  const lines = [
    mark,
    "[Unit]",
    `Description=${escaped(description)}, at its times`,
    "",
    "[Timer]",
    ...timing(schedule),
  ];
  return `${[...lines, "", "[Install]", "WantedBy=timers.target"].join("\n")}\n`;
}

function timing(schedule: Schedule): readonly string[] {
  if (schedule.kind === "calendar") {
    // A time at which the machine was off or suspended is made up for.
    return [`OnCalendar=${schedule.text}`, "RandomizedDelaySec=10min", "Persistent=true"];
  }
  return ["OnActiveSec=1min", `OnUnitActiveSec=${schedule.seconds}s`];
}

/** systemd replaces what follows a percent sign. */
function escaped(text: string): string {
  return text.replaceAll("%", "%%");
}

function quoted(word: string): string {
  const text = escaped(word);
  return /^[\w/:=.,@+%*$-]+$/u.test(text) ? text : `"${text.replaceAll(/[\\"]/gu, String.raw`\$&`)}"`;
}
