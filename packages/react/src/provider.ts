import type { CarrelClient } from "@carrel/core";
import { createContext, createElement, useContext } from "react";
import type { ReactElement, ReactNode } from "react";

/** Properties of {@link CarrelProvider}. */
export interface CarrelProviderProps {
  readonly client: CarrelClient;
  readonly children?: ReactNode;
}

const ClientContext = createContext<CarrelClient | undefined>(undefined);

/**
 * Gives the components below it their client. Create the client once, outside of the component, and close it where the
 * application ends: that is not done here.
 */
export function CarrelProvider({ client, children }: CarrelProviderProps): ReactElement {
  // React 18 does not render the context itself.
  return createElement(ClientContext.Provider, { value: client }, children);
}

/**
 * Returns the client of the nearest {@link CarrelProvider}, for calls of one's own.
 *
 * @throws Error where there is none.
 */
export function useCarrelClient(): CarrelClient {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("useCarrelClient: there is no CarrelProvider above this component");
  return client;
}
