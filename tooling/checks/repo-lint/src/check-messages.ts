import type { Finding } from "./finding.ts";

/** Files that may search the text of errors, because a third party makes them, and why. */
export const thirdParties: ReadonlyMap<string, string> = new Map([
  ["packages/node-stream/src/tls/certificate.ts", "Node's reason why a certificate is not valid ends in a full stop"],
  [
    "packages/node-stream/src/transfer/failure.ts",
    "some of Node's and undici's reasons end in a full stop, and Node's HTTP parser says only in its message what it could not read",
  ],
  ["packages/core/src/http/explain-failure.ts", "Deno says only in its message that a certificate was refused"],
  ["apps/cli/src/run/usage.ts", "commander's messages come with a prefix, hints and values"],
]);

const searches = [
  /\bmessage\s*\??\.\s*(?:includes|match|matchAll|startsWith|endsWith|replace|replaceAll|search|split|indexOf)\s*\(/g,
  /\.\s*(?:test|exec)\([^;\n]*?\bmessage\s*\)/g,
];

/** Finds code that decides by the text of an error: what it needs belongs in a field, such as `problem`. */
export function checkMessages(file: string, text: string): readonly Finding[] {
  if (!/^(?:packages|apps)\/[^/]+\/src\/(?!gen\/)/.test(file) || thirdParties.has(file)) return [];
  return searches
    .flatMap((search) => [...text.matchAll(search)])
    .map((match) => ({
      file,
      line: text.slice(0, match.index).split("\n").length,
      rule: "message-text",
      message: `"${match[0]}…" searches the text of an error.`,
      fix: "give the error a field for it, and decide by that.",
    }));
}
