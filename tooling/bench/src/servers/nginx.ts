import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { generate } from "selfsigned";

/** nginx on loopback with TLS, serving files that lie in memory. */
export interface Nginx extends AsyncDisposable {
  readonly origin: string;
  /** SHA-256 fingerprint of its certificate. */
  readonly thumbprint: string;
  readonly pem: string;
  /** Where its certificate lies, for `curl --cacert`. */
  readonly pemPath: string;
  /** The directory that it serves, with listings. */
  readonly files: string;
  /** Makes a file of that size, of bytes that do not compress, and returns its URL. */
  addFile(sizeBytes: number): Promise<string>;
}

/** Starts Debian's nginx (`apt-get install nginx-light`). */
export async function startNginx(port = 18443): Promise<Nginx> {
  const folder = await mkdtemp("/dev/shm/carrel-bench-");
  const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  const pemPath = join(folder, "cert.pem");
  await writeFile(pemPath, cert);
  await writeFile(join(folder, "key.pem"), key);
  await writeFile(
    join(folder, "nginx.conf"),
    `user root; worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off; sendfile on; autoindex on; keepalive_requests 100000; default_type application/octet-stream;
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem; root ${folder}/files; }
  server { listen 127.0.0.1:${port + 1}; root ${folder}/files; }
}`,
  );
  const files = join(folder, "files");
  await mkdir(files);
  const server = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await untilListening(port);
  return {
    origin: `https://127.0.0.1:${port}`,
    thumbprint: new X509Certificate(cert).fingerprint256,
    pem: cert,
    pemPath,
    files,
    async addFile(sizeBytes) {
      const name = `${sizeBytes}.bin`;
      const handle = await open(join(files, name), "w");
      const block = crypto.getRandomValues(new Uint8Array(65_536));
      const big = Buffer.alloc(16 * 2 ** 20);
      for (let at = 0; at < big.length; at += block.length) big.set(block, at);
      for (let at = 0; at < sizeBytes; at += big.length) {
        big.writeUInt32LE(at / big.length, 0);
        await handle.write(big, 0, Math.min(big.length, sizeBytes - at));
      }
      await handle.close();
      return `https://127.0.0.1:${port}/${name}`;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await delay(25);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nginx does not listen on port ${port}.`);
}
