import { expect, test } from "vitest";
import { openLibrary, until } from "../src/library.ts";
import { react } from "../src/react/skin.ts";
import { describeSkin } from "../src/scenarios.ts";

describeSkin(react);

test("React mounts everything twice in these tests, so that without a linger there are two sessions", async () => {
  await using library = await openLibrary();
  const root = document.createElement("main");
  const probe = react.mount(root, { client: library.client, itemId: "item-1", options: { lingerMs: 0 } });
  await until(() => expect(root.textContent).toMatch(/^active/u));
  await probe.unmount();
  await library.untilNoneOpen();
  expect(await library.called("create")).toBe(2);
});
