import { ServerError, tokenAuth } from "@carrel/core";
import type { DownloadLease, WireStyle } from "@carrel/core";
import { check, rejectionOf } from "./check.ts";
import { connect, findItem, withClient } from "./connect.ts";
import { expectedBytes } from "./test-server.ts";
import type { TestServer } from "./test-server.ts";

const renewalWithinMs = 10_000;

/** Finds an item by its names, opens a lease, prepares, fetches, compares and renews, and closes everything. */
export async function downloadItemFile(target: TestServer, wire: WireStyle): Promise<void> {
  let token = "";
  await withClient(connect(target, wire), async (client) => {
    token = await client.sessionToken();
    const itemId = await findItem(client, target);
    const names = (await client.item.file.list(itemId)).map((file) => file.name);
    check(names.includes(target.fileName), "the item lists its file");
    const lease = await client.lease(itemId);
    try {
      check(lease.getSnapshot().phase === "active", "the lease is active");
      const { uri } = await lease.prepare(target.fileName);
      check(sameBytes(await fetchBytes(uri), expectedBytes(target.sizeBytes)), "the bytes are the file's");
      await client.downloadSession.keepAlive(lease.id, { progress: 50 });
      const { client_progress: progress } = await client.downloadSession.get(lease.id);
      check(progress === 50, "the server knows the progress");
    } finally {
      await lease[Symbol.asyncDispose]();
    }
    check(lease.getSnapshot().phase === "ended", "the lease has ended");
    const gone = await rejectionOf(client.downloadSession.get(lease.id), "asking for the ended session");
    check(gone instanceof ServerError && gone.code === "NOT_FOUND", "the session is gone");
  });
  await withClient(connect(target, wire, { auth: tokenAuth(token) }), async (stranger) => {
    const refused = await rejectionOf(stranger.library.list(), "a call with the token after the logout");
    check(refused instanceof ServerError && refused.code === "AUTH", "the API session is gone");
  });
}

/** Waits until the lease renews itself, by the timers of the platform and the clock of the server. */
export async function leaseRenewsItself(target: TestServer, wire: WireStyle): Promise<void> {
  await withClient(connect(target, wire), async (client) => {
    const lease = await client.lease(await findItem(client, target));
    await renewed(lease);
    check(!lease.signal.aborted, "the session is not lost");
  });
}

/** As in a browser where the server's CORS rules do not expose `Date`: the default life is assumed then. */
export async function leaseWithoutDate(target: TestServer, wire: WireStyle): Promise<void> {
  const origin = target.datelessOrigin;
  const response = await fetch(`${origin}/api/content/library`);
  await response.text();
  check(response.headers.get("date") === null, "the Date header is hidden");
  await withClient(connect({ ...target, origin }, wire), async (client) => {
    const lease = await client.lease(await findItem(client, target));
    const snapshot = lease.getSnapshot();
    check(snapshot.phase === "active", "the lease is active");
    check(snapshot.session.expiresAt.getTime() > 0, "its end is known");
    await client.downloadSession.keepAlive(lease.id);
    check((await lease.files()).length > 0, "it can be worked with");
  });
}

function renewed(lease: DownloadLease): Promise<void> {
  return new Promise((resolve, reject) => {
    const isRenewed = (): boolean => {
      const snapshot = lease.getSnapshot();
      return snapshot.phase === "active" && snapshot.renewals > 0;
    };
    // The timer of the lease does not keep the process alive; this one does.
    const limit = setTimeout(() => {
      stop();
      reject(new Error(`The lease did not renew itself within ${renewalWithinMs} ms.`));
    }, renewalWithinMs);
    const stop = lease.subscribe(() => {
      if (!isRenewed()) return;
      clearTimeout(limit);
      stop();
      resolve();
    });
  });
}

async function fetchBytes(uri: string): Promise<Uint8Array> {
  const response = await fetch(uri);
  check(response.status === 200, "the transfer URL answers 200");
  return new Uint8Array(await response.arrayBuffer());
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
