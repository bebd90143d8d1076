import { CarrelError } from "@carrel/core";
import type { ItemFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { matchesName } from "@carrel/node-stream/fs";
import { readOvfDescriptor } from "@carrel/node-stream/ovf";
import type { Connection } from "../../connection/connect.ts";
import { openServer, resolvedPatterns } from "../../connection/open-server.ts";
import type { PublishedConnection } from "../../connection/published-library.ts";
import { collect } from "../../concurrently.ts";
import { Catalog } from "../../names/catalog.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { readPublishedTargets } from "../../names/library-url.ts";
import { isGlob, isItemPattern, parseLibraryPattern, pathIn, pathOf } from "../../names/parse-target.ts";
import type { ItemPattern, LibraryPattern } from "../../names/parse-target.ts";
import { fileEntry } from "../../names/entry.ts";
import { yamlLines } from "../../output/table.ts";
import type { TableFormat } from "../../output/table.ts";
import { isStore } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodeOf, exitCodes, notFoundError } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { ItemFailures } from "../../run/item-failures.ts";
import { readFormat } from "../../settings/output-format.ts";
import type { Run } from "../../run/run-command.ts";
import { libraryInStore, refuseStoreFlags } from "../../settings/store-settings.ts";
import type { InfoFlags } from "./command.ts";
import { deployProblems } from "./deploy-problems.ts";
import { describeFile, describeItem, describeLibrary } from "./describe.ts";
import { descriptorIn, readDescriptor } from "./descriptor-file.ts";
import type { DescriptorFile } from "./descriptor-file.ts";
import { findItem } from "./find-item.ts";
import type { FoundItem } from "./find-item.ts";
import { itemInfo, libraryInfo } from "./item-info.ts";
import type { ItemInfo } from "./item-info.ts";

/** `carrel info`. */
export async function runInfo(texts: readonly string[], flags: InfoFlags, run: Run): Promise<ExitCode> {
  const published = readPublishedTargets(texts);
  const paths = published?.patterns ?? texts.map(parseLibraryPattern);
  readFormat(flags);
  if (published === undefined || !isStore(published.address)) refuseStoreFlags(flags, libraryInStore);
  await using connection = await openServer(published, flags, run);
  const shower = new Shower(connection, flags, run);
  for (const path of resolvedPatterns(paths, connection)) await shower.show(path);
  return shower.exitCode;
}

/** Shows what paths mean, one after the other, with a line between them. */
class Shower {
  readonly #connection: Connection | PublishedConnection;
  readonly #client: CatalogClient;
  readonly #flags: InfoFlags;
  readonly #run: Run;
  readonly #format: TableFormat;
  readonly #catalog: Catalog;
  #shown = 0;
  #exitCode: ExitCode = exitCodes.done;

  constructor(connection: Connection | PublishedConnection, flags: InfoFlags, run: Run) {
    this.#connection = connection;
    this.#client = connection.client;
    this.#flags = flags;
    this.#run = run;
    this.#format = readFormat(flags);
    this.#catalog = new Catalog(this.#client, { signal: run.signal });
  }

  /** That of the first failure. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  async show(path: LibraryPattern): Promise<void> {
    if (!isItemPattern(path)) {
      for (const { id } of await this.#catalog.libraries(path.library)) await this.#showLibrary(id);
      return;
    }
    let matching = 0;
    for await (const found of this.#items(path)) {
      if (path.file === undefined) await this.#showItem(found);
      else matching += await this.#showFiles(found, path.file);
    }
    if (path.file === undefined || matching > 0) return;
    const { address } = this.#client;
    const library = address === undefined ? path.library : (await this.#catalog.libraryModel(path.library)).name;
    throw noFile({ ...path, library: library ?? path.library, file: path.file }, address);
  }

  async *#items(path: ItemPattern): AsyncGenerator<FoundItem> {
    const client = this.#client;
    if (!isGlob(path.library) && !isGlob(path.item)) {
      yield await findItem(client, path, this.#run.signal);
      return;
    }
    // What a glob finds is read to its end first: descriptors are read in between.
    for (const { id, library, read } of await collect(this.#catalog.items(path))) {
      const model = read?.item ?? (await client.item.get(id, { signal: this.#run.signal }));
      yield { item: { ...model, id }, library: await this.#catalog.libraryModel(library.id) };
    }
  }

  async #showLibrary(id: string): Promise<void> {
    const client = this.#client;
    const [model, itemIds] = await Promise.all([
      this.#catalog.libraryModel(id),
      client.item.list({ library_id: id }, { signal: this.#run.signal }),
    ]);
    const info = libraryInfo(model, itemIds.length);
    this.#print(this.#pathOf(info.library, []), info, () => describeLibrary(info));
  }

  async #showItem({ item, library }: FoundItem): Promise<void> {
    const run = this.#run;
    const { screen } = run;
    const files = await this.#client.item.file.list(item.id, { signal: run.signal });
    const known = itemInfo(item, library, files);
    const failures = new ItemFailures(screen, { json: this.#format === "json" });
    let info = known;
    let failure: unknown;
    try {
      if (this.#readsDescriptor) info = await withDescriptor(known, files, this.#connection, run);
    } catch (error) {
      run.signal.throwIfAborted();
      failure = error;
    }
    this.#print(this.#pathOf(info.library, [info.item]), info, () =>
      describeItem(info, (head) => screen.paint("bold", head)),
    );
    if (failure === undefined) return;
    failures.add({ id: info.itemId, name: info.item, error: withAdvice(failure) });
    if (this.#exitCode === exitCodes.done) this.#exitCode = failures.exitCode;
  }

  /** Returns how many there are. */
  async #showFiles({ item, library }: FoundItem, glob: string): Promise<number> {
    const files = await this.#client.item.file.list(item.id, { signal: this.#run.signal });
    const matching = files.filter(({ name }) => matchesName(name, glob));
    for (const file of matching) {
      const entry = fileEntry(file, {
        item: { id: item.id, name: item.name ?? item.id },
        library: { id: library.id, name: library.name ?? library.id, ...defined({ address: this.#client.address }) },
      });
      this.#print(entry.path, entry, () => describeFile(entry));
    }
    return matching.length;
  }

  #pathOf(library: string, names: readonly string[]): string {
    return pathIn({ name: library, address: this.#client.address }, names);
  }

  #print(path: string, info: object, describe: () => readonly string[]): void {
    const { screen } = this.#run;
    switch (this.#format) {
      case "json":
        return screen.printJson(info);
      case "yaml":
        for (const line of yamlLines(info)) screen.print(line);
        return;
      case "name":
        return screen.print(path);
      case "null":
        return screen.printNull(path);
      default:
        if (this.#shown > 0) screen.print("");
        this.#shown += 1;
        for (const line of describe()) screen.print(line);
    }
  }

  /** Names need no descriptor. */
  get #readsDescriptor(): boolean {
    return this.#flags.descriptor && this.#format !== "name" && this.#format !== "null";
  }
}

function noFile({ library, item, file }: ItemPattern & { readonly file: string }, address?: string): Error {
  return notFoundError(
    `No file of "${printable(item)}" in library "${printable(library)}" matches "${printable(file)}"`,
    isGlob(`${library}${item}`)
      ? "List what exists: carrel ls"
      : `List what exists: carrel ls "${printable(pathIn({ name: library, address }, [item]))}"`,
  );
}

/** Adds what the descriptor says, where there is one at this vCenter. */
async function withDescriptor(
  info: ItemInfo,
  files: readonly ItemFileInfo[],
  connection: Connection | PublishedConnection,
  run: Run,
): Promise<ItemInfo> {
  const file = descriptorIn(files);
  if (file === undefined) {
    const isMissing = info.itemType?.toLowerCase() === "ovf";
    return isMissing ? { ...info, problems: [{ problem: "no-descriptor" }] } : info;
  }
  if (!file.cached) {
    const path = pathOf([info.library, info.item]);
    run.warn(`The descriptor "${file.name}" is not cached at this vCenter. To fetch it there: carrel sync "${path}"`);
    return info;
  }
  if ("subscription" in connection) {
    // Loaded only where there is such a library.
    const { readPublishedDescriptor } = await import("./published-descriptor.ts");
    return describedBy(await readPublishedDescriptor(connection, info.itemId, file, run), info, files);
  }
  return describedBy(await readDescriptor(connection, info.itemId, file, run), info, files);
}

function describedBy(
  { name, bytes, verifiedBy }: DescriptorFile,
  info: ItemInfo,
  files: readonly ItemFileInfo[],
): ItemInfo {
  try {
    const descriptor = readOvfDescriptor(bytes);
    const isArchived = !files.some((file) => file.name === name);
    return {
      ...info,
      descriptor: { file: name, verifiedBy, ...descriptor },
      problems: deployProblems(descriptor, isArchived ? undefined : files),
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ...info, problems: [{ problem: "unreadable-descriptor", file: name, reason: error.message }] };
  }
}

/** Gives an error of the transfer the advice that helps here: what is said about files that are kept would be untrue. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof CarrelError) || !aboutFiles.has(error.code)) return error;
  const hints = ["Run the same command again. Without the descriptor: --no-descriptor"];
  return new CliError(error.message, { exitCode: exitCodeOf(error.code), hints, cause: error });
}

const aboutFiles: ReadonlySet<string> = new Set(["INTEGRITY", "TRANSFER", "SESSION_LOST", "PREPARE_FAILED"]);
