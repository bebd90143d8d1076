import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import { expect, test } from "vitest";
import { openFile } from "../../src/index.ts";

test("openFile leaves no unhandled rejection when its consumer leaves early, even if the lease ends at once", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    const files = [{ name: "a.txt", text: "four" }];
    await using simulator = await startSimulator({ libraries: [{ name: "images", items: [{ name: "one", files }] }] });
    await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
    const [itemId = ""] = await client.item.find({ name: "one" });
    for (let round = 0; round < 20; round++) {
      await using lease = await client.lease(itemId);
      const stream = await openFile(lease, "a.txt");
      stream.on("error", () => {});
      for await (const chunk of stream) {
        expect(String(chunk)).toBe("four");
        break;
      }
    }
    expect(simulator.openSessions).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unhandled).toEqual([]);
});
