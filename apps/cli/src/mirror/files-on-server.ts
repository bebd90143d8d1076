import { ServerError } from "@carrel/core";
import type { CarrelClient, ItemFileInfo } from "@carrel/core";

/** The files of an item; `undefined` where the server does not tell them. Costs a call. */
export async function filesOnServer(
  client: CarrelClient,
  id: string,
  signal: AbortSignal,
): Promise<readonly ItemFileInfo[] | undefined> {
  try {
    return await client.item.file.list(id, { signal });
  } catch (error) {
    if (error instanceof ServerError && !["NOT_FOUND", "AUTH", "BUSY"].includes(error.code)) return undefined;
    throw error;
  }
}
