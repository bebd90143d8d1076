import { createClient } from "@carrel/core";
import type { CarrelClient, DownloadState, PrepareOptions, TransferEndpoint } from "@carrel/core";
import type {
  ListedSession,
  SessionSnapshot,
  SessionsOptions,
  SessionStoreOptions,
  StartDownload,
  StoreState,
} from "@carrel/rx";
import { createElement } from "react";
import type { ReactElement, ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, expectTypeOf, test } from "vitest";
import * as skin from "../src/index.ts";
import { CarrelProvider, useCarrelClient, useDownloadSession, useDownloadSessions } from "../src/index.ts";
import { useItemDownload, usePreparedFile } from "../src/index.ts";
import type { CarrelProviderProps } from "../src/index.ts";

function Reader({ read }: { read: () => ReactNode }): ReactElement {
  return createElement("p", null, read());
}

function render(client: CarrelClient, read: () => ReactNode): string {
  return renderToString(createElement(CarrelProvider, { client }, createElement(Reader, { read })));
}

test("the package exports its own names only", () => {
  expect(Object.keys(skin).toSorted()).toEqual([
    "CarrelProvider",
    "useCarrelClient",
    "useDownloadSession",
    "useDownloadSessions",
    "useItemDownload",
    "usePreparedFile",
  ]);
});

test("useCarrelClient returns the client of the nearest provider, and throws where there is none", async () => {
  await using client = createClient({ endpoint: "https://vcenter.example", auth: null as never });
  expect(render(client, () => String(useCarrelClient() === client))).toContain("true");
  const orphan = createElement(Reader, { read: () => useDownloadSession("item-1").status });
  expect(() => renderToString(orphan)).toThrow("useCarrelClient: there is no CarrelProvider above this component");
});

test("the hooks refuse what the stores refuse", async () => {
  await using client = createClient({ endpoint: "https://vcenter.example", auth: null as never });
  expect(() => render(client, () => useDownloadSession("").status)).toThrow(/itemId is empty/u);
  expect(() => render(client, () => useDownloadSession("a", { lingerMs: -1 }).status)).toThrow(RangeError);
  expect(() => render(client, () => useDownloadSessions({ intervalMs: 0 }).status)).toThrow(RangeError);
});

test("the hooks have the types of what they return", () => {
  expectTypeOf(CarrelProvider).parameters.toEqualTypeOf<[CarrelProviderProps]>();
  expectTypeOf<CarrelProviderProps>().toEqualTypeOf<{ readonly client: CarrelClient; readonly children?: ReactNode }>();
  expectTypeOf(useCarrelClient).returns.toEqualTypeOf<CarrelClient>();
  expectTypeOf(useDownloadSession).parameters.toEqualTypeOf<
    [itemId: string | undefined, options?: SessionStoreOptions | undefined]
  >();
  expectTypeOf(useDownloadSession).returns.toEqualTypeOf<StoreState<SessionSnapshot>>();
  expectTypeOf(useDownloadSessions).parameters.toEqualTypeOf<[options?: SessionsOptions | undefined]>();
  expectTypeOf(useDownloadSessions).returns.toEqualTypeOf<StoreState<readonly ListedSession[]>>();
  expectTypeOf(usePreparedFile).parameters.toEqualTypeOf<
    [session: StoreState<SessionSnapshot>, fileName: string, options?: Omit<PrepareOptions, "signal"> | undefined]
  >();
  expectTypeOf(usePreparedFile).returns.toEqualTypeOf<StoreState<TransferEndpoint>>();
  expectTypeOf(useItemDownload).parameters.toEqualTypeOf<[start: StartDownload | undefined]>();
  expectTypeOf(useItemDownload).returns.toEqualTypeOf<StoreState<DownloadState>>();
});
