import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@carrel/test-kit";
import { describe, expect, test as plain } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const GiB = 1024 ** 3;
const file = { name: "debian.iso", sizeBytes: 700_000 };
const libraries = [{ name: "Images", items: [{ name: "debian-13", type: "iso", files: [file] }] }];

const withFile = (more: object): typeof libraries => [
  { name: "Images", items: [{ name: "debian-13", type: "iso", files: [{ ...file, ...more }] }] },
];

describe("authentication", () => {
  test("a wrong password ends with 3 and the server's message", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const env = { VSPHERE_PASSWORD: "not-the-password" };
    const { exitCode, stdout, stderr } = await run(["get", "Images/debian-13", "-o", folder], env);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^carrel: The server refused the login: .*\w.*\n {2}Wrong name or password\. An expired password/u,
    );
    expect(stdout + stderr).not.toContain("not-the-password");
    expect(await filesIn(folder)).toEqual([]);
  });

  test.for([
    ["reader@vsphere.local", undefined],
    ["reader", undefined],
    ["jane@corp.example", "corp.example"],
    ["CORP\\jane", "CORP"],
  ] as const)(
    "a refused %s: federated accounts are spoken of where the domain is %s",
    async ([user, domain], { simulate }) => {
      const { run } = await simulate({ libraries });
      for (const command of ["ls", "doctor", "login"]) {
        const more = { VSPHERE_USER: user, VSPHERE_PASSWORD: "not-the-password" };
        const { exitCode, stdout, stderr } = await run([command], more);
        expect(exitCode).toBe(3);
        const told = stdout + stderr;
        if (domain === undefined) expect(told).not.toContain("federated");
        else expect(told).toMatch(new RegExp(`If "${domain}" is federated .*the vCenter's own domain`, "u"));
      }
    },
  );

  test("a missing privilege ends with 3 and says which", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries, missingPrivileges: ["ContentLibrary.DownloadSession"] });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("ContentLibrary.DownloadSession");
  });
});

test.for([
  ["6.7", "api"],
  ["9.1", "rest"],
] as const)("version %s has no wire style %s: that is said, and what to do", async ([version, wire], { simulate }) => {
  const { run } = await simulate({ libraries, version });
  for (const command of ["ls", "doctor"]) {
    const { exitCode, stdout, stderr } = await run([command, "--wire", wire]);
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toMatch(
      /Cannot log in: the server does not support the configured wire style\n +Leave out --wire/u,
    );
  }
});

describe("certificate", () => {
  test("one that does not validate ends with 6 and shows how to trust it", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder], { VSPHERE_THUMBPRINT: "" });
    expect(exitCode).toBe(6);
    expect(stderr).toContain(`VSPHERE_THUMBPRINT=${simulator.certificate?.sha256}`);
    expect(stderr).toContain("--ca FILE");
    expect(stderr).toContain("is self-signed: no authority vouches for it (SHA-256 ");
    expect(simulator.journal).toEqual([]);
    for (const command of [["trust", simulator.url.host], ["doctor"]]) {
      const told = await run(command, { VSPHERE_THUMBPRINT: "" });
      expect(told.stdout).toMatch(/\bit is self-signed: no authority vouches for it/iu);
    }
  });

  test("a server with another scheme than the address says is named with the scheme to try", async ({ simulate }) => {
    const [{ simulator: secure, run }, { simulator: bare }] = await Promise.all([
      simulate({ libraries }),
      simulate({ libraries, tls: false }),
    ]);
    for (const command of [["ls"], ["doctor"], ["trust", bare.url.host]]) {
      const asked = await run(command, { VSPHERE_SERVER: `https://${bare.url.host}` });
      expect(asked.exitCode).toBe(1);
      expect(asked.stdout + asked.stderr).toMatch(
        /wrong version number\n +This port does not speak TLS\. Did you mean http:/u,
      );
    }
    for (const command of ["ls", "doctor"]) {
      const asked = await run([command], { VSPHERE_SERVER: `http://${secure.url.host}` });
      expect(asked.exitCode).toBe(1);
      expect(asked.stdout + asked.stderr).toContain("This port may require https://.");
    }
  });

  test("one that is not the pinned one ends with 6 and shows both", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const pinned = "AA:".repeat(31) + "AA";
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder, "--thumbprint", pinned]);
    expect(exitCode).toBe(6);
    expect(stderr).toContain(pinned);
    expect(stderr).toContain(simulator.certificate?.sha256);
    expect(simulator.journal).toEqual([]);
  });

  test("the SHA-1 thumbprint in lower case without colons is accepted too", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const thumbprint = (simulator.certificate?.sha1 ?? "").replaceAll(":", "").toLowerCase();
    const env = { VSPHERE_THUMBPRINT: thumbprint };
    expect(await run(["get", "Images/debian-13", "-o", folder], env)).toMatchObject({ exitCode: 0 });
  });
});

describe("integrity", () => {
  test.for([
    ["a body shorter than stated", { states: { sizeBytes: file.sizeBytes + 1 } }],
    ["a body longer than stated", { states: { sizeBytes: file.sizeBytes - 1 } }],
    ["a digest that does not match", { states: { checksum: { algorithm: "SHA256", checksum: "0".repeat(64) } } }],
  ] as const)("%s ends with 5 and nothing is under the final name", async ([, more], { simulate, folder }) => {
    const { run } = await simulate({ libraries: withFile(more) });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
    expect(exitCode).toBe(5);
    // Before it, the transfer of the first is interrupted.
    const failure = stderr.replace(/^"debian-13\/debian\.iso" (?:was interrupted|arrived damaged).*\n/gmu, "");
    expect(failure).toMatch(/^carrel: .*debian\.iso/u);
    expect(await filesIn(folder)).not.toContain("debian.iso");
  });
});

describe("Ctrl-C", () => {
  test.for(["SIGINT", "SIGTERM"] as const)(
    "%s in mid-transfer deletes the session",
    async (name, { simulate, folder }) => {
      const { simulator, start } = await simulate({ libraries: withFile({ sizeBytes: 64 * GiB }) });
      const { child, ended } = start(["get", "Images/debian-13", "-o", folder]);
      await until(() => simulator.journal.some(({ kind, sentBytes }) => kind === "transfer" && sentBytes > 0));
      expect(simulator.openSessions).toHaveLength(1);
      child.kill(name);
      expect(await ended).toMatchObject({ exitCode: name === "SIGINT" ? 130 : 143 });
      expect(simulator.downloadSessions).toEqual([]);
      expect(await filesIn(folder)).not.toContain("debian.iso");
    },
  );

  test("while the server prepares the file", async ({ simulate, folder }) => {
    const { simulator, start } = await simulate({ libraries, prepare: { preparingMs: 600_000 } });
    const { child, ended } = start(["get", "Images/debian-13", "-o", folder]);
    await until(() => simulator.journal.some(({ operation }) => operation === "downloadSession.file.prepare"));
    child.kill("SIGINT");
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(130);
    expect(stderr).toBe("Interrupted, cleaning up. Press Ctrl-C again to stop immediately\n");
    expect(simulator.downloadSessions).toEqual([]);
  });

  plain("before the server answered at all", async () => {
    const server = createServer(() => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const asked = once(server, "request");
    const { port } = server.address() as AddressInfo;
    const { startCli } = await import("./support/run-cli.ts");
    const env = { VSPHERE_SERVER: `http://127.0.0.1:${port}`, VSPHERE_USER: "u", VSPHERE_PASSWORD: "secret-word" };
    const { child, ended } = startCli(["get", "a/b"], env);
    await asked;
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 130 });
    server.closeAllConnections();
    server.close();
  });
});

describe("a server that is not a vCenter", () => {
  plain.for([
    [200, "text/html", "<html><body>Sign in</body></html>"],
    [404, "text/html", "<html><body>nginx</body></html>"],
    [200, "application/json", '{"hello": "world"}'],
    [204, "text/plain", ""],
  ] as const)("answers %d with %s: a sentence, no stack", async ([status, type, body]) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { "content-type": type });
      response.end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const env = { VSPHERE_SERVER: `http://127.0.0.1:${port}`, VSPHERE_USER: "u", VSPHERE_PASSWORD: "secret-word" };
    const { exitCode, stderr } = await runCli(["get", "a/b"], env);
    server.close();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/vCenter/u);
    expect(stderr).not.toMatch(/^\s+at /mu);
    expect(stderr).not.toContain("secret-word");
  });

  plain("is not there at all", async () => {
    const env = { VSPHERE_SERVER: "https://127.0.0.1:9", VSPHERE_USER: "u", VSPHERE_PASSWORD: "p" };
    const { exitCode, stderr } = await runCli(["get", "a/b"], env);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^carrel: .*127\.0\.0\.1:9.*\n {2}Check the address/u);
  });
});

describe("usage", () => {
  const env = { VSPHERE_SERVER: "vc.example.test", VSPHERE_USER: "u", VSPHERE_PASSWORD: "p" };

  plain.for([
    ["no command", [], {}, /Usage: carrel/u],
    ["an unknown command", ["gte"], {}, /Did you mean get/u],
    ["an unknown flag", ["get", "a/b", "--outptu", "x"], env, /Did you mean --output/u],
    ["no item", ["get"], env, /Missing required argument/u],
    ["an empty item", ["get", "a//b"], env, /"a\/\/b" is not a path/u],
    ["no server", ["get", "a/b"], { ...env, VSPHERE_SERVER: "" }, /VSPHERE_SERVER/u],
    ["another scheme", ["get", "a/b", "--server", "ftp://vc"], env, /is not a server address/u],
    ["a path", ["get", "a/b", "--server", "https://vc/x/y"], env, /Use https:\/\/vc alone/u],
    ["a thumbprint cut short", ["get", "a/b", "--thumbprint", "AA:BB"], env, /it has 4 hexadecimal digits/u],
    ["a wire style", ["get", "a/b", "--wire", "soap"], env, /auto, api, rest/u],
    ["a file that is not there", ["get", "a/b", "--ca", "/nonexistent.pem"], env, /nonexistent\.pem/u],
  ] as const)("%s ends with 2", async ([, args, environment, message]) => {
    const { exitCode, stdout, stderr } = await runCli(args, environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  plain("a password among the arguments is refused and not repeated", async () => {
    for (const args of [["--password", "hunter2"], ["--password=hunter2"], ["--server", "https://u:hunter2@vc"]]) {
      const { exitCode, stdout, stderr } = await runCli(["get", "a/b", ...args], env);
      expect(exitCode).toBe(2);
      expect(stdout + stderr).not.toContain("hunter2");
    }
  });

  test("a file of --ca that contains no certificate", async ({ folder }) => {
    const path = join(folder, "ca.pem");
    await writeFile(path, "not a certificate");
    expect(await runCli(["get", "a/b", "--ca", path], env)).toMatchObject({ exitCode: 2 });
  });
});
