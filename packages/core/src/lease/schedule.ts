import type { Clock } from "../kit/time.ts";

/** Checks the clock at least this often while anything waits, to notice that the machine was asleep. */
const tickMs = 5_000;
/** When the wall clock gains more than this on the monotonic clock in one tick, the machine was asleep. */
const sleptMs = 2_000;

/** A callback that waits for its time. */
interface Entry {
  readonly atMs: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** Calls callbacks at their times. */
export interface Schedule {
  /** Calls back once after a time, or at once when the machine wakes from sleep. Returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/**
 * Makes the schedule of a client: one timer for all its leases, which never keeps the process alive. On some platforms
 * neither timers nor the monotonic clock advance while the machine sleeps, so a jump of the wall clock counts as sleep
 * too. Then all callbacks are due, because a lease may be near its end.
 */
export function createSchedule(clock: Clock): Schedule {
  const heap: Entry[] = [];
  let live = 0;
  let timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  let lastNowMs = clock.now();
  let lastWallMs = clock.wall();

  function arm(): void {
    while (heap[0]?.cancelled) pop(heap);
    const next = heap[0];
    if (!next || live === 0) {
      timer?.cancel();
      timer = undefined;
      return;
    }
    const nowMs = clock.now();
    const atMs = Math.min(next.atMs, nowMs + tickMs);
    if (timer && timer.atMs <= atMs) return;
    timer?.cancel();
    timer = { atMs, cancel: clock.schedule(Math.max(0, atMs - nowMs), tick, { background: true }) };
  }

  function tick(): void {
    timer = undefined;
    const nowMs = clock.now();
    const wallMs = clock.wall();
    const slept = wallMs - lastWallMs - (nowMs - lastNowMs) > sleptMs;
    lastNowMs = nowMs;
    lastWallMs = wallMs;
    const due: Entry[] = [];
    const untilMs = slept ? Infinity : nowMs;
    while (heap[0] && (heap[0].cancelled || heap[0].atMs <= untilMs)) {
      const entry = pop(heap);
      if (entry && !entry.cancelled) due.push(entry);
    }
    live -= due.length;
    for (const entry of due) {
      entry.cancelled = true;
      entry.callback();
    }
    arm();
  }

  return {
    after(ms, callback) {
      if (live === 0) {
        lastNowMs = clock.now();
        lastWallMs = clock.wall();
      }
      const entry: Entry = { atMs: clock.now() + ms, callback, cancelled: false };
      push(heap, entry);
      live += 1;
      arm();
      return () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        live -= 1;
        if (live === 0) {
          heap.length = 0;
          arm();
        }
      };
    },
  };
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (at(heap, parent).atMs <= entry.atMs) break;
    heap[index] = at(heap, parent);
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && at(heap, child + 1).atMs < at(heap, child).atMs) child += 1;
    if (at(heap, child).atMs >= last.atMs) break;
    heap[index] = at(heap, child);
    index = child;
  }
  heap[index] = last;
  return first;
}

function at(heap: readonly Entry[], index: number): Entry {
  const entry = heap[index];
  if (!entry) throw new RangeError(`The heap has no entry ${index}`);
  return entry;
}
