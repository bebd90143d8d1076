import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { RunningDigests } from "../src/running-digests.ts";

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
      const hex = createHash(algorithm).update(bytes).digest("hex");
      expect(second?.digest(algorithm)).toEqual({ algorithm, hex });
    }
  }
});

test("RunningDigests does not continue from states of another algorithm or version", async () => {
  const digests = await RunningDigests.open(["sha1"]);
  expect(await RunningDigests.load(["sha256"], digests.save())).toBeUndefined();
  expect(await RunningDigests.load(["sha256"], { sha256: "AAAA" })).toBeUndefined();
  expect(digests.digest("sha512")).toBeUndefined();
});
