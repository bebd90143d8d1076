import { readFileSync } from "node:fs";
import { createClient } from "@carrel/core";
import type { CarrelClient, DownloadEvent, DownloadState, TransferEndpoint } from "@carrel/core";
import type { ListedSession, SessionSnapshot, SessionStoreOptions, StartDownload, StoreState } from "@carrel/rx";
import { expect, expectTypeOf, test, vi } from "vitest";
import { createApp, effectScope, nextTick, shallowRef } from "vue";
import type { MaybeRefOrGetter, Plugin, ShallowRef } from "vue";
import { compileScript, parse } from "vue/compiler-sfc";
import * as skin from "../src/index.ts";
import { carrel, useCarrelClient, useDownloadSession, useDownloadSessions } from "../src/index.ts";
import { useItemDownload, usePreparedFile } from "../src/index.ts";

/** Runs composables where the plugin is installed, or is not. */
function within<T>(client: CarrelClient | undefined, read: () => T): T {
  const app = createApp({});
  app.config.warnHandler = () => {};
  return (client === undefined ? app : app.use(carrel(client))).runWithContext(read);
}

test("the package exports its own names only", () => {
  expect(Object.keys(skin).toSorted()).toEqual([
    "carrel",
    "useCarrelClient",
    "useDownloadSession",
    "useDownloadSessions",
    "useItemDownload",
    "usePreparedFile",
  ]);
});

test("useCarrelClient returns the client of the plugin, and throws where it is not installed", async () => {
  await using client = createClient({ endpoint: "https://vcenter.example", auth: null as never });
  expect(within(client, useCarrelClient)).toBe(client);
  expect(() => within(undefined, () => useDownloadSession("item-1"))).toThrow(
    "useCarrelClient: the plugin carrel(client) is not installed",
  );
});

test("the composables refuse what the stores refuse", async () => {
  await using client = createClient({ endpoint: "https://vcenter.example", auth: null as never });
  expect(() => within(client, () => useDownloadSession(""))).toThrow(/itemId is empty/u);
  expect(() => within(client, () => useDownloadSession("a", { lingerMs: -1 }))).toThrow(RangeError);
  expect(() => within(client, () => useDownloadSessions({ intervalMs: 0 }))).toThrow(RangeError);
});

test("useItemDownload works in an effect scope outside of a component, and stops with it", async () => {
  vi.useFakeTimers();
  try {
    const signals: AbortSignal[] = [];
    async function* download(signal: AbortSignal): AsyncGenerator<DownloadEvent> {
      signals.push(signal);
      yield { type: "transferring", file: "a", receivedBytes: 1, totalBytes: 4, bytesPerSecond: 1 };
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    }
    const start = shallowRef<StartDownload>();
    const scope = effectScope();
    const state = scope.run(() => useItemDownload(start));
    expect(state?.value.status).toBe("pending");
    start.value = download;
    await nextTick();
    await vi.advanceTimersByTimeAsync(250); // one sample
    expect(state?.value.value?.percent).toBe(25);
    scope.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  } finally {
    vi.useRealTimers();
  }
});

test("the component of the README compiles", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, source = ""] = /```vue\n([^]*?)```/u.exec(readme) ?? [];
  const { descriptor, errors } = parse(source);
  expect(errors).toEqual([]);
  const { bindings } = compileScript(descriptor, { id: "readme", inlineTemplate: true });
  expect(Object.keys(bindings ?? {})).toEqual(expect.arrayContaining(["file", "fileName", "itemId", "session"]));
});

test("the composables have the types of what they return", () => {
  type Ref<T> = Readonly<ShallowRef<StoreState<T>>>;
  expectTypeOf(carrel).toEqualTypeOf<(client: CarrelClient) => Plugin<[]>>();
  expectTypeOf(useCarrelClient).returns.toEqualTypeOf<CarrelClient>();
  expectTypeOf(useDownloadSession).parameter(0).toEqualTypeOf<MaybeRefOrGetter<string | undefined>>();
  expectTypeOf(useDownloadSession).parameter(1).toEqualTypeOf<MaybeRefOrGetter<SessionStoreOptions> | undefined>();
  expectTypeOf(useDownloadSession).returns.toEqualTypeOf<Ref<SessionSnapshot>>();
  expectTypeOf(useDownloadSessions).returns.toEqualTypeOf<Ref<readonly ListedSession[]>>();
  expectTypeOf(usePreparedFile).parameter(0).toEqualTypeOf<MaybeRefOrGetter<StoreState<SessionSnapshot>>>();
  expectTypeOf(usePreparedFile).parameter(1).toEqualTypeOf<MaybeRefOrGetter<string>>();
  expectTypeOf(usePreparedFile).returns.toEqualTypeOf<Ref<TransferEndpoint>>();
  expectTypeOf<() => StartDownload | undefined>().toExtend<Parameters<typeof useItemDownload>[0]>();
  expectTypeOf<StartDownload>().not.toExtend<Parameters<typeof useItemDownload>[0]>();
  expectTypeOf(useItemDownload).returns.toEqualTypeOf<Ref<DownloadState>>();
});
