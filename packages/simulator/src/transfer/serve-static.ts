import { takeFaults } from "../faults/active-faults.ts";
import { happenBefore } from "../faults/before-answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import { sessionIdOf } from "../http/session-id.ts";
import { errorAnswer } from "../http/write-answer.ts";
import type { World } from "../state/world.ts";
import { sendFile } from "./send-file.ts";

/**
 * Serves `/cls/static/<library>/<item>/<name>?version=<version>`, the way of 9.x without a download session. It needs
 * the API session, and content that is cached.
 */
export async function serveStatic(
  exchange: HttpExchange,
  [libraryId, itemId, name]: readonly string[],
  version: string | null,
  world: World,
): Promise<void> {
  exchange.record.update({ kind: "transfer", ...(name === undefined ? {} : { file: name }) });
  try {
    world.apiSessions.use(sessionIdOf(exchange.request.headers));
  } catch (error) {
    exchange.answer(errorAnswer("api", world.traits, error));
    return;
  }
  const item = world.store.items.get(itemId ?? "");
  const subject = { session: undefined, item };
  const faults = takeFaults(exchange, { on: "transfer", file: name }, subject, world);
  if (await happenBefore(faults, { exchange, world, subject, style: undefined })) return;
  const file = item?.files.get(name ?? "");
  const isThere = item?.libraryId === libraryId && item !== undefined && world.store.isCached(item);
  if (!item || !file || !isThere || (version !== null && version !== String(file.version))) {
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  const place = await world.transferPool.enter(exchange.left);
  try {
    await sendFile(exchange, file, faults, world, { signal: exchange.left });
  } finally {
    place.leave();
  }
}
