import { ServerError } from "@carrel/core";
import type { WireStyle } from "@carrel/core";
import { session$ } from "@carrel/rx";
import { filter, firstValueFrom, take } from "rxjs";
import { check, rejectionOf } from "./check.ts";
import { connect, findItem, withClient } from "./connect.ts";
import type { TestServer } from "./test-server.ts";

/** A session as an observable: opened by the first subscriber, ended when the last one has left. */
export async function observeSession(target: TestServer, wire: WireStyle): Promise<void> {
  let id = "";
  await withClient(connect(target, wire), async (client) => {
    const itemId = await findItem(client, target);
    const active$ = session$(client, itemId, { lingerMs: 0 }).pipe(
      filter((snapshot) => snapshot.phase === "active"),
      take(1),
    );
    id = (await firstValueFrom(active$)).session.id;
  });
  // The client ends what is still open before it logs out; so the session does not exist any more.
  await withClient(connect(target, wire), async (client) => {
    const gone = await rejectionOf(client.downloadSession.get(id), "asking for the ended session");
    check(gone instanceof ServerError && gone.code === "NOT_FOUND", "the session is gone");
  });
}
