import type { MirrorPlace } from "@carrel/mirror/source";
import type { Sink } from "@carrel/node-stream";
import type { MissingFeature, S3Inspection, S3Place } from "@carrel/s3";
import { version } from "../gen/package.gen.ts";
import { printable } from "../output/printable.ts";
import { CliError, exitCodes, usageError } from "../process/cli-error.ts";
import type { Run } from "../run/run-command.ts";
import type { StoreFlags } from "../settings/store-options.ts";
import { readStoreSettings } from "../settings/store-settings.ts";

/** An object store that files go to. */
export interface OpenStore {
  /** Returns the place at an address, which is the one that was opened, or below it. */
  sinkAt(address: string): Sink;
  /** @throws `StoreError`: it cannot be used. */
  assertUsable(): Promise<void>;
}

const missing: Readonly<Record<MissingFeature, string>> = {
  checksums: "it takes no SHA-256 with a write: the signature of each request covers its bytes nevertheless",
  conditions: "it cannot make a write depend on what is there: let no other program write the same objects",
};

/**
 * Opens an object store, and sends nothing yet. Only this loads the SDK, which takes longer than all the rest.
 *
 * @throws {@link CliError} exit code 2: the address or a flag is wrong; 1: the package is not installed.
 */
export async function openStore(address: string, flags: StoreFlags, run: Run): Promise<OpenStore> {
  const { S3Sink } = await loadS3();
  const options = await readStoreSettings(flags, run.io.env);
  const sink = atAddress(() => new S3Sink(address, { ...options, onMissing: warnOfMissing(run) }));
  return { sinkAt: (place) => sink.at(place), assertUsable: () => sink.assertUsable() };
}

/**
 * Opens a prefix of an object store as a place for a library, and sends nothing yet.
 *
 * @throws {@link CliError} as {@link openStore} does.
 */
export async function openPlace(address: string, flags: StoreFlags, run: Run): Promise<S3Place> {
  const { S3Place: Place } = await loadS3();
  const options = await readStoreSettings(flags, run.io.env);
  return atAddress(() => new Place(address, options));
}

/**
 * Opens a prefix of an object store to find out whether it can be used, and sends nothing yet.
 *
 * @throws {@link CliError} as {@link openStore} does.
 */
export async function openInspection(address: string, flags: StoreFlags, run: Run): Promise<S3Inspection> {
  const { S3Inspection: Inspection } = await loadS3();
  const options = await readStoreSettings(flags, run.io.env);
  return atAddress(() => new Inspection(address, options));
}

/** Mirrors in an object store. */
export interface OpenMirrors extends AsyncDisposable {
  /** Returns the mirror at an address, which is the one that was opened, or below it. */
  readonly mirrorAt: (address: string) => MirrorPlace;
}

/**
 * Opens a prefix of an object store as a place for mirrors, and sends nothing yet.
 *
 * @throws {@link CliError} as {@link openStore} does.
 */
export async function openMirrors(address: string, flags: StoreFlags, run: Run): Promise<OpenMirrors> {
  const { S3Mirror } = await loadS3();
  const options = await readStoreSettings(flags, run.io.env);
  const first = atAddress(() => new S3Mirror(address, { ...options, onMissing: warnOfMissing(run) }));
  const opened = [first];
  return {
    mirrorAt: (below) => {
      const mirror = first.at(below);
      opened.push(mirror);
      return mirror;
    },
    async [Symbol.asyncDispose]() {
      for (const mirror of opened) await mirror[Symbol.asyncDispose]();
    },
  };
}

function warnOfMissing(run: Run): (feature: MissingFeature, code: string) => void {
  return (feature, code) => run.warn(printable(`The store answered ${code}: ${missing[feature]}`));
}

function atAddress<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(printable(error.message), "Write it as s3://BUCKET or s3://BUCKET/PREFIX");
  }
}

/** An optional dependency, which an installation may leave out. */
async function loadS3(): Promise<typeof import("@carrel/s3")> {
  try {
    return await import("@carrel/s3");
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new CliError("s3:// needs the package @carrel/s3, which is not installed", {
      exitCode: exitCodes.failed,
      hints: [`Install it beside carrel: npm install @carrel/s3@${version}`],
      cause,
    });
  }
}
