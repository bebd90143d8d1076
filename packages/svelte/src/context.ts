import type { CarrelClient } from "@carrel/core";
import { createContext } from "svelte";

const [get, set] = createContext<CarrelClient>();

/**
 * Gives this component and those below it their client. Call it while the component is initialised. Closing the client
 * where the application ends is left to the caller.
 */
export const setCarrelClient: (client: CarrelClient) => CarrelClient = set;

/**
 * Returns the client of the nearest component that has set one, for calls of one's own.
 *
 * @throws Error of Svelte, `missing_context`, where there is none.
 */
export const getCarrelClient: () => CarrelClient = get;
