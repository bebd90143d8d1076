import { writeFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SimulatorInputError, loadSeed, parseFault, startSimulator } from "../../src/index.ts";
import { findJsonMistake } from "@carrel/core/kit";
import { tempDirectory } from "@carrel/test-kit";

test("loadSeed fills the simulator from every source", async () => {
  await using directory = await tempDirectory();
  await writeFile(directory.join("real.bin"), "from disk");
  const text = JSON.stringify({
    version: "9.1",
    credentials: { username: "u", password: "p" },
    lease: { lifeMs: 1000 },
    faults: [{ on: "transfer", kind: "reset", atByte: 10 }],
    libraries: [
      {
        name: "l",
        items: [
          {
            name: "i",
            files: [
              { name: "a", text: "text" },
              { name: "b", base64: "AAEC" },
              { name: "c", path: "real.bin" },
              { name: "d", sizeBytes: 100, seed: 7 },
            ],
          },
        ],
      },
    ],
  });
  await using simulator = await startSimulator(loadSeed(text, { directory: directory.path }));
  const { files } = simulator.inventory.item("l/i");
  const bytes = await Promise.all(files.map((file) => file.bytes()));
  expect(bytes.slice(0, 3).map((each) => Buffer.from(each).toString("latin1"))).toEqual([
    "text",
    "\u0000\u0001\u0002",
    "from disk",
  ]);
  expect(files.map((file) => file.sizeBytes)).toEqual([4, 3, 9, 100]);
  expect(simulator.credentials).toEqual({ username: "u", password: "p" });
  expect(simulator.faults.planned).toHaveLength(1);
});

const file = (value: object): object => ({ libraries: [{ name: "l", items: [{ name: "i", files: [value] }] }] });

test.each<[string | object, string, string]>([
  ['{\n  "libraries": [\n    { "name": x }', "line 3, column 15", "not valid JSON"],
  ["", "line 1, column 1", "not valid JSON"],
  ['{"libraries": []', "line 1, column 17", "not valid JSON"],
  ["[]", "the value", "must be an object"],
  [{ librarys: [] }, "librarys", "is unknown: expected"],
  [{ libraries: {} }, "libraries", "must be an array"],
  [{ libraries: ["l"] }, "libraries[0]", "an object"],
  [{ libraries: [{}] }, "libraries[0].name", "missing"],
  [{ libraries: [{ name: "" }] }, "libraries[0].name", "a string that is not empty"],
  [{ libraries: [{ name: "l", onDemand: true }] }, "libraries[0].onDemand", 'requires type "SUBSCRIBED"'],
  [{ libraries: [{ name: "l", type: "OTHER" }] }, "libraries[0].type", "one of LOCAL, SUBSCRIBED"],
  [
    {
      libraries: [
        { name: "l", id: "1" },
        { name: "m", id: "1" },
      ],
    },
    "libraries[1].id",
    "is already that of libraries[0]",
  ],
  [{ libraries: [{ name: "l", items: [{ name: "i" }, { name: "i" }] }] }, "libraries[0].items[1].name", "already"],
  [{ libraries: [{ name: "l", items: [7] }] }, "libraries[0].items[0]", "must be an object: got 7"],
  [file({ name: "f" }), "libraries[0].items[0].files[0]", "no content"],
  [
    file({ name: "f", text: "", sizeBytes: 1 }),
    "libraries[0].items[0].files[0]",
    "has content from text and sizeBytes",
  ],
  [file({ name: "f", sizeBytes: -1 }), "libraries[0].items[0].files[0].sizeBytes", "a whole number of at least 0"],
  [file({ name: "f", sizeBytes: "1" }), "libraries[0].items[0].files[0].sizeBytes", 'got "1"'],
  [file({ name: "f", text: "", seed: 1 }), "libraries[0].items[0].files[0].seed", "requires sizeBytes"],
  [file({ name: "f", path: "/no/such/file" }), "libraries[0].items[0].files[0].path", "ENOENT"],
  [file({ name: "f", path: "/" }), "libraries[0].items[0].files[0].path", "not a file"],
  [file({ name: "f", base64: 7 }), "libraries[0].items[0].files[0].bytes", "must be a Uint8Array: got 7"],
  [{ version: "8.1" }, "version", "one of 6.7, 7.0, 8.0, 9.1"],
  [{ lease: { lifeMs: "5m" } }, "lease.lifeMs", "milliseconds"],
  [{ transfer: { poolSize: 0 } }, "transfer.poolSize", "at least 1"],
  [{ faults: [{ on: "transfer", kind: "explode" }] }, "faults[0].kind", "one of status, delay"],
  [{ port: 80 }, "port", "unknown"],
])("the seed %j is refused at %s", (seed, place, mistake) => {
  const error = mistakeOf(() => loadSeed(seed));
  expect(error.place).toBe(place);
  expect(error.message).toContain(mistake);
});

test.each<[object, string, string]>([
  [{}, "kind", "missing"],
  [{ kind: "reset" }, "on", "missing"],
  [{ kind: "reset", on: "downloadSession.lists" }, "on", "one of *, transfer, upload"],
  [{ kind: "truncate", on: "transfer" }, "atByte", "missing"],
  [{ kind: "truncate", on: "upload", atByte: 1 }, "on", "an operation or transfer for truncate"],
  [{ kind: "reset", on: "transfer", atByte: 1.5 }, "atByte", "a whole number"],
  [{ kind: "reset", on: "transfer", use: 0 }, "use", "at least 1"],
  [{ kind: "reset", on: "transfer", times: "often" }, "times", "a whole number"],
  [{ kind: "reset", on: "transfer", stallMs: 1 }, "stallMs", "unknown"],
  [{ kind: "status", on: "transfer", status: 99 }, "status", "from 200 to 599"],
  [{ kind: "status", on: "transfer", status: 500, errorType: "NOPE" }, "errorType", "one of"],
  [{ kind: "ignoreRange", on: "library.list" }, "on", "transfer for ignoreRange"],
  [{ kind: "renameFile", on: "*", name: "x" }, "file", "missing"],
  [{ kind: "expireSession", on: "library.list" }, "on", "must be an operation on a download session"],
  [{ kind: "prepareError", on: "library.list" }, "on", "downloadSession.file.prepare"],
])("the fault %j is refused at its %s, and none is planned", async (fault, member, mistake) => {
  await using simulator = await startSimulator();
  const good = { on: "transfer", kind: "reset" } as const;
  const error = mistakeOf(() => simulator.faults.add(good, fault as typeof good));
  expect(error.place).toBe(`faults[1].${member}`);
  expect(error.message).toContain(mistake);
  expect(simulator.faults.planned).toEqual([]);
  await expect(startSimulator({ faults: [fault as typeof good] })).rejects.toThrow(`faults[0].${member}`);
});

test("parseFault reads a fault from a line", () => {
  expect(parseFault("reset file=disk.vmdk atByte=10m times=2")).toEqual({
    kind: "reset",
    on: "transfer",
    file: "disk.vmdk",
    atByte: 10 * 1024 * 1024,
    times: 2,
  });
  expect(parseFault("shortClose atByte=1k keepLength=true times=always")).toMatchObject({ keepLength: true });
  expect(parseFault(' {"kind":"htmlPage","on":"library.list"}')).toEqual({ kind: "htmlPage", on: "library.list" });
  expect(mistakeOf(() => parseFault("reset atByte")).message).toContain(
    'must be written as KIND NAME=VALUE ...: got "atByte"',
  );
  expect(mistakeOf(() => parseFault("reset atByte=x")).place).toBe("fault.atByte");
  expect(mistakeOf(() => parseFault("")).place).toBe("fault.kind");
});

test("startSimulator and the inventory check their input like loadSeed", async () => {
  await expect(startSimulator({ port: 70_000 })).rejects.toThrow("port must be a whole number from 0 to 65535");
  await expect(startSimulator({ prot: 1 } as object)).rejects.toThrow("prot is unknown");
  await using simulator = await startSimulator();
  const library = simulator.inventory.addLibrary({ name: "l" });
  expect(mistakeOf(() => simulator.inventory.addLibrary({ name: "" })).place).toBe("library.name");
  expect(mistakeOf(() => library.addItem({ name: "" })).place).toBe("item.name");
  const item = library.addItem({ name: "i" });
  expect(mistakeOf(() => item.putFile({ name: "f", sizeBytes: -1 })).place).toBe("file.sizeBytes");
  expect(() => simulator.inventory.library("m")).toThrow('Cannot find the library "m" in the simulator: there is "l"');
  expect(() => item.file("g")).toThrow('Cannot find the file "g"');
});

test("loadSeed returns a seed or throws SimulatorInputError for any JSON", () => {
  const options = fc.object({
    key: fc.constantFrom("libraries", "items", "files", "name", "faults", "on", "kind", "lease", "sizeBytes", "text"),
    maxDepth: 5,
    withNullPrototype: false,
  });
  fc.assert(
    fc.property(options, (value) => {
      try {
        loadSeed(value);
      } catch (error) {
        expect(error).toBeInstanceOf(SimulatorInputError);
      }
    }),
    { numRuns: 300 },
  );
});

test("findJsonMistake finds the first character that cannot be right", () => {
  fc.assert(
    fc.property(fc.array(fc.json({ maxDepth: 3 })), fc.constantFrom("@", "}", "'", "tru", "01"), (values, wrong) => {
      const before = `{"lines":\n[${values.map((value) => `${value},\n`).join("")}`;
      const { line, column } = findJsonMistake(`${before}${wrong}]}`);
      expect(line).toBe(values.length + 2);
      expect(column).toBe((values.length === 0 ? 2 : 1) + (wrong === "01" ? 1 : 0));
    }),
  );
});

test("findJsonMistake reports a text that is nested too deeply", () => {
  const column = expect.any(Number) as number;
  for (const open of ["[", '{"a":']) expect(findJsonMistake(open.repeat(200_000))).toEqual({ line: 1, column });
});

function mistakeOf(act: () => unknown): SimulatorInputError {
  try {
    act();
  } catch (error) {
    if (error instanceof SimulatorInputError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
