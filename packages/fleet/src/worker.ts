import { systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { ConcurrencyLimit } from "@carrel/node-stream";
import type { JobResult, PgBoss, WorkOptions } from "pg-boss";
import { Connections } from "./connections.ts";
import type { FleetDatabase } from "./database/database.ts";
import type { FleetDocument } from "./document.ts";
import type { FleetEvent } from "./events.ts";
import type { FleetOptions, FleetRunReport } from "./fleet.ts";
import { runItemJob } from "./jobs/item-job.ts";
import { errorJson } from "./jobs/job-errors.ts";
import { runPlanJob } from "./jobs/plan-job.ts";
import { sweep } from "./jobs/sweep-job.ts";
import { applySchedules, databaseOf, sendPlan, startEngine } from "./queues.ts";
import type { EngineOptions, ItemData, ItemJob, PlanData, PlanJob } from "./queues.ts";
import type { VcenterSlots } from "./slots/slots.ts";
import { engineSchema, FleetStore } from "./store.ts";

/** What a worker works with. */
export interface WorkerOptions extends Pick<FleetOptions, "clientFor" | "placeFor">, Omit<EngineOptions, "onError"> {
  readonly database: FleetDatabase;
  readonly worker: string;
  /** Items at once. */
  readonly transfers: number;
  readonly once: boolean;
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: FleetEvent) => void;
}

/** The engine hands over all that it knows of a job, and learns how each ended. */
type SettledEach = WorkOptions & { readonly perJobResults: true; readonly includeMetadata: true };

/** How long the engine may take to note what ended. */
const stopTimeoutMs = 20_000;
/** How often it is looked whether another document was applied. */
const documentEveryMs = 5_000;
const onceEveryMs = 300;
/** What failed and is to be tried again so soon is waited for, where the worker ends when all is done. */
const onceWaitsSeconds = 30;

/** Works until its signal aborts, or until nothing is left to do now. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #stop = new AbortController();
  readonly #connections: Connections;
  readonly #local: ConcurrencyLimit;
  #isDatabaseLost = false;
  #queueWorkers: string[] = [];
  #report = { mirrored: 0, failed: 0, receivedBytes: 0 };

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#connections = new Connections(options.clientFor);
    this.#local = new ConcurrencyLimit(options.transfers);
  }

  async run(): Promise<FleetRunReport> {
    const { database, once, signal, emit, worker } = this.#options;
    signal?.throwIfAborted();
    const boss = await startEngine(database, { ...this.#options, onError: (error) => this.#noteDatabase(error) });
    const slots = database.openSlots();
    const store = new FleetStore(databaseOf(boss));
    const onAbort = (): void => this.#stop.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const known = await store.readDocument();
      if (known !== undefined) await applySchedules(boss, known.document);
      await this.#work(boss, store, slots, known?.document);
      emit({ type: "ready", worker, database: database.location });
      await this.#sweep(store);
      if (once) await this.#untilDone(boss, store, known?.document);
      else await this.#untilStopped(boss, store, slots, known?.revision);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await this.#end(boss, store, slots);
    }
    return this.#report;
  }

  /** Takes work from the queues. */
  async #work(boss: PgBoss, store: FleetStore, slots: VcenterSlots, document?: FleetDocument): Promise<void> {
    const { transfers, timing } = this.#options;
    const common = {
      includeMetadata: true,
      perJobResults: true,
      heartbeatRefreshSeconds: timing.heartbeat / 5,
    } as const;
    const limits = Object.entries(document?.vcenters ?? {}).map(([name, vcenter]) => [name, vcenter.transfers + 1]);
    const itemWork = {
      ...this.#shared(store),
      slots,
      local: this.#local,
      worker: this.#options.worker,
      onDatabase: (error: unknown) => this.#noteDatabase(error),
      onDone: (receivedBytes: number | undefined) => this.#count(receivedBytes),
    };
    const items = await boss.work<ItemData, JobResult[], SettledEach>(
      "item",
      {
        ...common,
        localConcurrency: transfers,
        // Each of them asks by itself: all together not much more than twice a second.
        pollingIntervalSeconds: Math.max(1, transfers / 2),
        // One more than may be transferred at once, so that the next has its session when a slot is free.
        groupConcurrency: { default: 2, tiers: Object.fromEntries(limits) as Record<string, number> },
      },
      (jobs) => this.#each(jobs, boss, (job: ItemJob) => runItemJob(job, itemWork)),
    );
    const plans = await boss.work<PlanData, JobResult[], SettledEach>(
      "plan",
      { ...common, pollingIntervalSeconds: 2 },
      (jobs) => this.#each(jobs, boss, async (job: PlanJob) => await runPlanJob(job, { ...this.#shared(store), boss })),
    );
    const sweeps = await boss.work("sweep", { pollingIntervalSeconds: 20 }, () => this.#sweep(store));
    this.#queueWorkers = [items, plans, sweeps];
  }

  #shared(store: FleetStore) {
    const { placeFor, emit } = this.#options;
    return { store, connections: this.#connections, placeFor, emit, stop: this.#stop.signal };
  }

  async #each<Job>(jobs: readonly Job[], boss: PgBoss, work: (job: Job) => Promise<JobResult>): Promise<JobResult[]> {
    const results: JobResult[] = [];
    for (const job of jobs) results.push(await work(job));
    // The next one at once, and not after a pause.
    if (!this.#stop.signal.aborted) for (const id of this.#queueWorkers) boss.notifyWorker(id);
    return results;
  }

  #count(receivedBytes: number | undefined): void {
    if (receivedBytes === undefined) this.#report.failed += 1;
    else this.#report.mirrored += 1;
    this.#report.receivedBytes += receivedBytes ?? 0;
  }

  async #sweep(store: FleetStore): Promise<void> {
    await sweep({ store, connections: this.#connections, emit: this.#options.emit }).catch((error: unknown) =>
      this.#noteDatabase(error),
    );
  }

  /** Plans everything, and waits until nothing waits and nobody is at work. */
  async #untilDone(boss: PgBoss, store: FleetStore, document: FleetDocument | undefined): Promise<void> {
    const { signal } = this.#stop;
    for (const mirror of Object.keys(document?.mirrors ?? {})) await sendPlan(boss, mirror);
    for (const id of this.#queueWorkers) boss.notifyWorker(id);
    while (!signal.aborted) {
      const [row] = await store
        .query<{ open: number }>(
          `select count(*)::int as open from ${engineSchema}.job
           where name in ('plan', 'item') and (state in ('created', 'active')
             or (state = 'retry' and start_after < ${engineSchema}.job_now() + $1::int * interval '1 second'))`,
          [onceWaitsSeconds],
        )
        .catch(() => []);
      if (row?.open === 0) return;
      await sleep(systemClock, onceEveryMs, signal).catch(() => undefined);
    }
  }

  async #untilStopped(
    boss: PgBoss,
    store: FleetStore,
    slots: VcenterSlots,
    revision: number | undefined,
  ): Promise<void> {
    const { signal } = this.#stop;
    let known = revision;
    while (!signal.aborted) {
      await sleep(systemClock, documentEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const now = await store.readDocument().catch((error: unknown) => this.#noteDatabase(error));
      if (now === undefined) continue;
      this.#noteDatabase(undefined);
      if (now.revision === known) continue;
      known = now.revision;
      // The limits of the engine are fixed when work is asked for. What is at work continues.
      await Promise.all(["item", "plan", "sweep"].map((queue) => boss.offWork(queue, { wait: false })));
      await this.#work(boss, store, slots, now.document);
    }
  }

  /** First this worker's own work ends: sessions, files, what is saved. Only then the engine. */
  async #end(boss: PgBoss, store: FleetStore, slots: VcenterSlots): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(["item", "plan", "sweep"].map((queue) => boss.offWork(queue, { wait: true })));
    await this.#sweep(store);
    await boss.stop({ graceful: true, timeout: stopTimeoutMs }).catch(() => undefined);
    await slots[Symbol.asyncDispose]();
    await this.#connections[Symbol.asyncDispose]();
  }

  /** @param error - `undefined` where the database answered. */
  #noteDatabase(error: unknown): void {
    const { emit } = this.#options;
    if (error !== undefined && !this.#isDatabaseLost) {
      this.#isDatabaseLost = true;
      emit({ type: "database-lost", error: errorJson(error) });
    } else if (error === undefined && this.#isDatabaseLost) {
      this.#isDatabaseLost = false;
      emit({ type: "database-back" });
    }
  }
}
