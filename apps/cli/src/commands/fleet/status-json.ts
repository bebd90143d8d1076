import type { CarrelErrorJson } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { FleetCheck, FleetEvent, FleetHistoryEntry, FleetStatus } from "@carrel/fleet";
import { exitCodeOfError } from "../../process/cli-error.ts";
import type { JsonError } from "../../run/explain-failure.ts";

/** A status as JSON: times in UTC, sizes and errors as other commands write them. */
export function statusJson(status: FleetStatus): object {
  const { database, vcenters, mirrors, atWork, waiting, workers, dead } = status;
  return {
    type: "status",
    database,
    vcenters: vcenters.map(({ name, ...others }) => ({ vcenter: name, ...others })),
    mirrors: mirrors.map(({ name, plannedAt, nextAt, error, ...others }) => ({
      mirror: name,
      ...others,
      ...defined({ plannedAt: iso(plannedAt), nextAt: iso(nextAt), error: jsonFailure(error) }),
    })),
    atWork: atWork.map(({ startedAt, bytes, files, ...others }) => ({
      ...others,
      startedAt: iso(startedAt),
      receivedBytes: bytes,
      files: files.map(({ bytes: receivedBytes, ...file }) => ({ ...file, receivedBytes })),
    })),
    waiting: waiting.map(({ retryAt, error, ...others }) => ({
      ...others,
      ...defined({ retryAt: iso(retryAt), error: jsonFailure(error) }),
    })),
    dead: dead.map(({ failedAt, error, ...others }) => ({
      ...others,
      failedAt: iso(failedAt),
      ...defined({ error: jsonFailure(error) }),
    })),
    workers: workers.map(({ name, startedAt, seenAt, ...others }) => ({
      worker: name,
      ...others,
      startedAt: iso(startedAt),
      seenAt: iso(seenAt),
    })),
  };
}

/** One piece of work at an item as JSON. */
export function historyJson({ createdAt, startedAt, endedAt, error, ...others }: FleetHistoryEntry): object {
  const times = { createdAt: iso(createdAt), startedAt: iso(startedAt), endedAt: iso(endedAt) };
  return { type: "work", ...others, ...defined({ ...times, error: jsonFailure(error) }) };
}

/** What happened at a worker as JSON: types are spelt as those of other commands. */
export function eventJson(event: FleetEvent): object {
  const type = event.type.replace(/-(?<letter>[a-z])/gu, (_, letter: string) => letter.toUpperCase());
  return { ...event, type, ...("error" in event && { error: jsonFailure(event.error) }) };
}

/** What was checked, as `carrel doctor` writes it. */
export function checkJson({ check, name, result, message, error }: FleetCheck): object {
  const status = result === "failed" ? "failure" : result;
  return { type: "step", name: `${check} ${name}`, status, message, ...defined({ error: jsonFailure(error) }) };
}

/** The same members as of every error. What to do about one that happened elsewhere is not known here. */
function jsonFailure(error: CarrelErrorJson | undefined): JsonError | undefined {
  if (error === undefined) return undefined;
  const { name: _name, ...facts } = error;
  return { ...facts, hints: [], exitCode: exitCodeOfError(error) };
}

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
