import { tokenAuth } from "@carrel/core";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { connect, withClient } from "./connect.ts";
import { fetchRuntime } from "./fetch-runtime.ts";
import { runIn } from "./run-in.ts";
import type { Runtime } from "./runtime.ts";
import { scenarios } from "./scenario.ts";
import { wireStyles } from "./test-server.ts";

/** The tests of one runtime: in a process of its own, every scenario passes in each wire style, and the process ends. */
export function describeRuntime(runtime: Runtime): void {
  describe(`${runtime.name} ${runtime.version}`, () => {
    let executable = "";
    beforeAll(async () => {
      executable = await fetchRuntime(runtime);
    }, 300_000);

    test.each(wireStyles)("passes every scenario in the wire style %s", async (wire) => {
      const printed = await runIn(executable, runtime.flags, "main.ts", [JSON.stringify(inject("target")), wire]);
      expect(printed).toEqual([`${runtime.name} ${runtime.version}`, ...scenarios.map(({ name }) => name)]);
    });

    test("comes to its end while a lease is held", async () => {
      const target = inject("target");
      const args = [JSON.stringify(target), "api"];
      const [token = ""] = await runIn(executable, runtime.flags, "hold-lease.ts", args);
      await withClient(connect(target, "api", { auth: tokenAuth(token) }), async (client) => {
        for (const id of await client.downloadSession.list()) await client.downloadSession.delete(id);
        await client.session.delete();
      });
    });

    test("downloads with node-stream, over TLS", async () => {
      const printed = await runIn(executable, runtime.fileFlags, "node-download.ts", []);
      expect(printed).toEqual(["by authority", "by fingerprint", "not by another fingerprint", "as a mirror"]);
    });
  });
}
