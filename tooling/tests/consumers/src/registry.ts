import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import type { Packed } from "./pack.ts";

/** An npm registry on this machine. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves packed packages as if they were published, and redirects requests for others to the registry `upstream`. So an
 * install line of a README works to the letter.
 */
export async function startRegistry(packages: readonly Packed[], upstream: string): Promise<Registry> {
  const answers = new Map<string, string | Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const answer = answers.get(path);
    if (answer === undefined) response.writeHead(302, { location: new URL(path.slice(1), upstream).href }).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const { manifest, tarball } of packages) {
    const bytes = await readFile(tarball);
    const file = `/tarballs/${basename(tarball)}`;
    answers.set(file, bytes);
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const version = { ...manifest, dist: { tarball: url + file, integrity } };
    const { name } = manifest;
    answers.set(
      `/${name}`,
      JSON.stringify({ name, "dist-tags": { latest: version.version }, versions: { [version.version]: version } }),
    );
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
