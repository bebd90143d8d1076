// What is said to people who come from another tool, with its variables and flags.
import { describe, expect } from "vitest";
import { password, test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const libraries = [{ name: "Images" }];
const secret = "hunter2";

describe("variables of other tools", () => {
  test.for([
    [
      "GOVC_URL",
      `vc-${secret}.example.com`,
      '{2}GOVC_URL is set, but Carrel reads VSPHERE_SERVER: export VSPHERE_SERVER="\\$GOVC_URL"',
    ],
    [
      "GOVC_URL",
      `https://me:${secret}@vc/sdk`,
      "{2}GOVC_URL is set, but Carrel reads the host from VSPHERE_SERVER, the user from",
    ],
    ["VI_SERVER", secret, '{2}VI_SERVER is set, but Carrel reads VSPHERE_SERVER: export VSPHERE_SERVER="\\$VI_SERVER"'],
    [
      "VMWARE_HOST",
      secret,
      '{2}VMWARE_HOST is set, but Carrel reads VSPHERE_SERVER: export VSPHERE_SERVER="\\$VMWARE_HOST"',
    ],
  ] as const)("%s is spoken of where no vCenter is named, without its value", async ([name, value, hint]) => {
    for (const args of [["ls"], ["login"], ["doctor"]]) {
      const { exitCode, stdout, stderr } = await runCli(args, { [name]: value });
      expect(exitCode).toBe(2);
      expect(`${stdout}${stderr}`.replaceAll(/\s+/gu, " ")).toMatch(
        new RegExp(`No vCenter given ${hint.replace("{2}", "")}`, "u"),
      );
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  test("are spoken of as PowerShell writes them, in PowerShell", async () => {
    const { stderr } = await runCli(["ls"], { GOVC_URL: "vc", PSModulePath: "x" });
    expect(stderr).toContain("$env:VSPHERE_SERVER = $env:GOVC_URL\n");
  });

  test.for(["GOVC_USERNAME", "VI_USERNAME", "VMWARE_USER"])(
    "%s is spoken of where no user is named",
    async (name, { simulate }) => {
      const { run } = await simulate({ libraries });
      const { exitCode, stderr } = await run(["ls"], { VSPHERE_USER: "", [name]: secret });
      const hint = `  ${name} is set, but Carrel reads VSPHERE_USER: export VSPHERE_USER="$${name}"\n`;
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`carrel: No user name given\n${hint}`)]);
      expect(stderr).not.toContain(secret);
    },
  );

  test.for(["GOVC_PASSWORD", "VI_PASSWORD", "VMWARE_PASSWORD"])(
    "%s is spoken of where no password is given",
    async (name, { simulate }) => {
      const { run } = await simulate({ libraries });
      for (const args of [["ls"], ["login"]]) {
        const { exitCode, stderr } = await run(args, { VSPHERE_PASSWORD: "", [name]: password });
        expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`  ${name} is set, but Carrel reads`)]);
      }
    },
  );

  test.for([
    [{ VSPHERE_ALLOW_UNVERIFIED_SSL: "true" }, true],
    [{ GOVC_INSECURE: "1" }, true],
    [{ VMWARE_VALIDATE_CERTS: "no" }, true],
    [{ VSPHERE_ALLOW_UNVERIFIED_SSL: "false" }, false],
    [{ VMWARE_VALIDATE_CERTS: "true" }, false],
    [{}, false],
  ] as const)(
    "%j is not honoured where a certificate is not accepted: said %s",
    async ([env, isSaid], { simulate }) => {
      const { run, simulator } = await simulate({ libraries });
      for (const command of ["ls", "doctor", "login"]) {
        const { exitCode, stdout, stderr } = await run([command], { ...env, VSPHERE_THUMBPRINT: "" });
        expect(exitCode).toBe(6);
        const text = stdout + stderr;
        expect(text.includes("is not honoured: certificate checks cannot be switched off.")).toBe(isSaid);
        expect(text).toContain(`carrel trust ${simulator.url.host}`);
      }
      expect(simulator.journal).toEqual([]);
    },
  );

  test("say nothing where all is well", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const more = {
      GOVC_URL: "vc",
      GOVC_INSECURE: "1",
      GOVC_TLS_KNOWN_HOSTS: "x",
      VSPHERE_ALLOW_UNVERIFIED_SSL: "true",
    };
    expect(await run(["ls"], more)).toMatchObject({ exitCode: 0, stderr: "" });
    const refused = await run(["ls"], { ...more, VSPHERE_THUMBPRINT: "" });
    expect(refused.stderr).toContain('GOVC_TLS_KNOWN_HOSTS is not read: "carrel trust" keeps a list of its own.');
  });
});

describe("flags of other tools", () => {
  test.for([
    [["ls", "-k"], "Unknown option '-k'", "Certificate checks cannot be switched off."],
    [["-k", "ls"], "Unknown option '-k'", "Certificate checks cannot be switched off."],
    [["-k=true", "ls"], "Unknown option '-k'", "Certificate checks cannot be switched off."],
    [["ls", "--insecure"], "Unknown option '--insecure'", "carrel trust HOST"],
    [["get", "a/b", "--no-verify-ssl"], "Unknown option '--no-verify-ssl'", "carrel trust HOST"],
    [["get", "a/b", "--noSSLVerify"], "Unknown option '--noSSLVerify'", "carrel trust HOST"],
    [["ls", "-u", secret], "Unknown option '-u'", "--server HOST"],
    [["ls", `-p${secret}`], "Unknown option '-p'", "There is no flag for the password."],
  ] as const)("%j gets advice", async ([args, message, hint]) => {
    const { exitCode, stderr } = await runCli([...args]);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([2, `carrel: ${message}`]);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(hint);
    expect(stderr).not.toContain(secret);
  });
});
