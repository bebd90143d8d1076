// oxlint-disable-next-line import/no-unassigned-import -- it patches Node
import "zone.js/node";
import { provideZoneChangeDetection } from "@angular/core";
import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import { expect, test } from "vitest";
import { renderAngular } from "../src/angular/server.ts";

test("Angular with zone.js ends the rendering on a server, and calls nothing", async () => {
  await using simulator = await startSimulator({
    libraries: [{ name: "images", items: [{ name: "debian", id: "item-1" }] }],
  });
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  const html = await renderAngular({ client, itemId: "item-1", lists: true }, provideZoneChangeDetection());
  expect(html.match(/>pending</gu)).toHaveLength(1 + 1 + 1);
  expect(simulator.journal).toEqual([]);
});
