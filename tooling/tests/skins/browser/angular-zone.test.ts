// oxlint-disable-next-line import/no-unassigned-import -- it patches the page
import "zone.js";
import { NgZone, provideZoneChangeDetection, signal } from "@angular/core";
import { expect, test } from "vitest";
import { angularWithZone, startProbe } from "../src/angular/skin.ts";
import { openLibrary, until } from "../src/library.ts";
import { describeSkin } from "../src/scenarios.ts";

describeSkin(angularWithZone);

test("Angular with zone.js starts what takes long outside of the zone, and becomes stable meanwhile", async () => {
  await using library = await openLibrary();
  const inZone: boolean[] = [];
  async function* download(stop: AbortSignal): AsyncGenerator<never> {
    inZone.push(NgZone.isInAngularZone());
    yield await new Promise<never>((_, reject) => stop.addEventListener("abort", () => reject(stop.reason as Error)));
  }
  const root = document.createElement("main");
  const props = signal({ client: library.client, itemId: "item-1", options: { lingerMs: 10 }, download });
  const app = await startProbe(root, props, provideZoneChangeDetection());
  await until(() => expect(root.textContent).toContain("active"));
  await app.whenStable();
  expect((await library.view()).openSessions).toHaveLength(1);
  expect(inZone).toEqual([false]);
  app.destroy();
});
