import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tempDirectory, until } from "@carrel/test-kit";
import { versitygwCommand } from "./versitygw-command.ts";

/** A store that runs. Disposal ends it and removes its files. */
export interface Versitygw extends AsyncDisposable {
  readonly endpoint: string;
  /** Has no session token, and never expires. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const credentials = { accessKeyId: "carrel", secretAccessKey: "not-a-secret" } as const;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts versitygw in front of an empty directory, on a free port of 127.0.0.1. */
export async function startVersitygw(): Promise<Versitygw> {
  const { binary } = versitygwCommand;
  if (!existsSync(binary)) throw new Error(`${binary} does not exist. Run \`npm run test:vcsim\`, which builds it.`);
  const directory = await tempDirectory();
  const data = directory.join("data");
  await mkdir(data);
  const port = await freePort();
  const child = spawn(binary, ["--quiet", "--port", `127.0.0.1:${port}`, "posix", data], {
    cwd: directory.path,
    env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(endpoint).then(
      () => true,
      () => false,
    ),
  );
  return {
    endpoint,
    credentials,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      await directory[Symbol.asyncDispose]();
    },
  };
}
