import { readFile } from "node:fs/promises";

/**
 * What a program needs from its own `package.json` at run time, as a module of constants, so that it can be bundled.
 * Every Node that supports modules can read it.
 */
export async function packageFacts(folder: URL): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL("package.json", folder), "utf8");
  const { version, engines } = JSON.parse(text) as { readonly version: string; readonly engines: { node: string } };
  const [, oldestNode] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  if (oldestNode === undefined) throw new Error(`engines.node must be such as ">=22.20", not "${engines.node}"`);
  const lines = [
    `// Generated from package.json by "pnpm gen". Do not edit: edit package.json.`,
    ``,
    `/** Version of this package. */`,
    `export const version = ${JSON.stringify(version)};`,
    ``,
    `/** The oldest Node that it runs on. */`,
    `export const oldestNode = ${JSON.stringify(oldestNode)};`,
    ``,
  ];
  return new Map([["package.gen.ts", lines.join("\n")]]);
}
