import { readFileSync } from "node:fs";
import type { CarrelClient, DownloadState, TransferEndpoint } from "@carrel/core";
import type {
  ListedSession,
  SessionSnapshot,
  SessionsOptions,
  SessionStoreOptions,
  StartDownload,
  StoreState,
} from "@carrel/rx";
import { compile } from "svelte/compiler";
import { expect, expectTypeOf, test } from "vitest";
import * as skin from "../src/index.ts";
import { DownloadSession, DownloadSessions, getCarrelClient, ItemDownload, PreparedFile } from "../src/index.ts";
import { setCarrelClient } from "../src/index.ts";

test("the package exports its own names only", () => {
  expect(Object.keys(skin).toSorted()).toEqual([
    "DownloadSession",
    "DownloadSessions",
    "ItemDownload",
    "PreparedFile",
    "getCarrelClient",
    "setCarrelClient",
  ]);
});

test("getCarrelClient throws outside of components, and so do the sessions", () => {
  expect(() => getCarrelClient()).toThrow(/lifecycle_outside_component/u);
  expect(() => new DownloadSession(() => "item-1")).toThrow(/lifecycle_outside_component/u);
  expect(() => new DownloadSessions()).toThrow(/lifecycle_outside_component/u);
});

test("current is the same object until it changes, and starts nothing where no effect reads it", () => {
  let start: StartDownload | undefined;
  const download = new ItemDownload(() => start);
  const before = download.current;
  expect(before).toEqual({ status: "pending" });
  expect(download.current).toBe(before);
  start = () => {
    throw new Error("It was started");
  };
  expect(download.current.status).toBe("pending");
});

test("PreparedFile remains pending without a lease", () => {
  const session = { current: { status: "pending" } } as const;
  expect(new PreparedFile(session, () => "disk.iso").current).toEqual({ status: "pending" });
});

test("the component of the README compiles", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, source = ""] = /```svelte\n([^]*?)```/u.exec(readme) ?? [];
  expect(compile(source, { generate: "client" }).warnings).toEqual([]);
});

test("the classes have the types of what they hold", () => {
  expectTypeOf(setCarrelClient).toEqualTypeOf<(client: CarrelClient) => CarrelClient>();
  expectTypeOf(getCarrelClient).toEqualTypeOf<() => CarrelClient>();
  expectTypeOf(DownloadSession).constructorParameters.toEqualTypeOf<
    [itemId: () => string | undefined, options?: SessionStoreOptions | undefined]
  >();
  expectTypeOf<DownloadSession["current"]>().toEqualTypeOf<StoreState<SessionSnapshot>>();
  expectTypeOf(DownloadSessions).constructorParameters.toEqualTypeOf<[options?: SessionsOptions | undefined]>();
  expectTypeOf<DownloadSessions["current"]>().toEqualTypeOf<StoreState<readonly ListedSession[]>>();
  expectTypeOf<DownloadSession>().toExtend<ConstructorParameters<typeof PreparedFile>[0]>();
  expectTypeOf<PreparedFile["current"]>().toEqualTypeOf<StoreState<TransferEndpoint>>();
  expectTypeOf(ItemDownload).constructorParameters.toEqualTypeOf<[start: () => StartDownload | undefined]>();
  expectTypeOf<ItemDownload["current"]>().toEqualTypeOf<StoreState<DownloadState>>();
});
