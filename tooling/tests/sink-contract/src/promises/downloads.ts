import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";
import type { DownloadItemOptions, DownloadReport, Sink } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";
import type { FileSeed, Simulator } from "@carrel/simulator";
import { sha256 } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { contentOf } from "../content.ts";
import type { PlaceKind } from "../place.ts";

/** A server with one item. */
class Server implements AsyncDisposable {
  readonly #simulator: Simulator;
  readonly #client: CarrelClient;

  private constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  }

  static async start(files: readonly FileSeed[]): Promise<Server> {
    const items = [{ name: "item", type: "ovf", files }];
    return new Server(await startSimulator({ libraries: [{ name: "library", items }] }));
  }

  download(sink: Sink, options: DownloadItemOptions = {}): Promise<DownloadReport> {
    return downloadItem(this.#client, this.#simulator.inventory.item("library/item").id, sink, options).report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    expect(this.#simulator.downloadSessions).toEqual([]);
    await this.#simulator[Symbol.asyncDispose]();
  }
}

/** Whole downloads. */
export function testDownloads({ create, unitBytes }: PlaceKind): void {
  const disk = contentOf("disk", 2 * unitBytes + 5);
  const nvram = contentOf("nvram", 74_232);
  const lines = [`SHA256(disk.vmdk)= ${sha256(disk)}`, `SHA256(vm.nvram)= ${sha256(nvram)}`];
  const manifest = Buffer.from(`${lines.join("\n")}\n`);
  const files: readonly FileSeed[] = [
    { name: "vm.mf", bytes: manifest },
    { name: "disk.vmdk", bytes: disk },
    { name: "vm.nvram", bytes: nvram },
    { name: "empty.txt", bytes: new Uint8Array() },
  ];

  test("downloadItem verifies all files by the server and the manifest, and the next run skips them", async () => {
    await using place = await create();
    await using server = await Server.start(files);
    const sink = place.sink();
    const report = await server.download(sink, { record: {} });
    expect(report.directory).toBe(sink.location);
    expect(report.files.map(({ name, skipped, verifiedBy }) => ({ name, skipped, verifiedBy }))).toEqual(
      files.map(({ name }) => ({ name, skipped: false, verifiedBy: "checksum" })),
    );
    expect(report.recordError).toBeUndefined();
    const visible = await place.visible();
    expect([...visible.keys()].toSorted()).toEqual(files.map(({ name }) => name).toSorted());
    expect(visible.get("disk.vmdk")?.equals(disk)).toBe(true);
    expect(await place.leftovers()).toEqual([]);
    const again = await server.download(place.sink(), { record: {} });
    expect(again.files.every(({ skipped, unchangedSince }) => skipped && unchangedSince !== undefined)).toBe(true);
    expect(again.receivedBytes).toBe(0);
    const compared = await server.download(place.sink());
    expect(compared.files.find(({ name }) => name === "disk.vmdk")).toMatchObject({ skipped: true, receivedBytes: 0 });
  });

  test("downloadItem never shows a file with another digest than the server's, and leaves nothing of it", async () => {
    await using place = await create();
    const states = { checksum: { algorithm: "SHA256", checksum: sha256("something else") } } as const;
    await using server = await Server.start([{ name: "disk.vmdk", bytes: disk, states }]);
    await expect(server.download(place.sink())).rejects.toMatchObject({ code: "INTEGRITY", problem: "digest" });
    expect((await place.visible()).size).toBe(0);
    expect(await place.leftovers()).toEqual([]);
  });

  test("downloadItem refuses a file that exists and differs, and leaves it as it is", async () => {
    await using place = await create();
    await using server = await Server.start([{ name: "disk.vmdk", bytes: disk }]);
    await place.put("disk.vmdk", nvram);
    await expect(server.download(place.sink())).rejects.toMatchObject({ code: "TRANSFER", problem: "exists" });
    expect((await place.visible()).get("disk.vmdk")?.equals(nvram)).toBe(true);
    const { files: left } = await server.download(place.sink(), { existing: "overwrite" });
    expect(left.map(({ skipped }) => skipped)).toEqual([false]);
    expect((await place.visible()).get("disk.vmdk")?.equals(disk)).toBe(true);
  });
}
