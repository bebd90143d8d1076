import { checkCallOptions } from "../wire/call.ts";
import { defined } from "../kit/objects.ts";
import { checkNumber, checkOneOf, checkText } from "../kit/checks.ts";
import { IntegrityError } from "../errors/transfer-errors.ts";
import { abortable } from "../kit/signals.ts";
import type { DownloadLease, LeaseOptions } from "./download-lease.ts";
import { endSession } from "./end-session.ts";
import type { LeaseSettings } from "./lease-settings.ts";
import { createLease } from "./lease.ts";
import { readLife, readSession } from "./session-calls.ts";

/**
 * Opens a lease. The caller's signal stops only the waiting: the opening continues, so that a session that is created
 * after the abort is known, and ended.
 *
 * @throws TypeError, RangeError where `itemId` or an option is wrong.
 */
export async function openLease(
  settings: LeaseSettings,
  itemId: string,
  options: LeaseOptions,
): Promise<DownloadLease> {
  checkOptions(itemId, options);
  options.signal?.throwIfAborted();
  const opening = open(settings, itemId, options);
  const closing = {
    [Symbol.asyncDispose]: () =>
      opening.then(
        (lease) => lease[Symbol.asyncDispose](),
        () => undefined,
      ),
  };
  settings.leases.add(closing);
  try {
    return await abortable(opening, options.signal);
  } catch (error) {
    if (options.signal?.aborted) void closing[Symbol.asyncDispose]().finally(() => settings.leases.delete(closing));
    throw error;
  } finally {
    if (!options.signal?.aborted) settings.leases.delete(closing);
  }
}

async function open(settings: LeaseSettings, itemId: string, options: LeaseOptions): Promise<DownloadLease> {
  const { calls, clock } = settings;
  const { attemptTimeoutMs, context, clientToken } = options;
  const callOptions = defined({ attemptTimeoutMs, context });
  const sentAtMs = clock.now();
  let id = options.adopt;
  if (id === undefined) id = await calls.create(itemId, { ...callOptions, ...defined({ clientToken }) });
  // An adopted session is renewed first, so that its remaining time is its whole life.
  else await calls.keepAlive(id, undefined, callOptions);
  try {
    const answer = await calls.get(id, callOptions);
    const session = readSession(id, itemId, answer.model);
    if (options.contentVersion !== undefined && session.contentVersion !== options.contentVersion) {
      throw new IntegrityError(
        `Item ${itemId} has changed: its content version is ${session.contentVersion}, not ${options.contentVersion}`,
        { problem: "changed" },
      );
    }
    const lifeMs = readLife(answer);
    return createLease(settings, options, { session, lifeMs, sentAtMs });
  } catch (error) {
    if (options.adopt === undefined) await endSession(settings, id, "delete");
    throw error;
  }
}

function checkOptions(itemId: unknown, options: LeaseOptions): void {
  checkText("lease: itemId", itemId);
  checkCallOptions(options);
  const { renewAt, onClose, adopt, clientToken } = options;
  if (renewAt !== undefined) checkNumber("renewAt", renewAt, { above: 0, below: 1 });
  if (onClose !== undefined) checkOneOf("onClose", onClose, ["delete", "cancel", "keep"]);
  if (adopt !== undefined) checkText("adopt", adopt);
  if (clientToken !== undefined) checkText("clientToken", clientToken);
}
