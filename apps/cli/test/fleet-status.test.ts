// How a fleet is shown: texts for people at 80 and at 40 columns, metrics, and what a worker answers others of its user.
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Fleet, FleetStatus } from "@carrel/fleet";
import { describe, expect } from "vitest";
import { FleetControl } from "../src/commands/fleet/control-client.ts";
import { serveControl } from "../src/commands/fleet/control-server.ts";
import { socketOf } from "../src/commands/fleet/control-socket.ts";
import { metricsText } from "../src/commands/fleet/metrics.ts";
import { serveMetrics } from "../src/commands/fleet/metrics-server.ts";
import { statusJson } from "../src/commands/fleet/status-json.ts";
import { statusLines } from "../src/commands/fleet/status-view.ts";
import { textWidth } from "../src/output/text-width.ts";
import { CliError } from "../src/process/cli-error.ts";
import type { Run } from "../src/run/run-command.ts";
import { checkJson } from "./support/check-json.ts";
import { test } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const nowMs = Date.parse("2026-11-29T12:00:00Z");
const error = {
  name: "TransportError",
  code: "TRANSPORT",
  message: "Cannot reach vc.munich.example.com:\u001B[2J connect ECONNREFUSED",
  retryable: true,
} as const;
const none = { atWork: 0, waiting: 0, dead: 0, plan: "none" } as const;
const status: FleetStatus = {
  database: { kind: "postgresql", version: "15.18", location: "postgres://fleet@db.example.com/fleet" },
  vcenters: [
    { name: "berlin", transfers: 2, atWork: 2, waiting: 14 },
    { name: "vc2.munich.example.com", transfers: 1, atWork: 0, waiting: 0 },
  ],
  mirrors: [
    {
      ...none,
      name: "berlin",
      vcenter: "berlin",
      library: "Images",
      target: "nfs",
      atWork: 2,
      waiting: 14,
      dead: 1,
      nextAt: nowMs + 4_200_000,
    },
    {
      ...none,
      name: "munich",
      vcenter: "m",
      library: "Images",
      target: "nfs",
      plannedAt: nowMs - 3_000_000,
      nextAt: nowMs + 60_000,
    },
    { ...none, name: "broken", vcenter: "m", library: "Other", target: "nfs", plan: "retry", error },
  ],
  atWork: [
    {
      mirror: "berlin",
      item: "ubuntu",
      itemId: "a",
      vcenter: "berlin",
      attempt: 1,
      startedAt: nowMs,
      bytes: 5e8,
      totalBytes: 1e9,
      files: [],
    },
    {
      mirror: "berlin",
      item: "photon",
      itemId: "b",
      vcenter: "berlin",
      attempt: 3,
      startedAt: nowMs,
      bytes: 5e7,
      files: [],
    },
  ],
  waiting: [
    { mirror: "berlin", item: "debian", itemId: "c", vcenter: "berlin", why: "limit", attempts: 0 },
    { mirror: "berlin", item: "alpine", itemId: "d", vcenter: "berlin", why: "queue", attempts: 0 },
    {
      mirror: "berlin",
      item: "windows",
      itemId: "e",
      vcenter: "berlin",
      why: "retry",
      attempts: 2,
      retryAt: nowMs + 40_000,
      error,
    },
  ],
  dead: [
    { mirror: "berlin", item: "old", itemId: "f", vcenter: "berlin", attempts: 25, failedAt: nowMs - 9_000_000, error },
  ],
  workers: [
    { name: "host-4711", host: "host", pid: 4711, startedAt: nowMs - 9_000_000, seenAt: nowMs - 2_000, items: 2 },
  ],
};

function shownAt(columns: number, shown: FleetStatus = status): readonly string[] {
  const glyphs = { full: "#", empty: ".", ellipsis: ".." };
  const rates = new Map([["berlin/a", 2e7]]);
  return statusLines(shown, { columns, glyphs, nowMs, heading: (text) => text, rates });
}

describe("carrel fleet status", () => {
  test.for([80, 40, 20])("fits %i columns, and shows no control character of a server", (columns) => {
    const lines = shownAt(columns);
    // A word that has no room, such as an address, stays whole, so that it can be copied.
    const tooWide = lines.filter((line) => textWidth(line) >= columns && /\s\S+\s/u.test(line.trim()));
    expect(tooWide).toEqual([]);
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  });

  test("says what is at work, what waits and why, and what was given up", () => {
    expect(shownAt(100)).toEqual([
      "vCenters",
      "  berlin                  2 items at work, 14 waiting (limit: 2 transfers)",
      "  vc2.munich.example.com  idle (limit: 1 transfer)",
      "",
      "Mirrors",
      "  berlin  2 at work, 14 waiting, 1 given up, next in 70 min",
      "  munich  in place, compared 50 min ago, next in 60 s",
      expect.stringContaining("  broken  will be compared again, no schedule; could not be compared: Cannot reach"),
      expect.any(String),
      "",
      "At work",
      expect.stringMatching(/^ {2}2 items +524\.5 MiB +19\.1 MiB\/s$/u),
      expect.stringMatching(/^ {2}ubuntu +#+\.+ +50% +19\.1 MiB\/s +eta 0:25$/u),
      expect.stringMatching(/^ {2}photon \(try 3\) 47\.7 MiB$/u),
      "",
      "Waiting",
      "  berlin/debian   waits: berlin has 2 transfers, as many as it may",
      "  berlin/alpine   waits for its turn",
      expect.stringContaining("  berlin/windows  tried 2 times, again in 40 s: Cannot reach"),
      expect.any(String),
      "",
      "Given up",
      expect.stringContaining("  berlin/old  tried 25 times, given up 2 h ago: Cannot reach"),
      expect.any(String),
      "",
      "Workers",
      "  host-4711  2 items at work, runs for 2 h, seen 2 s ago",
      "",
      "Database  PostgreSQL 15.18, postgres://fleet@db.example.com/fleet",
    ]);
    const idle = { ...status, atWork: [], waiting: [], dead: [], workers: [] };
    expect(shownAt(100, idle)).toContain("  none  nothing is transferred until one runs: carrel fleet run");
  });

  test("as JSON is what its schema says, with times in UTC", () => {
    const json = statusJson(status);
    checkJson(["fleet", "status", "--json"], `${JSON.stringify(json)}\n`);
    expect(json).toMatchObject({
      mirrors: [{ nextAt: "2026-11-29T13:10:00.000Z" }, {}, {}],
      atWork: [{ receivedBytes: 5e8 }, {}],
    });
  });
});

describe("carrel fleet run --metrics", () => {
  const counts = { mirrored: 3, failed: 1, receivedBytes: 4096 };

  test("gives metrics as Prometheus reads them", () => {
    const lines = metricsText(status, counts, "1.2.3").trimEnd().split("\n");
    const names = new Set(lines.map((line) => /^(?:# (?:HELP|TYPE) )?([a-z_]+)/u.exec(line)?.[1] ?? line));
    for (const name of names) {
      expect(lines.filter((line) => line.startsWith(`# TYPE ${name} `))).toHaveLength(1);
      expect(name.endsWith("_total")).toBe(lines.includes(`# TYPE ${name} counter`));
    }
    for (const line of lines)
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? \d+(?:\.\d+)?)$/u,
      );
    expect(lines).toContain('carrel_fleet_mirror_items{mirror="berlin",state="waiting"} 14');
    expect(lines).toContain("carrel_worker_received_bytes_total 4096");
  });

  test("is healthy while the database answers, and looks at it once a second at most", async () => {
    let looks = 0;
    let isDown = false;
    const look = async (): Promise<FleetStatus> => {
      looks += 1;
      if (isDown) throw new Error("The database does not answer");
      return status;
    };
    await using served = await serveMetrics("127.0.0.1:0", look, counts);
    const get = async (path: string): Promise<readonly [number, string]> => {
      const response = await fetch(`${served.url}${path}`);
      return [response.status, await response.text()];
    };
    expect(await Promise.all([get("/healthz"), get("/healthz")])).toEqual([
      [200, "ok\n"],
      [200, "ok\n"],
    ]);
    expect(looks).toBe(1);
    expect((await get("/other"))[0]).toBe(404);
    isDown = true;
    await expect.poll(() => get("/healthz"), { timeout: 10_000 }).toEqual([503, "The database does not answer\n"]);
    await expect(serveMetrics(served.url.replace("http://", ""), look, counts)).rejects.toThrow(
      "another program uses it",
    );
    await expect(serveMetrics("here", look, counts)).rejects.toThrow('--metrics: invalid value "here"');
  });
});

describe("a worker with an embedded database", () => {
  const fleet: Fleet = {
    document: async () => undefined,
    apply: async () => [],
    sync: async (mirrors = ["all"]) => mirrors,
    run: async () => ({ mirrored: 0, failed: 0, receivedBytes: 0 }),
    status: async () => status,
    cancel: async () => {
      throw new CliError("Nothing waits", { exitCode: 4, hints: ["Look: carrel fleet status"] });
    },
    retry: async () => 2,
    history: async () => [
      {
        mirror: "berlin",
        item: "a/b",
        itemId: "a",
        state: "failed",
        attempts: 2,
        createdAt: nowMs,
        startedAt: nowMs,
        endedAt: nowMs + 5_000,
        error,
      },
    ],
    doctor: async () => [
      { check: "database", name: "embedded", result: "ok", message: "PostgreSQL 18.1" },
      { check: "target", name: "nfs", result: "failed", message: "No file can be written to /srv/images", error },
    ],
    [Symbol.asyncDispose]: async () => undefined,
  };
  const run = { io: { env: {} } } as Run;

  test("answers other processes of its user, errors included, and nobody after its end", async ({ folder }) => {
    await chmod(folder, 0o700);
    const database = join(folder, "fleet");
    const path = socketOf(database);
    expect(await FleetControl.connect(path)).toBeUndefined();
    {
      await using _ = await serveControl(fleet, database, run);
      if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
      await using desk = await FleetControl.connect(path);
      expect(await desk?.status()).toEqual(status);
      expect(await desk?.document()).toBeUndefined();
      expect([await desk?.sync(undefined), await desk?.sync(["one"])]).toEqual([["all"], ["one"]]);
      expect([await desk?.retry({ mirror: "berlin" }), await desk?.history({})]).toEqual([2, await fleet.history({})]);
      await expect(desk?.cancel({})).rejects.toMatchObject({
        message: "Nothing waits",
        exitCode: 4,
        hints: ["Look: carrel fleet status"],
      });
    }
    expect(await FleetControl.connect(path)).toBeUndefined();
  });

  test("is asked by the commands, as text and as JSON", async ({ folder }) => {
    await chmod(folder, 0o700);
    const database = join(folder, "fleet");
    await using _ = await serveControl(fleet, database, run);
    const carrel = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
      const { exitCode, stdout, stderr } = await runCli(["fleet", ...args], { CARREL_FLEET_DATABASE: database });
      return [exitCode, stdout + stderr];
    };
    expect(await carrel("status")).toEqual([0, expect.stringContaining("  berlin/alpine   waits for its turn\n")]);
    expect(await carrel("sync", "berlin")).toEqual([0, "requested: berlin\n"]);
    expect(await carrel("retry", "berlin/a/b")).toEqual([0, "requested: berlin/a/b\n"]);
    expect(await carrel("cancel", "berlin")).toEqual([4, "carrel: Nothing waits\n  Look: carrel fleet status\n"]);
    expect(await carrel("cancel", "/x")).toEqual([
      2,
      expect.stringContaining('"/x" is neither MIRROR nor MIRROR/ITEM'),
    ]);
    expect(await carrel("history", "berlin/a/b")).toEqual([
      0,
      expect.stringMatching(/^2026-11-29T12:00:00\.000Z {2}failed +berlin\/a\/b {2}2 tries, 5\.0 s: Cannot reach/u),
    ]);
    expect(await carrel("doctor")).toEqual([1, expect.stringContaining("failure  target nfs  No file can")]);
    // What is written is compared with the schema by each run.
    for (const args of [["status"], ["sync"], ["retry"], ["history", "berlin"], ["doctor"]]) {
      const [, text] = await carrel(...args, "--json");
      expect(text).toMatch(/^\{"type":/u);
    }
  });

  test("has a socket whose address fits, however long the path of its database is", () => {
    const long = join("/", "d".repeat(200), "fleet");
    expect(Buffer.byteLength(socketOf(long))).toBeLessThan(104);
    expect(socketOf(long)).not.toBe(socketOf(`${long}2`));
  });
});
