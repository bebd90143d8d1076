import { setTimeout as sleep } from "node:timers/promises";
import { createNodeFetch } from "@carrel/node-stream";

const attempts = 3;
const pauseMs = 1_000;

/**
 * Tells a monitor something by a POST, some times if need be. Proxies of the environment are used.
 * @param path - What is appended to the path of the URL: `start`, nothing, or an exit code.
 * @throws Error what the monitor answered, or why it was not reached. The message has nothing of the URL but its host.
 */
export async function ping(url: URL, path: string, body: string, limitMs: number): Promise<void> {
  const target = new URL(url);
  if (path !== "") target.pathname = `${target.pathname.replace(/\/+$/u, "")}/${path}`;
  await using fetch = createNodeFetch();
  const deadline = performance.now() + limitMs;
  let why = "";
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) await sleep(Math.min(pauseMs, Math.max(0, deadline - performance.now())));
    // The first attempts leave time for another one.
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) break;
    const signal = AbortSignal.timeout(Math.ceil(leftMs / (attempts - attempt)));
    try {
      const answer = await fetch(target.href, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain; charset=utf-8" },
        redirect: "error",
        signal,
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      why = `it answered ${answer.status}`;
      if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      why = signal.aborted ? "it did not answer in time" : reasonOf(error);
    }
  }
  throw new Error(why);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
