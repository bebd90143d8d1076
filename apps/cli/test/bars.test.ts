import type { DownloadEvent } from "@carrel/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DownloadDisplay } from "../src/output/download-display.ts";
import { Screen } from "../src/output/screen.ts";
import { createTinyTerminal } from "./support/tiny-terminal.ts";
import type { TinyTerminal } from "./support/tiny-terminal.ts";

const MiB = 1024 * 1024;
const sizes = new Map([
  ["ubuntu-26.04-server-disk1-of-a-long-name.vmdk", 40 * MiB],
  ["disk2.vmdk", 20 * MiB],
]);
const [first = "", second = ""] = sizes.keys();

const plan: DownloadEvent = {
  type: "plan",
  files: [...sizes].map(([name, sizeBytes]) => ({ name, sizeBytes })),
  totalBytes: 60 * MiB,
};
const transferring = (file: string, receivedBytes: number): DownloadEvent => ({
  type: "transferring",
  file,
  receivedBytes,
  totalBytes: sizes.get(file) ?? 0,
  bytesPerSecond: 10 * MiB,
  etaMs: 3_000,
});
const verified = (file: string): DownloadEvent => ({
  type: "finished",
  file,
  verifiedBy: "checksum",
  sizeBytes: sizes.get(file) ?? 0,
});
const done: DownloadEvent = { type: "done", files: 2, receivedBytes: 60 * MiB, durationMs: 6_000 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  vi.stubEnv("LANG", "C.UTF-8");
  vi.stubEnv("LC_ALL", "");
  vi.stubEnv("NO_COLOR", "1");
  vi.stubEnv("COLUMNS", "");
});

afterEach(() => {
  for (const display of started.splice(0)) display[Symbol.dispose]();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const started: Disposable[] = [];

/** A display on a terminal that is standard output and standard error. Disposed after the test. */
function start(terminal: TinyTerminal): {
  readonly show: (...events: readonly DownloadEvent[]) => void;
  readonly controller: AbortController;
} {
  const stream = terminal as unknown as NodeJS.WriteStream;
  const controller = new AbortController();
  const item = { id: "1", name: "ubuntu-26.04" };
  const display = new DownloadDisplay(new Screen({ stdout: stream, stderr: stream, env: process.env }), [item], {
    signal: controller.signal,
  });
  const shown = display.begin(item);
  started.push(display);
  return {
    controller,
    show(...events) {
      for (const event of events) shown.event(event);
      if (events.includes(done)) display[Symbol.dispose]();
      vi.advanceTimersByTime(100);
    },
  };
}

describe("bars", () => {
  test("are drawn in place, and leave only the lines of finished files", () => {
    const terminal = createTinyTerminal(80, 24);
    const { show } = start(terminal);
    show(plan, transferring(first, 10 * MiB), transferring(second, 5 * MiB));
    show(transferring(first, 20 * MiB), transferring(second, 10 * MiB));
    expect(terminal.screen).toEqual([
      "0 of 2 files ███████░░░░░░░  50%         30.0/60.0 MiB   20.0 MiB/s    eta 0:02",
      "ubuntu-…me.vmdk ████░░░░  50%   10.0 MiB/s    eta 0:02",
      "disk2.vmdk      ████░░░░  50%   10.0 MiB/s    eta 0:01",
    ]);
    show(verified(second));
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^ {2}20\.0 MiB {2}verified by checksum +100\.0 MiB\/s {2}disk2\.vmdk$/u),
      expect.stringMatching(/^1 of 2 files █{9}░{5} {2}66% /u),
      expect.stringMatching(/^ubuntu-….*\.vmdk █/u),
    ]);
    show(verified(first), done);
    expect(terminal.screen).toEqual([
      expect.stringContaining("disk2.vmdk"),
      expect.stringContaining(first.slice(0, 10)),
      expect.stringContaining("long-name.vmdk".slice(-4)),
    ]);
  });

  test.for([40, 20, 12, 7])("fit in %d columns", (columns) => {
    const terminal = createTinyTerminal(columns, 24);
    const { show } = start(terminal);
    show(plan, transferring(first, 10 * MiB), transferring(second, 5 * MiB));
    show(transferring(first, 20 * MiB));
    expect(terminal.screen).toHaveLength(3);
    for (const line of terminal.screen) expect(line.length).toBeLessThan(columns);
  });

  describe.for(["cuts", "wraps"] as const)("on a terminal that %s what is too long", (resizing) => {
    test.for([5, 30])("stay in place below %d lines when its width changes", (count) => {
      const terminal = createTinyTerminal(100, 24, resizing);
      const above = Array.from({ length: count }, (_, index) => `line ${index}`);
      terminal.write(above.map((line) => `${line}\n`).join(""));
      const { show } = start(terminal);
      show(plan, transferring(first, 10 * MiB), transferring(second, 5 * MiB));
      for (const columns of [60, 40, 100, 33, 50, 45, 80, 120, 30]) {
        terminal.resize(columns);
        // Drawn while the program does not know of the new width yet.
        show(transferring(first, 20 * MiB));
        terminal.tell();
        expect(terminal.screen).toEqual([
          ...above,
          expect.stringMatching(/^0 of 2 files/u),
          expect.stringMatching(/^ubun/u),
          expect.stringMatching(/^disk2/u),
        ]);
      }
      terminal.resize(120);
      terminal.tell();
      show(verified(second), verified(first), done);
      expect(terminal.screen.slice(0, count)).toEqual(above);
      expect(terminal.screen.slice(count)).toEqual([
        expect.stringMatching(/^ {2}20\.0 MiB .* disk2\.vmdk$/u),
        expect.stringMatching(/^ {2}40\.0 MiB .* ubuntu-.*\.vmdk$/u),
      ]);
    });
  });

  test("use the whole width again when the resizing is over", () => {
    const terminal = createTinyTerminal(60, 24);
    const { show } = start(terminal);
    show(plan, transferring(first, 10 * MiB));
    terminal.resize(90);
    terminal.tell();
    expect(terminal.screen[0]?.length).toBeLessThan(40);
    vi.advanceTimersByTime(2_000);
    expect(terminal.screen[0]?.length).toBeGreaterThan(60);
  });

  test("go away at Ctrl-C, though the terminal writes ^C over them", () => {
    const terminal = createTinyTerminal(80, 24);
    const { show, controller } = start(terminal);
    show(plan, transferring(first, 10 * MiB), transferring(second, 5 * MiB));
    terminal.write("^C");
    controller.abort(new Error("interrupted"));
    terminal.write("Interrupted.\n");
    expect(terminal.screen).toEqual(["Interrupted."]);
    show(transferring(first, 30 * MiB));
    expect(terminal.screen).toEqual(["Interrupted."]);
  });

  test("are no more than the terminal has rows for", () => {
    const terminal = createTinyTerminal(80, 6);
    const { show } = start(terminal);
    const names = Array.from({ length: 20 }, (_, index) => `file-${index}.bin`);
    show(
      { type: "plan", files: names.map((name) => ({ name, sizeBytes: MiB })) },
      ...names.map((name) => transferring(name, 1000)),
    );
    expect(terminal.screen.length).toBeLessThanOrEqual(5);
    expect(terminal.screen[0]).toMatch(/^0 of 20 files/u);
  });

  test("show the item of each file, where there are several, and how many items are done", () => {
    const terminal = createTinyTerminal(100, 24);
    const stream = terminal as unknown as NodeJS.WriteStream;
    const items = [
      { id: "1", name: "one", sizeBytes: 60 * MiB },
      { id: "2", name: "two", sizeBytes: 40 * MiB },
      { id: "3", name: "three" },
    ];
    using display = new DownloadDisplay(new Screen({ stdout: stream, stderr: stream, env: process.env }), items, {
      signal: new AbortController().signal,
    });
    const [one, two] = items.map((item) => display.begin(item));
    one?.event(plan);
    one?.event(transferring(second, 10 * MiB));
    two?.event({ type: "plan", files: [{ name: "a.iso", sizeBytes: 30 * MiB }] });
    two?.event({ ...transferring("a.iso", 15 * MiB), totalBytes: 30 * MiB } as DownloadEvent);
    vi.advanceTimersByTime(100);
    // Nothing is known yet of the third.
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^0 of 3 items +25\.0 MiB +20\.0 MiB\/s$/u),
      expect.stringMatching(/^one\/disk2\.vmdk +█+░+ +50% +10\.0 MiB\/s +eta 0:01$/u),
      expect.stringMatching(/^two\/a\.iso +█+░+ +50% +10\.0 MiB\/s +eta 0:02$/u),
    ]);
    two?.event({ type: "finished", file: "a.iso", verifiedBy: "checksum", sizeBytes: 30 * MiB });
    two?.end();
    const three = display.begin(items[2] ?? { id: "", name: "" });
    three.event({ type: "plan", files: [{ name: "b.iso", sizeBytes: 10 * MiB }] });
    vi.advanceTimersByTime(100);
    expect(terminal.screen).toEqual([
      expect.stringMatching(/verified by checksum .* {2}two\/a\.iso$/u),
      expect.stringMatching(/^1 of 3 items +█+░+ +40% +40\.0\/100\.0 MiB +10\.0 MiB\/s +eta 0:06$/u),
      expect.stringMatching(/^one\/disk2\.vmdk/u),
    ]);
  });

  test("say that the server prepares a file, and draw nothing where no terminal is", () => {
    const terminal = createTinyTerminal(80, 24);
    const { show } = start(terminal);
    show(plan, { type: "preparing", file: first, preparedBytes: 0 });
    expect(terminal.screen[1]).toMatch(/being prepared by the server$/u);

    const file = createTinyTerminal(80, 24);
    Object.assign(file, { isTTY: false });
    const quiet = start(file);
    quiet.show(plan, transferring(first, 10 * MiB));
    expect(file.screen).toEqual([]);
  });
});

test("DownloadDisplay lists the files of many items on a terminal when their item ends, below its name", () => {
  const terminal = createTinyTerminal(80, 24);
  const stream = terminal as unknown as NodeJS.WriteStream;
  const items = ["a", "b"].map((name) => ({ id: name, name }));
  const screen = new Screen({ stdout: stream, stderr: stream, env: process.env });
  const display = new DownloadDisplay(screen, items, { signal: new AbortController().signal });
  started.push(display);
  const shown = items.map((item) => display.begin(item));
  const names = Array.from({ length: 6 }, (_, index) => `${index}.vmdk`);
  for (const { event } of shown) event({ type: "plan", files: names.map((name) => ({ name, sizeBytes: MiB })) });
  for (const name of names) {
    for (const { event } of shown) event({ type: "finished", file: name, verifiedBy: "length", sizeBytes: MiB });
  }
  shown[0]?.end();
  // As where the run is interrupted.
  display[Symbol.dispose]();
  const listed = terminal.screen.filter((line) => /vmdk|\/$/u.test(line));
  expect(listed.map((line) => line.split(" ").at(-1))).toEqual(["a/", ...names, "b/", ...names]);
});
