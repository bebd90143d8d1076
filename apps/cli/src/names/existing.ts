import { CarrelError } from "@carrel/core";
import { mapInOrder } from "../run/map-in-order.ts";
import type { Count } from "../output/count.ts";

const concurrentCalls = 16;

/** Gets things by their ids, in order, 16 at once. What is gone since it was listed is left out. */
export async function* existing<T>(
  ids: readonly string[],
  get: (id: string) => Promise<T | undefined>,
  count?: Count,
): AsyncGenerator<T> {
  count?.expect(ids.length);
  const getOne = async (id: string): Promise<T | undefined> => {
    try {
      return await get(id);
    } catch (error) {
      if (error instanceof CarrelError && error.code === "NOT_FOUND") return undefined;
      throw error;
    } finally {
      count?.add();
    }
  };
  for await (const entry of mapInOrder(ids, concurrentCalls, getOne)) if (entry !== undefined) yield entry;
}
