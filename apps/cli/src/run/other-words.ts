const readsOnly = "Carrel reads only. To change libraries: govc library.import, govc library.rm";

/** What other tools call what Carrel does, or does not do. */
const commands: Readonly<Record<string, string>> = {
  download: "get",
  export: "get",
  fetch: "get",
  pull: "get",
  copy: "get",
  cp: "get",
  show: "info",
  view: "info",
  describe: "info",
  list: "ls",
  dir: "ls",
  search: "find",
  use: "context use",
  switch: "context use",
  config: "context",
  version: "--version",
};
const changes = new Set(["import", "upload", "push", "put", "create", "rm", "remove", "delete", "evict"]);

/** Returns advice on a word that another tool has for a command; `undefined` where none is known. */
export function adviceOnWord(word: string): string | undefined {
  if (changes.has(word)) return readsOnly;
  return Object.hasOwn(commands, word) ? `Did you mean ${commands[word] ?? ""}?` : undefined;
}
