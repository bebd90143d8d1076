import { hydrateRoot } from "react-dom/client";
import { expect, test } from "vitest";
import { openLibrary, until } from "../src/library.ts";
import { renderReact } from "../src/react/server.ts";
import { react, strictProbe } from "../src/react/skin.ts";
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

test("React hydrates what a server has rendered, and then opens the session", async () => {
  await using library = await openLibrary();
  const props = { client: library.client, itemId: "item-1", options: { lingerMs: 10 } };
  const root = document.createElement("main");
  root.innerHTML = await renderReact(props);
  const [paragraph] = root.querySelectorAll(".session");
  expect(paragraph?.textContent).toBe("pending");
  const errors: unknown[] = [];
  const hydrated = hydrateRoot(root, strictProbe(props), {
    onRecoverableError: (error) => errors.push(error),
  });
  await until(() => expect(paragraph?.textContent).toMatch(/^active/u));
  hydrated.unmount();
  expect(errors).toEqual([]);
});
