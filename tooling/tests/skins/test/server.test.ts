import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import { expect, test } from "vitest";
import type { ProbeProps } from "../src/probe.ts";
import { renderAngular } from "../src/angular/server.ts";
import { renderReact } from "../src/react/server.ts";
import { renderSvelte } from "../src/svelte/server.ts";
import { renderVue } from "../src/vue/server.ts";

type Render = (props: ProbeProps) => Promise<string>;

test.each<[name: string, render: Render]>([
  ["React", renderReact],
  ["Vue", renderVue],
  ["Svelte", renderSvelte],
  ["Angular", renderAngular],
])("%s renders on a server without a window, and calls nothing", async (_, render) => {
  expect(["window" in globalThis, "document" in globalThis]).toEqual([false, false]);
  await using simulator = await startSimulator({
    libraries: [{ name: "images", items: [{ name: "debian", id: "item-1" }] }],
  });
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  const download = (): never => {
    throw new Error("A download was started on a server");
  };
  const html = await render({ client, itemId: "item-1", fileName: "disk.iso", viewers: 2, lists: true, download });
  expect(html.match(/>pending</gu)).toHaveLength(2 + 2 + 1 + 1);
  await new Promise((resolve) => setTimeout(resolve));
  expect(simulator.journal).toEqual([]);
});
