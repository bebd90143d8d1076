import { bufferContent } from "../content/content.ts";
import { digestOf } from "../content/digest.ts";
import { sleep } from "../clock/sleep.ts";
import { takeFaults } from "../faults/active-faults.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";
import { happenBefore } from "../faults/before-answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { UpdateFile, UploadSpace } from "../state/update-sessions.ts";
import { message } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";

/** Takes the bytes of a `PUT` to `/cls/data/<token>/<name>`: no login is needed, the token is enough. */
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
  if (await happenBefore(faults, { exchange, world, subject, style: undefined })) {
    exchange.request.resume();
    return;
  }
  const bytes = await receive(exchange, file, faults, world, () => world.updateSessions.touch(session));
  if (!bytes) return;
  await accept(file, bytes, world.uploadSpace);
  if (faults.fire("loseAnswer")) exchange.cut();
  else exchange.answer({ status: 200, headers: {}, body: undefined });
}

/** The bytes that come, or undefined where a fault has broken the upload off, or they are too many. */
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
    // What is left of the request when it is too long is not read here, and its answer still has to be sent.
    for await (const chunk of exchange.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const from = file.receivedBytes;
      if (!world.uploadSpace.take(chunk.length)) {
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
          await sleep(world.clock, fault.stallMs ?? Number.POSITIVE_INFINITY, exchange.left);
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
    if (!isKept) world.uploadSpace.giveBack(file.receivedBytes);
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
  const wrong = await mistakeIn(file, content);
  // An upload that is repeated takes the place of the one before.
  space.giveBack(file.content?.sizeBytes ?? 0);
  file.content = content;
  file.status = wrong === undefined ? "READY" : "ERROR";
  file.error =
    wrong === undefined ? undefined : message("com.vmware.vdcs.cls-main.invalid_file", wrong, { name: file.name });
}

async function mistakeIn(file: UpdateFile, content: ReturnType<typeof bufferContent>): Promise<string | undefined> {
  if (file.sizeBytes !== undefined && file.sizeBytes !== content.sizeBytes) {
    return `The file ${file.name} has ${content.sizeBytes} bytes, not ${file.sizeBytes}.`;
  }
  if (!file.checksum) return undefined;
  const { algorithm = "SHA1", checksum } = file.checksum;
  const digest = await digestOf(content, algorithm);
  return digest === checksum.toLowerCase() ? undefined : `The ${algorithm} of the file ${file.name} does not match.`;
}
