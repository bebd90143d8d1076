import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { processIo } from "../src/process/program-io.ts";
import type { ProgramIo } from "../src/process/program-io.ts";
import { cleanup, runCommand } from "../src/run/run-command.ts";
import { InterruptedError, watchSignals } from "../src/process/signals.ts";

test("exit codes are the same on every system, also those of signals that it does not have", () => {
  const codes = (["SIGHUP", "SIGINT", "SIGPIPE", "SIGTERM", "SIGBREAK"] as const).map(
    (name) => new InterruptedError(name).exitCode,
  );
  expect(codes).toEqual([129, 130, 141, 143, 149]);
});

// Windows alone has Ctrl-Break; as events, signals are the same everywhere.
test.for(["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const)("%s aborts, and is said once", (name) => {
  let said = 0;
  const before = process.listenerCount(name);
  {
    using watch = watchSignals(processIo, () => (said += 1));
    process.emit(name, name);
    expect(watch.signal.reason).toEqual(new InterruptedError(name));
  }
  expect(said).toBe(1);
  expect(process.listenerCount(name)).toBe(before);
});

test("a run that is already cleaning up counts the first Ctrl-C as the first", () => {
  let said = 0;
  const why = new Error("The reader has gone.");
  using watch = watchSignals(processIo, () => (said += 1));
  watch.abort(why);
  // A second one would end this process.
  process.emit("SIGINT", "SIGINT");
  expect(said).toBe(1);
  expect(watch.signal.reason).toBe(why);
});

test("a run that cannot clean up ends all the same, and says so", async () => {
  const stderr = new PassThrough();
  let said = "";
  stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const { promise: ended, resolve: exit } = Promise.withResolvers<number>();
  const { promise: listening, resolve: listen } = Promise.withResolvers<(name: "SIGTERM") => void>();
  const io: ProgramIo = {
    ...processIo,
    stdout: new PassThrough() as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    onInterrupt(listener) {
      listen(listener);
      return { [Symbol.dispose]: () => undefined };
    },
    onFault: () => undefined,
    setExitCode: () => undefined,
    exit,
  };
  const { limitMs } = cleanup;
  cleanup.limitMs = 50;
  try {
    void runCommand(io, {}, () => new Promise(() => {}));
    (await listening)("SIGTERM");
    // Its own timer keeps no process alive.
    const alive = setTimeout(() => exit(0), 10_000);
    expect(await ended).toBe(143);
    clearTimeout(alive);
  } finally {
    cleanup.limitMs = limitMs;
  }
  await expect.poll(() => said).toMatch(/Cleaning up took longer than 0\.05 s: stopped/u);
});
