// What "carrel install-timer" writes, checked by systemd where it is installed, and run as it is written.
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { password, test } from "./support/fixture.ts";
import { expectMirrored, imageOf } from "./support/mirrored.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const execute = promisify(execFile);
const hasAnalyze = await execute("systemd-analyze", ["--version"]).then(
  () => true,
  () => false,
);
const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso")] }];
const lab = {
  VSPHERE_SERVER: "vc.example.com",
  VSPHERE_USER: "reader@vsphere.local",
  VSPHERE_PASSWORD_FILE: "/etc/carrel/vc.password",
};

/** The values of a setting of a unit, with quotes and doubled characters as systemd reads them. */
function settingsOf(unit: string, name: string): readonly (readonly string[])[] {
  return unit
    .split("\n")
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => {
      const words = line.slice(name.length + 1).match(/"(?:[^"\\]|\\.)*"|\S+/gu) ?? [];
      const plain = words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/gu, "$1") : word));
      return plain.map((word) => word.replaceAll("%%", "%").replaceAll("$$", "$"));
    });
}

/** A program in place of systemctl, which notes how it is called. */
async function fakeSystemctl(folder: string, exitCode = 0): Promise<Readonly<Record<string, string>>> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh\necho "$@" >> '${join(folder, "calls")}'\n[ ${exitCode} = 0 ] || echo 'No medium found' >&2\nexit ${exitCode}\n`;
  await writeFile(join(bin, "systemctl"), script);
  await chmod(join(bin, "systemctl"), 0o755);
  return { PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
}

const printed = (args: readonly string[], env: Readonly<Record<string, string>> = lab): Promise<CliRun> =>
  runCli(["install-timer", "--dry-run", ...args], env);

describe.skipIf(process.platform !== "linux")("carrel install-timer", () => {
  test("writes a service that runs as written, and starts its timer", async ({ simulate, folder }) => {
    const { simulator, env: settings, runBuilt } = await simulate({ libraries });
    const secret = join(folder, "vc.password");
    await writeFile(secret, password, { mode: 0o600 });
    const images = join(folder, 'my "images" 100% $HOME');
    const home = { HOME: folder, VSPHERE_PASSWORD: "", ...(await fakeSystemctl(folder)) };
    const args = ["install-timer", "--every", "6h", "--password-file", secret, "mirror", "Images", images, "-q"];
    const done = await runBuilt(args, home);
    expect(done).toMatchObject({ exitCode: 0 });
    const name = "carrel-mirror-images";
    const path = join(folder, ".config", "systemd", "user", `${name}.service`);
    expect(done.stdout).toContain(`Written: ${path}\n`);
    expect(await readFile(join(folder, "calls"), "utf8")).toBe(
      `--user daemon-reload\n--user enable ${name}.timer\n--user restart ${name}.timer\n`,
    );
    const unit = await readFile(path, "utf8");
    expect(unit).not.toContain(password);
    if (hasAnalyze) {
      const env = { ...process.env, XDG_RUNTIME_DIR: folder };
      await execute("systemd-analyze", ["verify", "--user", path, path.replace("service", "timer")], { env });
    }
    const [[program = "", ...words] = []] = settingsOf(unit, "ExecStart");
    expect(program).toBe(process.execPath);
    const variables = Object.fromEntries(
      settingsOf(unit, "Environment").map(([text = ""]) => [
        text.split("=", 1)[0] ?? "",
        text.slice(text.indexOf("=") + 1),
      ]),
    );
    expect(variables).toMatchObject({ VSPHERE_SERVER: settings["VSPHERE_SERVER"], VSPHERE_PASSWORD_FILE: secret });
    // Nothing but what the unit says.
    const run = await execute(program, words, { cwd: folder, env: { HOME: folder, ...variables } });
    expect(run).toEqual({ stdout: "", stderr: "" });
    await expectMirrored(images, simulator);

    // A second time, with other times: the units are replaced. Those of others are not.
    expect(await runBuilt(args.toSpliced(2, 1, "1d"), home)).toMatchObject({ exitCode: 0 });
    expect(await readFile(path.replace("service", "timer"), "utf8")).toContain("OnUnitActiveSec=86400s\n");
    await writeFile(path, "[Unit]\n");
    expect(await runBuilt(args, home)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`Refused to replace ${path}: carrel did not write it`) as string,
    });
    expect(await readFile(path, "utf8")).toBe("[Unit]\n");
  });

  test("says what systemctl said, and that the units are there", async ({ folder }) => {
    const secret = join(folder, "vc.password");
    await writeFile(secret, password, { mode: 0o600 });
    const env = { ...lab, HOME: folder, VSPHERE_PASSWORD_FILE: secret, ...(await fakeSystemctl(folder, 1)) };
    const failed = await runCli(["install-timer", "mirror", "Images", "/srv/images"], env);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain(
      'Cannot run "systemctl --user daemon-reload": No medium found\n  The units are written.',
    );
    await chmod(secret, 0o644);
    const open = await runCli(["install-timer", "mirror", "Images", "/srv/images"], env);
    expect(open).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Refused to read the password") as string,
    });
  });

  test("of the machine loads the password as a credential, and pings", async ({ folder }) => {
    const hooks = ["--ping", "https://hc.example.com/uuid", "--on-failure", 'echo "$CARREL_SUMMARY"'];
    const args = ["--system", "--run-as", "images", "--on-calendar", "Mon..Fri 22:30", ...hooks];
    const { exitCode, stdout } = await printed([...args, "get", "Images/*", "-o", "/srv/images"]);
    expect(exitCode).toBe(0);
    const [, , service = "", , timer = ""] = stdout.split(/^# (\/etc\/systemd\/system\/\S+\.(?:service|timer))\n/mu);
    expect(service).toContain("User=images\n");
    expect(service).toContain("LoadCredential=vc-password:/etc/carrel/vc.password\n");
    expect(service).toContain("Environment=VSPHERE_PASSWORD_FILE=%d/vc-password\n");
    const [words = []] = settingsOf(service, "ExecStart");
    expect(words.slice(2)).toEqual(["get", "Images/*", "-o", "/srv/images", ...hooks.slice(2), ...hooks.slice(0, 2)]);
    expect(timer).toContain("OnCalendar=Mon..Fri 22:30\n");
    if (!hasAnalyze) return;
    const file = join(folder, "a.service");
    // The user of the unit does not exist on this machine.
    await writeFile(file, service.replace("User=images\n", ""));
    await writeFile(join(folder, "a.timer"), timer.split("# systemctl")[0] ?? "");
    await execute("systemd-analyze", ["verify", file, join(folder, "a.timer")]);
  });
});

describe("carrel install-timer", () => {
  test.for([
    [["ls"], 'Cannot plan "ls"'],
    [["mirror", "Images"], "carrel mirror: 1 arguments where 2 are expected"],
    [["mirror", "Images", "/srv", "--purge"], 'carrel mirror: unknown option "--purge"'],
    [["mirror", "Images", "/srv", "--manifest", "never"], "carrel mirror: option '--manifest <what>' argument 'never'"],
    [["mirror", "Images", "/srv", "--dry-run"], "Cannot plan a dry run"],
    [["get", "Images/x", "-o", "-"], "Cannot plan -o -"],
    [["--every", "5s", "get", "Images/x"], '--every: invalid value "5s"'],
    [["--every", "1h", "--on-calendar", "daily", "get", "Images/x"], "Cannot combine --every with --on-calendar"],
    [["--run-as", "me", "get", "Images/x"], "--run-as has no effect without --system"],
    [["--name", "../x", "get", "Images/x"], "--name: invalid value"],
    [["get", "Images/x\n[Service]"], "it has control characters"],
    ...(hasAnalyze
      ? [[["--on-calendar", "at night", "get", "Images/x"], '--on-calendar: invalid value "at night"'] as const]
      : []),
  ] as const)("refuses %j before anything is written", async ([args, message]) => {
    const refused = await printed([...args]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(message) as string });
  });

  test("refuses where no run could log in, and takes no password from the environment", async () => {
    const { VSPHERE_PASSWORD_FILE: _file, ...without } = lab;
    const args = ["--for", "systemd", "mirror", "Images", "/srv/images"];
    const refused = await printed(args, { ...without, VSPHERE_PASSWORD: "s3cret" });
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("No password for runs") as string });
    const proxied = await printed(args, { ...lab, HTTPS_PROXY: "http://me:s3cret@proxy:3128" });
    expect(proxied.exitCode).toBe(0);
    expect(proxied.stderr).toContain("HTTPS_PROXY contains a password, so it is not written");
    expect(refused.stderr + proxied.stdout + proxied.stderr).not.toContain("s3cret");
  });

  test("prints an agent for macOS, and says that it was not tried there", async () => {
    const args = ["--for", "launchd", "--on-calendar", "04:05", "get", "A & B/x", "-o", "/srv"];
    const { exitCode, stdout } = await printed(args, { ...lab, HOME: "/Users/me" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("not tried on macOS");
    expect(stdout).toContain("    <string>A &amp; B/x</string>\n");
    expect(stdout).toContain("<key>Hour</key><integer>4</integer><key>Minute</key><integer>5</integer>");
    expect(await printed(["--for", "launchd", "--on-calendar", "Mon 04:05", "get", "A/x"])).toMatchObject({
      exitCode: 2,
    });
  });

  test("prints a task for Windows, with settings as flags", async ({ folder }) => {
    const { VSPHERE_PASSWORD_FILE: _file, ...without } = lab;
    const args = ["--for", "windows", "mirror", "Images", String.raw`D:\my images\ `.trimEnd()];
    const refused = await printed(args);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Name it in a context") as string });
    expect(await printed(args, without)).toMatchObject({ exitCode: 2 });
    const config = join(folder, ".config", "carrel");
    await mkdir(config, { recursive: true });
    const night = { server: "vc.example.com", user: "o'neil@vsphere.local", passwordFile: "vc.password" };
    await writeFile(join(config, "config.json"), JSON.stringify({ contexts: { night } }));
    const env = {
      ...without,
      VSPHERE_PASSWORD_FILE: "",
      HOME: folder,
      CARREL_CONTEXT: "night",
      XDG_CONFIG_HOME: join(folder, ".config"),
    };
    const { exitCode, stdout, stderr } = await printed(args, env);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("no task was registered");
    expect(stdout).toContain(String.raw`mirror Images "D:\my images\\" --context night' -Work`);
    expect(stdout).toContain("New-ScheduledTaskTrigger -Daily -At '03:00'\n");
  });
});
