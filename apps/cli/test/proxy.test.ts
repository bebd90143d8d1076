import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { startConnectProxy } from "@carrel/test-kit";
import { filesIn, test } from "./support/fixture.ts";
import { runBuilt } from "./support/run-cli.ts";

const libraries = [{ name: "Images", items: [{ name: "debian", files: [{ name: "a.iso", sizeBytes: 300_000 }] }] }];
const host = "vc.example.test";
/** A name that no DNS knows: whatever goes around the proxy fails. */
const behind = { VSPHERE_SERVER: host };
const nothingListens = "http://127.0.0.1:9";
const secret = "pr0xy/s3cret";

describe("through a proxy that requires a password", () => {
  test("everything works, and nothing bypasses it", async ({ simulate, folder }) => {
    const { simulator, runBuilt: run } = await simulate({ libraries, hosts: [host] });
    await using proxy = await startConnectProxy({
      leadsTo: Number(simulator.url.port),
      login: { user: "me@corp", password: secret },
    });
    const env = { ...behind, HTTPS_PROXY: proxy.urlWithLogin };
    const listed = await run(["ls", "Images", "--debug"], env);
    expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("debian") as string });
    const got = await run(["get", "Images/debian", "-o", folder, "--debug"], env);
    expect(got.exitCode).toBe(0);
    expect(await filesIn(folder)).toEqual(["a.iso"]);
    // The simulator's transfer URLs lead to its address.
    expect(new Set(proxy.targets)).toEqual(new Set([`${host}:443`, `127.0.0.1:${simulator.url.port}`]));
    for (const text of [listed.stderr, got.stderr]) expectNoProxyPassword(text);
  });

  test("trust shows the server's certificate and saves it", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host] });
    await using proxy = await startConnectProxy({
      leadsTo: Number(simulator.url.port),
      login: { user: "me@corp", password: secret },
    });
    const env = { ...behind, HOME: folder, VSPHERE_THUMBPRINT: "", https_proxy: proxy.urlWithLogin };
    const { sha256 = "" } = simulator.certificate ?? {};
    const trusted = await run(["trust", host, "--yes", "--debug"], env);
    expect(trusted).toMatchObject({ exitCode: 0, stderr: "" });
    expect(trusted.stdout).toContain(sha256);
    expect(trusted.stdout).toContain(
      `Seen through the proxy ${proxy.url}, which may present a certificate of its own.`,
    );
    expectNoProxyPassword(trusted.stdout);
    const kept = JSON.parse(await readFile(pinPath(folder), "utf8")) as unknown;
    expect(kept).toMatchObject({ [`${host}:443`]: { sha256 } });
    expect((await run(["trust", host], env)).stdout).toContain("Already trusted for");
    expect(proxy.targets).toEqual([`${host}:443`, `${host}:443`]);
    expect(simulator.journal).toEqual([]);
    expect(await run(["ls"], env)).toMatchObject({ exitCode: 0 });
    expect(await run(["trust", "rm", host], env)).toMatchObject({ exitCode: 0 });
  });

  test("a pin that does not match is an error that shows both", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host] });
    await using proxy = await startConnectProxy({ leadsTo: Number(simulator.url.port) });
    const env = { ...behind, HOME: folder, VSPHERE_THUMBPRINT: "", HTTPS_PROXY: proxy.url };
    const { sha256 = "" } = simulator.certificate ?? {};
    const old = `${"AB:".repeat(31)}AB`;
    await mkdir(join(folder, ".local", "state", "carrel"), { recursive: true });
    await writeFile(pinPath(folder), JSON.stringify({ [`${host}:443`]: { sha256: old, since: "2026-01-01" } }));
    const refused = await run(["ls"], env);
    expect(refused.exitCode).toBe(6);
    for (const shown of [old, sha256, "somebody may be intercepting the connection"])
      expect(refused.stderr).toContain(shown);
    const examined = await run(["doctor"], env);
    expect(examined.exitCode).toBe(6);
    for (const shown of [old, sha256, `through the proxy ${proxy.url}`]) expect(examined.stdout).toContain(shown);
    expect(simulator.journal).toEqual([]);
    const again = await run(["trust", host, "--yes"], env);
    expect(again).toMatchObject({ exitCode: 6, stderr: expect.stringContaining(old) as string });
    expect(await run(["trust", host, "--thumbprint", sha256], env)).toMatchObject({ exitCode: 0 });
    expect(await run(["ls"], env)).toMatchObject({ exitCode: 0 });
  });
});

describe("doctor", () => {
  const names = (stdout: string): readonly string[] =>
    stdout.split("\n").flatMap((line) => /^(?:ok|warning|failure) +(.+?) {2}/u.exec(line)?.[1] ?? []);

  test("looks at the proxy in place of the server, and is content", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host] });
    await using proxy = await startConnectProxy({
      leadsTo: Number(simulator.url.port),
      login: { user: "me@corp", password: secret },
    });
    const { exitCode, stdout, stderr } = await run(["doctor"], { ...behind, HTTPS_PROXY: proxy.urlWithLogin });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(names(stdout).slice(0, 6)).toEqual(["name", "connection", "proxy", "certificate", "wire style", "login"]);
    expect(stdout).not.toMatch(/^(?:warning|failure)/mu);
    expect(stdout).toContain(`the proxy ${proxy.url.replace("http://", "")} is 127.0.0.1`);
    expect(stdout).toMatch(new RegExp(`^ok +proxy +${proxy.url} accepts connections to ${host}:443$`, "mu"));
    expectNoProxyPassword(stdout);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("says what is wrong with the proxy, and goes no further", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host] });
    await using proxy = await startConnectProxy({
      leadsTo: Number(simulator.url.port),
      login: { user: "me@corp", password: secret },
    });
    const asks = await run(["doctor"], { ...behind, HTTPS_PROXY: proxy.url });
    expect(asks.exitCode).toBe(1);
    expect(names(asks.stdout)).toEqual(["name", "connection", "proxy"]);
    expect(asks.stdout).toMatch(/^failure +proxy .*requires a user name and password/mu);
    const down = await run(["doctor"], { ...behind, HTTPS_PROXY: nothingListens });
    expect(down.exitCode).toBe(1);
    expect(names(down.stdout)).toEqual(["name", "connection"]);
    expect(down.stdout).toMatch(/^failure +connection +Port 9 of the proxy 127\.0\.0\.1 .*ECONNREFUSED/mu);
    const unknown = await run(["doctor"], { ...behind, HTTPS_PROXY: "http://no-such-proxy.invalid:3128" });
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toMatch(/^failure +name +The proxy no-such-proxy\.invalid /mu);
    expect(simulator.journal).toEqual([]);
  });

  test("and http://, through HTTP_PROXY", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host], tls: false });
    await using proxy = await startConnectProxy({ leadsTo: Number(simulator.url.port) });
    const env = { VSPHERE_SERVER: `http://${host}`, HTTP_PROXY: proxy.url, HTTPS_PROXY: nothingListens };
    const { exitCode, stdout } = await run(["doctor"], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${proxy.url} accepts connections to ${host}:80`);
    expect(new Set(proxy.targets)).toEqual(new Set([`${host}:80`, `127.0.0.1:${simulator.url.port}`]));
    expect(await run(["ls"], env)).toMatchObject({ exitCode: 0 });
  });
});

describe("a proxy that is an obstacle", () => {
  const commands = [["trust", host, "--yes"], ["ls"]] as const;

  test.for([
    { status: 403, says: `does not allow connections to ${host}:443 (status 403)`, advises: "NO_PROXY" },
    { status: 502, says: `cannot reach ${host}:443 (status 502)`, advises: "NO_PROXY" },
    { password: secret, says: "requires a user name and password (status 407)", advises: "USER:PASSWORD@" },
    {
      password: secret,
      login: `me:${secret.replace("/", "")}`,
      says: "rejected the user name and password",
      advises: "USER:PASSWORD@",
    },
  ])(
    "that answers $status is reported: $says",
    async ({ login, password, status, says, advises }, { simulate, folder }) => {
      const { simulator, run } = await simulate({ libraries, hosts: [host] });
      await using proxy = await startConnectProxy({
        leadsTo: Number(simulator.url.port),
        ...(password === undefined ? {} : { login: { user: "me@corp", password } }),
        refuse: () => status,
      });
      const url = login === undefined ? proxy.url : proxy.url.replace("//", `//${login}@`);
      for (const command of commands) {
        const before = proxy.targets.length;
        const { exitCode, stderr } = await run([...command, "--debug"], { ...behind, HOME: folder, HTTPS_PROXY: url });
        expect(exitCode).toBe(1);
        expect(stderr).toContain(`carrel: The proxy ${proxy.url} ${says}`);
        expect(stderr).toContain(advises);
        expectNoProxyPassword(stderr);
        // Repeating a wrong password locks accounts.
        if (password !== undefined) expect(proxy.targets.length - before).toBe(1);
      }
      expect(simulator.journal).toEqual([]);
      expect(await filesIn(folder)).toEqual([]);
    },
  );

  test("of the transfer alone is reported, and the session is deleted", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host] });
    const refuse = (target: string): number | undefined => (target.startsWith(host) ? undefined : 403);
    await using proxy = await startConnectProxy({ leadsTo: Number(simulator.url.port), refuse });
    const { exitCode, stderr } = await run(["get", "Images/debian", "-o", folder], {
      ...behind,
      HTTPS_PROXY: proxy.url,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot connect to transfer "a.iso": ');
    expect(stderr).toContain(`does not allow connections to ${simulator.url.host} (status 403)`);
    expect(stderr).toContain("name it in NO_PROXY");
    expect(proxy.targets.filter((target) => target === simulator.url.host)).toHaveLength(1);
    expect(simulator.journal.some(({ operation }) => operation === "downloadSession.delete")).toBe(true);
  });

  test("that is down, malformed or of another kind is reported", async ({ simulate }) => {
    const { run } = await simulate({ libraries, hosts: [host] });
    for (const command of [...commands, ["doctor"]]) {
      const env = { ...behind, HTTPS_PROXY: `http://me:${encodeURIComponent(secret)}@127.0.0.1:9` };
      const down = await run([...command, "--debug"], env);
      expect(down.exitCode).toBe(1);
      expect(down.stderr + down.stdout).toMatch(
        /he proxy (?:http:\/\/)?127\.0\.0\.1.* cannot be reached .*ECONNREFUSED/u,
      );
      expectNoProxyPassword(down.stderr + down.stdout);
      for (const url of [
        "ftp://me:pr0xy@proxy:3128",
        "http://me:pr0xy/s3cret@proxy:3128",
        "socks5://me:s3cret@proxy",
      ]) {
        const malformed = await run([...command, "--debug"], { ...behind, https_proxy: url });
        expect(malformed.exitCode).toBe(2);
        // doctor tells it as a step of its own.
        const told = malformed.stderr + malformed.stdout;
        expect(told).toContain("https_proxy cannot be used");
        expect(told).not.toMatch(/pr0xy|s3cret/u);
      }
    }
  });

  test("is not asked where NO_PROXY names the server, nor by the demo", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, hosts: [host] });
    for (const exempt of ["*", "localhost,127.0.0.1", `127.0.0.1:${simulator.url.port}`]) {
      const env = { HTTPS_PROXY: nothingListens, NO_PROXY: exempt, HOME: folder };
      expect(await run(["trust", simulator.url.host, "--yes"], env)).toMatchObject({ exitCode: 0 });
      const { exitCode, stdout } = await run(["doctor"], env);
      expect(exitCode).toBe(0);
      expect(stdout).not.toContain("proxy");
    }
    const temporary = { TMPDIR: folder, TEMP: folder };
    expect(await runBuilt(["demo"], { HTTPS_PROXY: nothingListens, ...temporary })).toMatchObject({ exitCode: 0 });
  });
});

function pinPath(folder: string): string {
  return join(folder, ".local", "state", "carrel", "trust.json");
}

function expectNoProxyPassword(text: string): void {
  for (const part of [secret, encodeURIComponent(secret), "s3cret"]) expect(text).not.toContain(part);
  expect(text).not.toContain(Buffer.from(`me@corp:${secret}`).toString("base64"));
}
