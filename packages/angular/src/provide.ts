import { inject, InjectionToken, makeEnvironmentProviders } from "@angular/core";
import type { EnvironmentProviders } from "@angular/core";
import type { CarrelClient } from "@carrel/core";

const clientToken = new InjectionToken<CarrelClient>("CarrelClient, which provideCarrel provides");

/**
 * Provides the client: `bootstrapApplication(App, { providers: [provideCarrel(client)] })`. Closing the client where
 * the application ends is left to the caller.
 */
export function provideCarrel(client: CarrelClient): EnvironmentProviders {
  return makeEnvironmentProviders([{ provide: clientToken, useValue: client }]);
}

/**
 * Returns the client, for calls of one's own. Needs an injection context.
 *
 * @throws Error of Angular, NG0201, where {@link provideCarrel} is missing.
 */
export function injectCarrelClient(): CarrelClient {
  return inject(clientToken);
}
