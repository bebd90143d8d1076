import type { CarrelClient, LeaseOptions } from "@carrel/core";
import { Observable } from "rxjs";
import type { SessionSnapshot } from "./session-snapshot.ts";

/**
 * Opens a lease and holds it as long as the observable is subscribed to. Calls `onOver` before the stream ends, so that
 * a subscriber that reacts to the end by subscribing again gets a new lease.
 */
export function heldLease(
  client: CarrelClient,
  itemId: string,
  options: LeaseOptions,
  onOver: () => void,
): Observable<SessionSnapshot> {
  return new Observable((subscriber) => {
    subscriber.next(Object.freeze({ phase: "opening" }));
    if (subscriber.closed) return onOver;

    let stop = (): void => {};
    const opening = client.lease(itemId, options);
    opening.then(
      (lease) => {
        if (subscriber.closed) return;
        const publish = (): void => {
          const snapshot = lease.getSnapshot();
          switch (snapshot.phase) {
            case "opening":
              return;
            case "active":
            case "at-risk":
              subscriber.next(Object.freeze({ ...snapshot, lease }));
              return;
            case "ended":
              onOver();
              subscriber.next(snapshot);
              subscriber.complete();
              return;
            case "lost":
              onOver();
              subscriber.next(snapshot);
              subscriber.error(snapshot.cause);
              return;
            default:
              snapshot satisfies never;
          }
        };
        stop = lease.subscribe(publish);
        publish();
      },
      (error: unknown) => {
        onOver();
        subscriber.error(error);
      },
    );
    return () => {
      onOver();
      stop();
      // Also when the session is lost, because it may remain on the server, and when it has not been opened yet.
      void opening.then(
        (lease) => lease[Symbol.asyncDispose](),
        () => {},
      );
    };
  });
}
