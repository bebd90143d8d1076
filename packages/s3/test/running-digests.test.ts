import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { RunningDigests } from "../src/upload/running-digests.ts";

const algorithms = ["sha256", "sha1", "sha512", "md5"] as const;
const bytes = Buffer.alloc(100_003, "Carrel");

test("RunningDigests continues from saved states as if it had never stopped, at any byte", async () => {
  for (const at of [0, 1, 63, 64, 65, 4_096, bytes.length]) {
    const first = await RunningDigests.open(algorithms);
    first.update(bytes.subarray(0, at));
    const states = first.save();
    // Asking for a digest changes nothing.
    first.digest("sha256");
    first.update(Buffer.from("something else"));
    const second = await RunningDigests.load(algorithms, states);
    second?.update(bytes.subarray(at));
    for (const algorithm of algorithms) {
      first.digest(algorithm);
    }
    for (const algorithm of ["sha256", "sha1"] as const) {
      const hex = createHash(algorithm).update(bytes).digest("hex");
      expect(second?.digest(algorithm)).toEqual({ algorithm, hex });
    }
  }
});

test("RunningDigests computes every algorithm, and saves the first and the usual ones", async () => {
  const digests = await RunningDigests.open(["md5", "sha1", "sha512"]);
  digests.update(bytes);
  for (const algorithm of ["md5", "sha1", "sha512"] as const) {
    expect(digests.digest(algorithm)).toEqual({ algorithm, hex: createHash(algorithm).update(bytes).digest("hex") });
  }
  expect(Object.keys(digests.save())).toEqual(["md5", "sha1"]);
  const later = await RunningDigests.load(["md5", "sha1", "sha512"], digests.save());
  expect(later?.digest("sha512")).toBeUndefined();
});

test("RunningDigests does not continue from states of another algorithm or version", async () => {
  const digests = await RunningDigests.open(["sha1"]);
  expect(await RunningDigests.load(["sha256"], digests.save())).toBeUndefined();
  expect(await RunningDigests.load(["sha256"], { sha256: "AAAA" })).toBeUndefined();
  expect(digests.digest("sha512")).toBeUndefined();
});
