import { createEnvironmentInjector, Injector, runInInjectionContext } from "@angular/core";
import type { EnvironmentInjector, EnvironmentProviders, Signal } from "@angular/core";
import { createClient } from "@carrel/core";
import type { CarrelClient, DownloadState, TransferEndpoint } from "@carrel/core";
import type {
  ListedSession,
  SessionSnapshot,
  SessionsOptions,
  SessionStoreOptions,
  StartDownload,
  StoreState,
} from "@carrel/rx";
import { expect, expectTypeOf, test } from "vitest";
import * as skin from "../src/index.ts";
import { injectCarrelClient, injectDownloadSession, injectDownloadSessions, provideCarrel } from "../src/index.ts";
import { injectItemDownload, injectPreparedFile } from "../src/index.ts";

function within<T>(providers: EnvironmentProviders[], read: () => T): T {
  const injector = createEnvironmentInjector(providers, Injector.NULL as EnvironmentInjector);
  try {
    return runInInjectionContext(injector, read);
  } finally {
    injector.destroy();
  }
}

test("the package exports its own names only", () => {
  expect(Object.keys(skin).toSorted()).toEqual([
    "injectCarrelClient",
    "injectDownloadSession",
    "injectDownloadSessions",
    "injectItemDownload",
    "injectPreparedFile",
    "provideCarrel",
  ]);
});

test("injectCarrelClient returns the client that is provided, and throws where none is", async () => {
  await using client = createClient({ endpoint: "https://vcenter.example", auth: null as never });
  expect(within([provideCarrel(client)], injectCarrelClient)).toBe(client);
  expect(() => within([], () => injectDownloadSession(() => "item-1"))).toThrow(/CarrelClient, which provideCarrel/u);
  expect(() => injectDownloadSessions()).toThrow(/NG0203/u);
});

test("the functions have the types of what they return", () => {
  type State<T> = Signal<StoreState<T>>;
  expectTypeOf(provideCarrel).toEqualTypeOf<(client: CarrelClient) => EnvironmentProviders>();
  expectTypeOf(injectCarrelClient).toEqualTypeOf<() => CarrelClient>();
  expectTypeOf(injectDownloadSession).parameters.toEqualTypeOf<
    [itemId: () => string | undefined, options?: SessionStoreOptions | undefined]
  >();
  expectTypeOf<Signal<string>>().toExtend<Parameters<typeof injectDownloadSession>[0]>();
  expectTypeOf(injectDownloadSession).returns.toEqualTypeOf<State<SessionSnapshot>>();
  expectTypeOf(injectDownloadSessions).parameters.toEqualTypeOf<[options?: SessionsOptions | undefined]>();
  expectTypeOf(injectDownloadSessions).returns.toEqualTypeOf<State<readonly ListedSession[]>>();
  expectTypeOf(injectPreparedFile).parameter(0).toEqualTypeOf<() => StoreState<SessionSnapshot>>();
  expectTypeOf(injectPreparedFile).parameter(1).toEqualTypeOf<() => string>();
  expectTypeOf(injectPreparedFile).returns.toEqualTypeOf<State<TransferEndpoint>>();
  expectTypeOf(injectItemDownload).parameters.toEqualTypeOf<[start: () => StartDownload | undefined]>();
  expectTypeOf(injectItemDownload).returns.toEqualTypeOf<State<DownloadState>>();
});
