import type { DocumentMistake, FleetDocument } from "@carrel/fleet/document";
import { formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { nearestNames } from "../../names/nearest.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { decodeText, readSmallFile, UnreadableFileError } from "../../state/plain-file.ts";
import { loadDocuments } from "./load-fleet.ts";

const limitBytes = 4 * 1024 * 1024;

/**
 * Reads a fleet document, and writes every mistake in it.
 *
 * @throws {@link CliError} exit code 2: it cannot be read, or has mistakes.
 */
export async function readDocumentFile(
  path: string,
  { json }: { readonly json: boolean },
  run: Run,
): Promise<FleetDocument> {
  const { readFleetDocument } = await loadDocuments();
  const { document, mistakes } = readFleetDocument(await readText(path));
  if (document !== undefined) return document;
  for (const mistake of mistakes) {
    if (json) run.screen.printJson({ type: "mistake", file: path, ...mistake });
    else run.screen.note(describeMistake(path, mistake));
  }
  throw new CliError(`${printable(path)} has ${formatCount(mistakes.length, "mistake")}: nothing was applied`, {
    exitCode: exitCodes.usage,
    hints: adviceFor(mistakes),
  });
}

async function readText(path: string): Promise<string> {
  try {
    return decodeText(await readSmallFile(path, { limitBytes, pipes: true }), "utf-8");
  } catch (error) {
    const hint = "To begin with a sample: carrel fleet init";
    if (error instanceof UnreadableFileError) throw usageError(`Cannot read ${path}: ${error.message}`, hint);
    if (error instanceof TypeError) throw usageError(`Cannot read ${path}: it is neither UTF-8 nor UTF-16`);
    throw error;
  }
}

/** Such as `fleet.yaml:12:5: mirrors.nightly.cron: …`, which editors and terminals make a link of. */
function describeMistake(file: string, { line = 1, column = 1, ...mistake }: DocumentMistake): string {
  const { path, message, named, known = [] } = mistake;
  const where = path === "" ? "" : `${path}: `;
  const [nearest] = named === undefined ? [] : nearestNames(named, known);
  const meant = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  return `${file}:${line}:${column}: ${where}${message}${meant}`;
}

const advice: Readonly<Partial<Record<DocumentMistake["problem"], string>>> = {
  secret:
    "A context, the environment or a file holds what is secret: carrel context add NAME --password-file FILE. For the database: PGPASSWORD, or ~/.pgpass",
  "same-place": 'Give each mirror a "prefix" of its own.',
  timezone: "Names of time zones are those of the IANA database, such as Europe/Berlin or UTC.",
};

function adviceFor(mistakes: readonly DocumentMistake[]): readonly string[] {
  const problems = new Set(mistakes.map(({ problem }) => problem));
  return [...problems].flatMap((problem) => advice[problem] ?? []);
}
