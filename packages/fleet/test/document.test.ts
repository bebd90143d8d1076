import { readFileSync } from "node:fs";
import {
  checkFleetDocument,
  compareDocuments,
  fleetSchema,
  nextTimes,
  readFleetDocument,
  sampleDocument,
} from "../src/document.ts";
import type { FleetDocument } from "../src/document.ts";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";

const good = `
vcenters:
  vc1: { context: lab, transfers: 2 }
  vc2.example.com: { server: "https://vc2.example.com", transfers: 1 }
targets:
  nfs: { path: /srv/images }
  bucket: { s3: s3://images/fleet }
mirrors:
  nightly:
    vcenter: vc1
    library: Images
    target: nfs
    prefix: berlin
    cron: 0 3 * * *
    timezone: Europe/Berlin
`;
const isValid = new Ajv2020({ strict: true, strictRequired: false }).compile(fleetSchema());

/** Each mistake as `line:column problem path`. */
function mistakesIn(text: string): readonly string[] {
  return readFleetDocument(text).mistakes.map(({ line, column, problem, path }) =>
    `${line}:${column} ${problem} ${path}`.trimEnd(),
  );
}

/** The good document with one line replaced. */
function withLine(part: string, replacement: string): string {
  const lines = good.split("\n");
  const at = lines.findIndex((line) => line.includes(part));
  expect(at).toBeGreaterThan(-1);
  return lines.with(at, replacement).join("\n");
}

test("readFleetDocument reads what it accepts, and the schema accepts it too", () => {
  const { document, mistakes } = readFleetDocument(good);
  expect(mistakes).toEqual([]);
  expect(document?.vcenters["vc2.example.com"]).toEqual({ server: "https://vc2.example.com", transfers: 1 });
  expect(document?.mirrors["nightly"]).toMatchObject({ cron: "0 3 * * *", timezone: "Europe/Berlin" });
  for (const text of [good, sampleDocument]) {
    expect(isValid(parse(text))).toBe(true);
    expect(mistakesIn(text)).toEqual([]);
    expect(checkFleetDocument(parse(text))).toEqual([]);
  }
});

test("readFleetDocument finds all mistakes at once, each at its place in the text", () => {
  const text = `database: postgres://fleet:hunter2@db/fleet
vcenters:
  vc1: { context: lab, transfers: 0 }
  vc1: { context: other, transfers: 1 }
  same: { context: lab, transfers: 1 }
  "no name": { context: third, server: vc, transfers: many }
  none: { transfers: 1, password: hunter2, passwordFile: /etc/x }
targets:
  nfs: { path: ./images }
  bucket: { s3: s3://images, regoin: eu }
  other: { path: /srv, region: eu }
mirrors:
  a: { vcenter: vc1, library: "", target: nsf, cron: 0 0 30 2 *, delete: maybe }
  b: { library: 2026, target: other, timezone: Mars/Base, cron: 61 * * * * }
  c: [x]
`;
  expect(mistakesIn(text)).toEqual([
    "1:11 secret database",
    "3:35 value vcenters.vc1.transfers",
    "4:3 duplicate vcenters.vc1",
    "5:20 same-server vcenters.same.context",
    '6:3 name vcenters["no name"]',
    '6:32 contradiction vcenters["no name"]',
    '6:55 kind vcenters["no name"].transfers',
    "7:9 missing vcenters.none",
    "7:25 secret vcenters.none.password",
    "7:44 unknown-key vcenters.none.passwordFile",
    "9:16 value targets.nfs.path",
    "10:30 unknown-key targets.bucket.regoin",
    "11:24 no-effect targets.other.region",
    "13:31 value mirrors.a.library",
    "13:43 undefined mirrors.a.target",
    "13:54 never-fires mirrors.a.cron",
    "13:74 kind mirrors.a.delete",
    "14:6 missing mirrors.b",
    "14:17 kind mirrors.b.library",
    "14:48 timezone mirrors.b.timezone",
    "14:65 cron mirrors.b.cron",
    "15:6 kind mirrors.c",
  ]);
  const { mistakes } = readFleetDocument(text);
  expect(JSON.stringify(mistakes)).not.toContain("hunter2");
  expect(mistakes.find(({ path }) => path === "targets.bucket.regoin")?.known).toContain("region");
  expect(mistakes.find(({ path }) => path === "mirrors.a.target")?.known).toEqual(["nfs", "bucket", "other"]);
});

test.for([
  ["a: [", ["1:5 syntax"]],
  ["cron: */5 * * * *\nb: @daily", ["1:7 syntax", "2:4 syntax"]],
  ["vcenters: {}\n---\nvcenters: {}\n", ["2:1 syntax"]],
  ["vcenters: !vault x\ntargets: {}\nmirrors: {}", ["1:11 syntax"]],
  ["", ["1:1 kind"]],
  ["- a\n", ["1:1 kind"]],
  ["{}", ["1:1 missing", "1:1 missing", "1:1 missing"]],
  ["vcenters:\ntargets: {}\nmirrors: {}\n", ["1:10 kind vcenters"]],
] as const)("readFleetDocument refuses %j", ([text, found]) => {
  expect(mistakesIn(text)).toEqual(found);
});

test("readFleetDocument finds two mirrors in one place, however it is spelt", () => {
  const pairs: readonly (readonly [string, string])[] = [
    ["{ path: /srv/images }", "{ path: /srv/images/ }"],
    ["{ path: /srv/images }", "{ path: /srv/./x/../images }"],
    ["{ path: /srv/images }", "{ path: //srv//images }"],
    ["{ path: /srv/images }", "{ path: /srv/images/deep }"],
    ["{ path: /srv/images }", "{ path: /srv }"],
    ['{ path: "C:\\\\Images" }', '{ path: "c:/images" }'],
    ["{ s3: s3://b/p }", "{ s3: s3://b/p/ }"],
    ["{ s3: s3://b }", "{ s3: s3://b/p/q }"],
  ];
  const documentOf = (one: string, other: string): string => `
vcenters: { vc: { context: lab, transfers: 1 } }
targets: { one: ${one}, other: ${other} }
mirrors:
  a: { vcenter: vc, library: A, target: one }
  b: { vcenter: vc, library: B, target: other }
`;
  for (const [one, other] of pairs) {
    expect([one, other, ...mistakesIn(documentOf(one, other))]).toEqual([
      one,
      other,
      "6:41 same-place mirrors.b.target",
    ]);
  }
  for (const [one, other] of [
    ["{ path: /srv/images }", "{ path: /srv/images2 }"],
    ["{ path: /srv/images }", "{ path: /srv/Images }"],
    ["{ s3: s3://b/p }", "{ s3: s3://b/p, endpoint: https://store.example.com }"],
  ] as const) {
    expect([one, other, ...mistakesIn(documentOf(one, other))]).toEqual([one, other]);
  }
  const prefixed = documentOf("{ path: /srv }", "{ path: /srv/a }").replace("target: one", "target: one, prefix: a/b");
  expect(mistakesIn(prefixed)).toEqual(["6:41 same-place mirrors.b.target"]);
});

test.for([
  ["* * * *", "cron"],
  ["* * * * * *", "cron"],
  ["H 3 * * *", "cron"],
  ["@midnight", "cron"],
  ["*/0 * * * *", "cron"],
  ["0 0 31 2,4 *", "never-fires"],
] as const)("readFleetDocument refuses the cron expression %s", ([cron, problem]) => {
  expect(mistakesIn(withLine("cron:", `    cron: "${cron}"`))).toEqual([`14:11 ${problem} mirrors.nightly.cron`]);
});

test("nextTimes gives the times in their zone, also where a night has no three o'clock", () => {
  const times = nextTimes("30 2 * * *", {
    timezone: "Europe/Berlin",
    count: 3,
    from: new Date("2026-03-28T00:00:00Z"),
  });
  expect(times.map((time) => time.toISOString())).toEqual([
    "2026-03-28T01:30:00.000Z",
    "2026-03-29T01:30:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
  expect(nextTimes("0 0 29 2 *", { from: new Date("2026-11-29T00:00:00Z") })).toHaveLength(1);
});

test("fleetSchema refuses what readFleetDocument refuses about kinds and keys, and is the file that is shipped", () => {
  for (const [part, replacement] of [
    ["vc1:", "  vc1: { context: lab, transfers: 0 }"],
    ["vc1:", "  vc1: { context: lab, transfers: 1.5 }"],
    ["vc1:", "  vc1: { context: lab, server: vc, transfers: 1 }"],
    ["vc1:", "  vc1: { transfers: 1 }"],
    ["vc1:", "  vc1: { context: lab, transfers: 1, color: red }"],
    ["nfs:", "  nfs: { path: /srv, region: eu }"],
    ["library:", "    library: 7"],
    ["library:", ""],
    ["target:", "    target: nfs\n    priority: 101"],
    ["target:", "    target: nfs\n    delete: 1"],
    ["cron:", ""],
  ] as const) {
    const text = withLine(part, replacement);
    expect({ replacement, isRefused: mistakesIn(text).length > 0, isValid: isValid(parse(text)) }).toEqual({
      replacement,
      isRefused: true,
      isValid: false,
    });
  }
  const shipped = readFileSync(new URL("../fleet.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(shipped)).toEqual(fleetSchema());
});

test("compareDocuments tells what is added, changed and removed, and takes defaults as they are", () => {
  const before = readFleetDocument(good).document as FleetDocument;
  const after = readFleetDocument(
    good
      .replace("transfers: 2", "transfers: 3")
      .replace("  bucket: { s3: s3://images/fleet }\n", "")
      .replace("timezone: Europe/Berlin", "timezone: Europe/Berlin\n    delete: false")
      .replace("mirrors:", "mirrors:\n  new: { vcenter: vc1, library: New, target: nfs, prefix: new }"),
  ).document as FleetDocument;
  expect(compareDocuments(before, before)).toEqual([]);
  expect(compareDocuments(before, after)).toEqual([
    { change: "changed", section: "vcenters", name: "vc1", values: [{ key: "transfers", before: 2, after: 3 }] },
    {
      change: "removed",
      section: "targets",
      name: "bucket",
      values: [{ key: "s3", before: "s3://images/fleet", after: undefined }],
    },
    expect.objectContaining({ change: "added", section: "mirrors", name: "new" }),
  ]);
  expect(compareDocuments(undefined, before).map(({ change, name }) => `${change} ${name}`)).toEqual([
    "added vc1",
    "added vc2.example.com",
    "added nfs",
    "added bucket",
    "added nightly",
  ]);
});
