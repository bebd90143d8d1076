import { bufferContent } from "../content/content.ts";
import { digestOf } from "../content/digest.ts";
import { sleep } from "@carrel/core/kit";
import { takeFaults } from "../faults/active-faults.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";
import { applyBefore } from "../faults/before-answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { UpdateFile, UploadSpace } from "../state/update-sessions.ts";
import { message } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";

/** Receives the bytes of a `PUT` to `/cls/data/<token>/<name>`: the token is enough, and no login is needed. */
export async function serveUpload(exchange: HttpExchange, token: string, name: string, world: World): Promise<void> {
  exchange.record.update({ kind: "upload", file: name });
  const session = world.updateSessions.findByToken(token);
  const file = session?.files.get(name);
  if (!session || !file || file.sourceType !== "PUSH") {
    exchange.request.resume();
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  if (!world.uploadSpace.hasRoomFor(Number(exchange.request.headers["content-length"] ?? 0))) {
    refuseTooMuch(exchange, file, world);
    return;
  }
  const subject = { session: undefined, item: world.store.items.get(session.itemId) };
  const faults = takeFaults(exchange, { on: "upload", file: name }, subject, world);
  if (await applyBefore(faults, { exchange, world, subject, style: undefined })) {
    exchange.request.resume();
    return;
  }
  const bytes = await receive(exchange, file, faults, world, () => world.updateSessions.touch(session));
  if (!bytes) return;
  await accept(file, bytes, world.uploadSpace);
  if (faults.fire("loseAnswer")) exchange.cut();
  else exchange.answer({ status: 200, headers: {}, body: undefined });
}

/** Returns the bytes, or undefined where a fault has cut the upload or there is not enough space for them. */
async function receive(
  exchange: HttpExchange,
  file: UpdateFile,
  faults: ActiveFaults,
  world: World,
  onChunk: () => void,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let isKept = false;
  file.status = "TRANSFERRING";
  file.receivedBytes = 0;
  file.error = undefined;
  try {
    // A request that is too long is not read to its end here, and its answer still has to be sent.
    for await (const chunk of exchange.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const from = file.receivedBytes;
      if (!world.uploadSpace.reserve(chunk.length)) {
        refuseTooMuch(exchange, file, world);
        return undefined;
      }
      chunks.push(chunk);
      file.receivedBytes += chunk.length;
      exchange.record.update({ receivedBytes: file.receivedBytes });
      onChunk();
      for (const { fault, fire } of faults.takeWithin(from, file.receivedBytes)) {
        fire();
        if (fault.kind === "stall") {
          await sleep(world.clock, fault.stallMs ?? Infinity, exchange.closed, { background: true });
        } else {
          file.status = "WAITING_FOR_TRANSFER";
          exchange.cut();
          return undefined;
        }
      }
    }
    isKept = true;
  } catch (error) {
    file.status = "WAITING_FOR_TRANSFER";
    throw error;
  } finally {
    if (!isKept) world.uploadSpace.release(file.receivedBytes);
  }
  return Buffer.concat(chunks);
}

function refuseTooMuch(exchange: HttpExchange, file: UpdateFile, world: World): void {
  const { limitBytes } = world.uploadSpace;
  const text = `The file ${file.name} does not fit: the simulator keeps uploads in memory, ${limitBytes} bytes in all.`;
  file.status = "ERROR";
  file.error = message("com.vmware.vdcs.cls-main.no_space", text, { name: file.name });
  exchange.request.resume();
  exchange.answer({ status: 413, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: text });
}

async function accept(file: UpdateFile, bytes: Buffer, space: UploadSpace): Promise<void> {
  const content = bufferContent(bytes);
  const mismatch = await findMismatch(file, content);
  // A repeated upload replaces the earlier one.
  space.release(file.content?.sizeBytes ?? 0);
  file.content = content;
  file.status = mismatch === undefined ? "READY" : "ERROR";
  file.error =
    mismatch === undefined
      ? undefined
      : message("com.vmware.vdcs.cls-main.invalid_file", mismatch, { name: file.name });
}

async function findMismatch(file: UpdateFile, content: ReturnType<typeof bufferContent>): Promise<string | undefined> {
  if (file.sizeBytes !== undefined && file.sizeBytes !== content.sizeBytes) {
    return `The file ${file.name} has ${content.sizeBytes} bytes, not ${file.sizeBytes}.`;
  }
  if (!file.checksum) return undefined;
  const { algorithm = "SHA1", checksum } = file.checksum;
  const digest = await digestOf(content, algorithm);
  return digest === checksum.toLowerCase() ? undefined : `The ${algorithm} of the file ${file.name} does not match.`;
}
