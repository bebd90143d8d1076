import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { presentedCertificate } from "./presented-certificate.ts";
import type { Vcsim, VcsimExchange } from "./vcsim.ts";
import { vcsimCommand } from "./vcsim-command.ts";

const startLimitMs = 30_000;
const stopLimitMs = 5_000;
const logLimit = 64 * 1024;

interface Ready {
  readonly url: string;
  readonly datastore_id: string;
}

async function firstLine(lines: Interface, exited: Promise<void>): Promise<Ready> {
  const line = once(lines, "line", { signal: AbortSignal.timeout(startLimitMs) });
  line.catch(() => undefined); // when the exit wins the race, nobody else is left to see this one fail
  const ended = exited.then((): never => {
    throw new Error("it ended at once");
  });
  const [text] = (await Promise.race([line, ended])) as [string];
  return JSON.parse(text) as Ready;
}

async function stop(child: ChildProcessWithoutNullStreams, exited: Promise<void>): Promise<void> {
  child.stdin.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
  await exited;
  clearTimeout(timer);
}

/**
 * Starts vcsim over TLS on a free port of 127.0.0.1, in a process of its own that ends with this one.
 * Takes about 0.4 s. The server must have been built, as `npm run test:vcsim` does.
 */
export async function startVcsim(): Promise<Vcsim> {
  const { binary } = vcsimCommand;
  if (!existsSync(binary)) {
    throw new Error(`vcsim is not built: ${binary} does not exist. Run \`npm run test:vcsim\`, which builds it.`);
  }
  const user = "administrator@vsphere.local";
  const password = randomBytes(12).toString("hex");
  const child = spawn(binary, { env: { ...process.env, VCSIM_USER: user, VCSIM_PASSWORD: password } });
  // "close" also follows a failed spawn, and comes when all output has been read.
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let log = "";
  child.on("error", (error) => (log += error.message));
  child.stdin.on("error", () => undefined); // a process that is gone already needs no end of input
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-logLimit)));
  const lines = createInterface({ input: child.stdout });
  const journal: VcsimExchange[] = [];
  try {
    const ready = await firstLine(lines, exited);
    lines.on("line", (line) => journal.push(JSON.parse(line) as VcsimExchange));
    const { pem, thumbprint } = await presentedCertificate(ready.url);
    return {
      url: ready.url,
      thumbprint,
      certificate: pem,
      user,
      password,
      datastoreId: ready.datastore_id,
      journal,
      get log() {
        return log;
      },
      [Symbol.asyncDispose]: () => stop(child, exited),
    };
  } catch (error) {
    await stop(child, exited);
    throw new Error(`vcsim did not start. Its log: ${log.trim() || "(empty)"}`, { cause: error });
  }
}
