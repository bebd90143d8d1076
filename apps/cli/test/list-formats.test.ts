import { createClient, passwordAuth } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import type { LibrarySeed } from "@carrel/simulator";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const libraries: readonly LibrarySeed[] = [
  { name: "Images", items: [{ name: "debian, 13", type: "iso", files: [{ name: "a.iso", sizeBytes: 2048 }] }] },
  { name: "Empty" },
];

test("carrel get says what a library is, also where a glob found it", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  const stderrOf = async (path: string): Promise<string> => (await run(["get", path])).stderr;
  expect(await stderrOf("Im*")).toBe(await stderrOf("Images"));
  expect(await stderrOf("/Images/")).toBe(await stderrOf("Images"));
  expect(await stderrOf("*")).toContain('"*" means 2 libraries with 1 item, not an item');
});

describe("lists are written in the same formats by every command", () => {
  test("carrel ls, du and find", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    for (const [args, csv] of [
      [["ls", "Images", "--columns", "type,size,path"], 'type,size,path\niso,2048,"Images/debian, 13"\n'],
      [["du", "Images/*"], 'size,path\n2048,"Images/debian, 13"\n'],
      [["find", "debian"], 'type,size,cached,path\niso,2048,true,"Images/debian, 13"\n'],
    ] as const) {
      const as = async (...more: readonly string[]): Promise<string> => (await run([...args, ...more])).stdout;
      expect(await as("-o", "csv")).toBe(csv);
      expect(await as("-o", "csv", "--no-header")).toBe(csv.replace(/^.*\n/u, ""));
      expect(await as("--no-header")).toMatch(/^(?:iso +)?2\.0 KiB .*Images\/debian, 13\n$/u);
      expect(await as("-o", "name")).toBe("Images/debian, 13\n");
      expect(await as("-0")).toBe("Images/debian, 13\0");
      expect(await as("-0", "-o", "name")).toBe("Images/debian, 13\0");
      expect(await as("-o", "yaml")).toMatch(/^- type: "item"\n(?: {2}\w+: .+\n)+$/u);
      expect(JSON.parse(await as("-o", "json"))).toMatchObject({
        type: "item",
        path: "Images/debian, 13",
        sizeBytes: 2048,
      });
      expect(await as("-o", "json")).toBe(await as("--json"));
      expect(await run([...args, "--json", "-0"])).toMatchObject({ exitCode: 2 });
      expect(await run([...args, "-o", "csv", "--json"])).toMatchObject({ exitCode: 2 });
    }
    const nothing = await run(["find", "fedora", "-o", "json"]);
    expect(JSON.parse(nothing.stdout)).toMatchObject({ type: "error", error: { exitCode: 4 } });
  });

  test("carrel find sorts, and shows the columns that are chosen", async ({ simulate }) => {
    const names = ["b-2", "b-10", "a"];
    const items = names.map((name, index) => ({ name, files: [{ name: "x", sizeBytes: 100 * (index + 1) }] }));
    const { run } = await simulate({ libraries: [{ name: "L", items }] });
    const found = async (...args: readonly string[]): Promise<string> =>
      (await run(["find", "*", "--columns", "name", "--no-header", ...args])).stdout;
    expect(await found()).toBe("b-2\nb-10\na\n");
    expect(await found("--sort", "name")).toBe("a\nb-2\nb-10\n");
    expect(await found("--sort", "size")).toBe("a\nb-10\nb-2\n");
    expect(await run(["find", "*", "--columns", "nmae"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Did you mean "name"?') as string,
    });
  });

  test("carrel info, which has a page for each", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const as = async (...more: readonly string[]): Promise<string> => (await run(["info", ...more])).stdout;
    expect(await as("*", "-o", "name")).toBe("Images\nEmpty\n");
    expect(await as("Images/*", "-0")).toBe("Images/debian, 13\0");
    expect(await as("Images/*", "-o", "yaml")).toMatch(/^- type: "item"\n {2}item: "debian, 13"\n/u);
    expect(await as("Images/*/*", "-o", "json")).toBe(await as("Images/*/*", "--json"));
    expect(await as("Empty", "-o", "text")).toBe(await as("Empty"));
    expect(await run(["info", "Empty", "-o", "csv"])).toMatchObject({ exitCode: 2 });
    const before = simulator.journal.length;
    expect(await run(["info", "Empty", "-o", "name", "-o", "yaml", "--json"])).toMatchObject({ exitCode: 2 });
    expect(simulator.journal).toHaveLength(before);
  });

  test("carrel sessions ls", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const { id: itemId } = simulator.inventory.item("Images/debian, 13");
    const tls = simulator.certificate ? { thumbprint: simulator.certificate.sha256 } : {};
    await using fetch = createNodeFetch(tls);
    await using client = createClient({
      endpoint: simulator.url,
      auth: passwordAuth(simulator.credentials),
      fetch,
    });
    const id = await client.downloadSession.create({ library_item_id: itemId });
    const as = async (...more: readonly string[]): Promise<string> => (await run(["sessions", "ls", ...more])).stdout;
    expect(await as("-o", "name")).toBe(`${id}\n`);
    expect(await as("-0")).toBe(`${id}\0`);
    expect(await as("-o", "csv")).toMatch(
      /^state,expires,done,files,item,id\nACTIVE,\d{4}-.*Z,\d*,0\/\d,"debian, 13",.*\n$/u,
    );
    expect(await as("--no-header")).toMatch(/^ACTIVE +in \d+ (?:min|s) .*debian, 13 .*\n$/u);
    expect(JSON.parse(await as("-o", "json"))).toMatchObject({ type: "session", sessionId: id, item: "debian, 13" });
    expect(await as("-o", "yaml")).toContain(`sessionId: "${id}"`);
    await client.downloadSession.delete(id);
  });

  test("carrel context ls", async ({ folder }) => {
    const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
    await runCli(["context", "add", "lab", "--server", "vc.example.com", "--user", "me@vsphere.local"], env);
    await runCli(["context", "add", "prod", "--server", "vc2.example.com"], env);
    const as = async (...more: readonly string[]): Promise<string> =>
      (await runCli(["context", "ls", ...more], env)).stdout;
    expect(await as("-o", "name")).toBe("lab\nprod\n");
    expect(await as("-0")).toBe("lab\0prod\0");
    expect(await as("-o", "csv")).toBe(
      "default,name,user,server\ntrue,lab,me@vsphere.local,vc.example.com\nfalse,prod,,vc2.example.com\n",
    );
    expect(await as("--no-header")).toMatch(/^\* {2}lab .*vc\.example\.com\n {3}prod .*vc2\.example\.com\n$/u);
    expect(await as("-o", "json")).toBe(await as("--json"));
    expect(await as("-o", "yaml")).toContain('  name: "lab"\n');
  });
});
