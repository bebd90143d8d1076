import type { CarrelClient } from "@carrel/core";
import { inject } from "vue";
import type { InjectionKey, Plugin } from "vue";

const clientKey: InjectionKey<CarrelClient> = Symbol("carrel");

/**
 * Makes a plugin that gives the components of an application their client: `app.use(carrel(client))`. Closing the
 * client where the application ends is left to the caller.
 */
export function carrel(client: CarrelClient): Plugin<[]> {
  return { install: (app) => void app.provide(clientKey, client) };
}

/**
 * Returns the client of the application, for calls of one's own.
 *
 * @throws Error where the plugin {@link carrel} is not installed.
 */
export function useCarrelClient(): CarrelClient {
  const client = inject(clientKey, undefined);
  if (client === undefined) throw new Error("useCarrelClient: the plugin carrel(client) is not installed");
  return client;
}
