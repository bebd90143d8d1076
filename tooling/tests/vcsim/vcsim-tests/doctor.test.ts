// `carrel doctor` against vcsim.
import { describe, expect } from "vitest";
import { test } from "./fixture.ts";

const steps = ["name", "connection", "certificate", "wire style", "login", "clocks", "libraries", "item", "download"];

describe("all is well", () => {
  test.for([
    [[], "rest: it answers below /rest, as vSphere 6.5 to 8.0 do; the server does not report its version there"],
    [["--wire", "rest"], "rest: as configured; the server does not report its version there"],
  ] as const)("with %j", async ([flags, style], { vcsim, content, run }) => {
    const item = `Images/${content.images.item}`;
    const { exitCode, stdout, stderr } = await run(["doctor", "--item", item, ...flags]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => [line.slice(0, 7).trim(), line.slice(9, 24).trim()])).toEqual(
      steps.map((step) => ["ok", step]),
    );
    const said = (step: string): string | undefined => lines[steps.indexOf(step)]?.slice(26);
    expect(said("name")).toBe(`${new URL(vcsim.url).host} is 127.0.0.1`);
    expect(said("certificate")).toBe(`TLSv1.3, the certificate is pinned, SHA-256 ${vcsim.thumbprint}`);
    expect(said("wire style")).toBe(style);
    expect(said("login")).toBe(`as ${vcsim.user}`);
    expect(said("libraries")).toBe("3 libraries visible");
    // The smallest file that is not empty.
    expect(said("download")).toMatch(
      / created, kept alive and deleted; small\.txt was read \(1\.2 KiB\), from https?:\/\/\S+$/u,
    );
  });

  test("with an item of its own choice", async ({ content, run }) => {
    const { exitCode, stdout } = await run(["doctor"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ok {7}item +"(?:ubuntu-2[46]|twin)", the first item with a file$/mu);
    expect(stdout).not.toContain(content.nothing.item);
  });
});

describe("doctor finds", () => {
  test("a password", async ({ run }) => {
    const { exitCode, stdout } = await run(["doctor"], { VSPHERE_PASSWORD: "not-the-password" });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^failure {2}login +The server refused the login/mu);
  });

  test("a wire style that the server does not have", async ({ run }) => {
    const { exitCode, stdout } = await run(["doctor", "--wire", "api"]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(
      /^ok {7}wire style +api: as configured.*\nfailure {2}login +Cannot log in: the server does not support the configured wire style$/mu,
    );
  });

  test("an item that is not there, that is none, and that has no files", async ({ content, run }) => {
    const unknown = await run(["doctor", "--item", "Images/ubuntu-62"]);
    expect(unknown.exitCode).toBe(4);
    expect(unknown.stdout).toMatch(/^failure {2}item +No item "ubuntu-62" in library "Images"$/mu);
    expect(await run(["doctor", "--item", "Images"])).toMatchObject({ exitCode: 2 });
    const empty = await run(["doctor", "--item", `Images/${content.nothing.item}`]);
    expect(empty.exitCode).toBe(0);
    expect(empty.stdout).toMatch(
      /^warning {2}download +a session was created, kept alive and deleted; "nothing" has no files$/mu,
    );
  });
});
