import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { startSimulator } from "@carrel/simulator";
import { tempDirectory } from "@carrel/test-kit";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { toGzip } from "../src/gzip.ts";
import { fileServer } from "../src/serve.ts";
import { toTar } from "../src/tar.ts";
import { connect, findItem } from "../src/vcenter.ts";

const files = [
  { name: "disk.vmdk", sizeBytes: 700_001 },
  { name: "box.ovf", sizeBytes: 900 },
];

test("the pipelines to gzip, to tar and to HTTP give the bytes of the library, and leave no session", async () => {
  await using simulator = await startSimulator({
    tls: true,
    libraries: [{ name: "images", items: [{ name: "box", files }] }],
  });
  const bytesOf = (name: string): Promise<Uint8Array> => simulator.inventory.item("images/box").file(name).bytes();
  await using directory = await tempDirectory();
  {
    await using vcenter = connect({
      VSPHERE_SERVER: simulator.url.host,
      VSPHERE_THUMBPRINT: simulator.certificate?.sha256,
      VSPHERE_USER: simulator.credentials.username,
      VSPHERE_PASSWORD: simulator.credentials.password,
    });
    const itemId = await findItem(vcenter.client, "images", "box");
    const gz = join(directory.path, "disk.vmdk.gz");
    expect(await toGzip(vcenter, { itemId, fileName: "disk.vmdk", target: gz })).toBe("checksum");
    expect(gunzipSync(await readFile(gz)).equals(await bytesOf("disk.vmdk"))).toBe(true);

    const tar = join(directory.path, "box.tar");
    const names = await toTar(vcenter, { itemId, target: tar });
    expect(names.toSorted()).toEqual(["box.ovf", "disk.vmdk"]);
    const archive = extract();
    archive.end(await readFile(tar));
    for await (const entry of archive) {
      const bytes = await buffer(entry);
      expect(bytes.equals(await bytesOf(entry.header.name))).toBe(true);
    }
    await expect(toTar(vcenter, { itemId: "nothing", target: join(directory.path, "no.tar") })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await readdir(directory.path)).toSorted()).toEqual(["box.tar", "disk.vmdk.gz"]);

    const server = fileServer(vcenter).listen(0, "127.0.0.1");
    await once(server, "listening");
    const get = async (
      path: string,
      headers: Record<string, string> = {},
    ): Promise<[number, string | null, Buffer]> => {
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, { headers });
      return [response.status, response.headers.get("content-range"), Buffer.from(await response.arrayBuffer())];
    };
    const whole = await bytesOf("disk.vmdk");
    const [status, , bytes] = await get("images/box/disk.vmdk");
    expect([status, bytes.equals(whole)]).toEqual([200, true]);
    for (const [range, start, end] of [
      ["bytes=100-199", 100, 199],
      ["bytes=700000-", 700_000, 700_000],
      ["bytes=-5", 699_996, 700_000],
    ] as const) {
      const part = await get("images/box/disk.vmdk", { range });
      expect(part.slice(0, 2)).toEqual([206, `bytes ${start}-${end}/700001`]);
      expect(part[2].equals(whole.subarray(start, end + 1))).toBe(true);
    }
    expect((await get("images/box/disk.vmdk", { range: "bytes=700001-" })).slice(0, 2)).toEqual([
      416,
      "bytes */700001",
    ]);
    expect((await get("images/box/nothing.vmdk"))[0]).toBe(404);
    expect((await get("images/nothing/disk.vmdk"))[0]).toBe(404);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  expect([...simulator.openSessions, ...simulator.openApiSessions]).toEqual([]);
});
