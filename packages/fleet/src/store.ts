import { defined } from "@carrel/core/kit";
import type { CarrelErrorJson } from "@carrel/core";
import type { Db, JobAttempt } from "pg-boss";
import type { FleetDocument } from "./document.ts";
import type { Row } from "./database/database.ts";

/** The schema of the engine. Its table of jobs is read, never written. */
export const engineSchema = "carrel_queue";

/** The tables of the fleet itself. What they hold can be found out again: the truth about files is with the targets. */
const tables = `
  create schema if not exists carrel_fleet;
  create table if not exists carrel_fleet.document (
    id int primary key default 1 check (id = 1),
    body text not null,
    revision int not null default 1,
    applied_on timestamptz not null default clock_timestamp()
  );
  create table if not exists carrel_fleet.mirror (
    name text primary key,
    planned_on timestamptz,
    items int,
    unchanged int,
    error jsonb
  );
  create table if not exists carrel_fleet.work (
    job uuid primary key,
    attempt int not null,
    worker text not null,
    vcenter text not null,
    session_id text,
    content_version text,
    sessions int not null default 0,
    saved_on timestamptz not null default clock_timestamp()
  );
  create table if not exists carrel_fleet.transfer (
    job uuid not null references carrel_fleet.work on delete cascade,
    file text not null,
    bytes bigint not null,
    total_bytes bigint,
    primary key (job, file)
  );
`;

/** What is known of the work on an item. */
export interface SavedWork {
  readonly attempt: number;
  readonly worker: string;
  readonly vcenter: string;
  readonly sessionId?: string;
  readonly contentVersion?: string;
  /** How many download sessions were opened for it. */
  readonly sessions: number;
}

/** How far a file is. */
export interface SavedFile {
  readonly file: string;
  readonly bytes: number;
  readonly totalBytes?: number;
}

/** How the last comparison of a library ended. */
export interface SavedPlan {
  readonly items?: number;
  readonly unchanged?: number;
  readonly error?: CarrelErrorJson;
}

/** The tables of a fleet. */
export class FleetStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async query<T extends object = Row>(text: string, values: unknown[] = []): Promise<readonly T[]> {
    return (await this.#db.executeSql(text, values)).rows as T[];
  }

  async install(): Promise<void> {
    // Two processes that create the same schema at once would fail. Statements that are sent together are one transaction.
    await this.#db.executeSql(`select pg_advisory_xact_lock(hashtext('carrel fleet tables')); ${tables}`);
  }

  async readDocument(): Promise<{ readonly document: FleetDocument; readonly revision: number } | undefined> {
    const [row] = await this.query<{ body: string; revision: number }>(
      "select body, revision from carrel_fleet.document",
    );
    return row && { document: JSON.parse(row.body) as FleetDocument, revision: row.revision };
  }

  async writeDocument(document: FleetDocument): Promise<void> {
    await this.query(
      `insert into carrel_fleet.document (body) values ($1)
       on conflict (id) do update
       set body = excluded.body, revision = document.revision + 1, applied_on = clock_timestamp()`,
      [JSON.stringify(document)],
    );
    await this.query("delete from carrel_fleet.mirror where not name = any($1::text[])", [
      Object.keys(document.mirrors),
    ]);
  }

  async savePlan(mirror: string, { items, unchanged, error }: SavedPlan): Promise<void> {
    await this.query(
      `insert into carrel_fleet.mirror (name, planned_on, items, unchanged, error)
       values ($1, case when $2::int is null then null else clock_timestamp() end, $2, $3, $4::jsonb)
       on conflict (name) do update set
         planned_on = coalesce(excluded.planned_on, mirror.planned_on), items = coalesce(excluded.items, mirror.items),
         unchanged = coalesce(excluded.unchanged, mirror.unchanged), error = excluded.error`,
      [mirror, items ?? null, unchanged ?? null, error === undefined ? null : JSON.stringify(error)],
    );
  }

  async readWork(job: string): Promise<SavedWork | undefined> {
    const [row] = await this.query<WorkRow>("select * from carrel_fleet.work where job = $1", [job]);
    return row && workOf(row);
  }

  /**
   * Saves the work on an item, if its claim still is this attempt's; returns whether it is. Nothing is written by a worker that
   * was taken over.
   */
  async saveWork(
    { id, retryCount }: JobAttempt,
    { worker, vcenter, sessionId, contentVersion, sessions }: Omit<SavedWork, "attempt">,
    files: readonly SavedFile[],
  ): Promise<boolean> {
    const rows = files.map(({ file, bytes, totalBytes }) => ({ file, bytes, total: totalBytes ?? null }));
    const [saved] = await this.query<{ held: number }>(
      `with claim as (
         select 1 from ${engineSchema}.job
         where name = 'item' and id = $1::uuid and state = 'active' and retry_count = $2::int
       ), held as (
         insert into carrel_fleet.work (job, attempt, worker, vcenter, session_id, content_version, sessions)
         select $1::uuid, $2::int, $3, $4, $5, $6, $7::int from claim
         on conflict (job) do update set
           attempt = excluded.attempt, worker = excluded.worker, vcenter = excluded.vcenter,
           session_id = excluded.session_id, content_version = excluded.content_version,
           sessions = excluded.sessions, saved_on = clock_timestamp()
         where work.attempt <= excluded.attempt
         returning 1
       )
       select count(*)::int as held from held`,
      [id, retryCount, worker, vcenter, sessionId ?? null, contentVersion ?? null, sessions],
    );
    if (saved?.held !== 1) return false;
    if (rows.length > 0) {
      await this.query(
        `insert into carrel_fleet.transfer (job, file, bytes, total_bytes)
         select work.job, f.file, f.bytes, f.total
         from jsonb_to_recordset($3::jsonb) as f(file text, bytes bigint, total bigint), carrel_fleet.work
         where work.job = $1::uuid and work.attempt = $2::int
         on conflict (job, file) do update set bytes = excluded.bytes, total_bytes = excluded.total_bytes`,
        [id, retryCount, JSON.stringify(rows)],
      );
    }
    return true;
  }

  /** Forgets the work on an item, where it is this attempt's. */
  async deleteWork({ id, retryCount }: JobAttempt): Promise<void> {
    await this.query("delete from carrel_fleet.work where job = $1::uuid and attempt = $2::int", [id, retryCount]);
  }

  /** Lists work that no job is about any more: it ended, or was cancelled. */
  async abandonedWork(): Promise<readonly (SavedWork & { readonly job: string })[]> {
    const rows = await this.query<WorkRow>(
      `select work.* from carrel_fleet.work left join ${engineSchema}.job on job.name = 'item' and job.id = work.job
       where job.id is null or job.state > 'active'`,
    );
    return rows.map((row) => ({ ...workOf(row), job: row.job }));
  }
}

interface WorkRow {
  readonly job: string;
  readonly attempt: number;
  readonly worker: string;
  readonly vcenter: string;
  readonly session_id: string | null;
  readonly content_version: string | null;
  readonly sessions: number;
}

function workOf({ attempt, worker, vcenter, session_id, content_version, sessions }: WorkRow): SavedWork {
  return {
    attempt,
    worker,
    vcenter,
    sessions,
    ...defined({ sessionId: session_id ?? undefined, contentVersion: content_version ?? undefined }),
  };
}
