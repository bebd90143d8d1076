import { provideZonelessChangeDetection, signal } from "@angular/core";
import { expect, test } from "vitest";
import { angular, startProbe } from "../src/angular/skin.ts";
import { openLibrary, until } from "../src/library.ts";
import { describeSkin } from "../src/scenarios.ts";

describeSkin(angular);

test("Angular without zone.js becomes stable while a session is held", async () => {
  await using library = await openLibrary();
  const root = document.createElement("main");
  const props = signal({ client: library.client, itemId: "item-1", options: { lingerMs: 10 } });
  const app = await startProbe(root, props, provideZonelessChangeDetection());
  await until(() => expect(root.textContent).toContain("active"));
  await app.whenStable();
  expect((await library.view()).openSessions).toHaveLength(1);
  app.destroy();
});
