// Bundles the compiled program with all that it imports, a step of the build: fifty chunks in place of 350 modules, which Node
// would resolve, read and link one by one. What is imported dynamically stays in chunks of its own, so that each
// command loads only what it needs. Nothing is minified, so that stack traces and the program can be read.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const compiled = join(dist, "compiled");
for (const name of readdirSync(dist)) if (name !== "compiled") rmSync(join(dist, name), { recursive: true });

// What CommonJS libraries require of Node. The bundler would make it of the module's address, which is undefined where somebody
// bundles this program once more, as CommonJS.
const ownRequire = `var __require = (id) => {
  const found = process.getBuiltinModule(id);
  if (found !== undefined) return found;
  throw Object.assign(new Error(\`Cannot find module "\${id}"\`), { code: "ERR_UNKNOWN_BUILTIN_MODULE" });
};`;

function requireBuiltins(code) {
  const [first = "", ...others] = code.split(/^import \{ createRequire \} from "node:module";$|^var __require = .*$/mu);
  if (others.length !== 2) throw new Error("The bundler requires modules in another way than it did");
  return [first, others[0], ownRequire, others[1]].join("");
}

const bundle = await rolldown({
  input: join(compiled, "main.js"),
  platform: "node",
  // Fleets, the simulator and object stores are optional, and come with libraries of their own. "debug" (of "send") does without colors.
  external: ["@carrel/fleet", "@carrel/fleet/document", "@carrel/s3", "@carrel/simulator", "supports-color"],
  plugins: [
    {
      name: "require-builtins",
      renderChunk: (code, { name }) => (name === "rolldown-runtime" ? requireBuiltins(code) : null),
    },
  ],
  // Such as an import that is not found, and would be left as it is.
  onLog: (level, { message }) => {
    if (level === "warn") throw new Error(`The bundle may not work: ${message}`);
  },
});
const { output } = await bundle.write({
  dir: dist,
  entryFileNames: "[name].js",
  // A library of a third of the program, which would be part of whatever chunk comes first.
  codeSplitting: { groups: [{ name: "undici", test: /[\\/]node_modules[\\/]undici[\\/]/u }] },
  // The chunk of a command has the name of the command.
  chunkFileNames: ({ facadeModuleId }) =>
    `chunks/${facadeModuleId?.match(/commands[\\/](.+)[\\/]run\.js$/u)?.[1] ?? "[name]"}.js`,
});
await bundle.close();

for (const { fileName, modules } of output) {
  for (const [id, { code }] of Object.entries(modules)) {
    // Files that are not imported, such as the code of a thread, are expected beside the chunk.
    for (const [, path] of code?.matchAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/gu) ?? []) {
      copyFileSync(resolve(dirname(id), path), resolve(dist, dirname(fileName), path));
    }
  }
}

// Licenses ask that their text comes with each copy. The list also says which versions are inside, which no package.json does.
const ids = output.flatMap(({ modules }) => Object.keys(modules)).filter((id) => existsSync(id));
const directories = new Set(
  ids.flatMap((id) => id.match(/^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/u) ?? []),
);
const notices = [...directories].map((directory) => {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((each) => /^licen[cs]e/iu.test(each));
  if (file === undefined) throw new Error(`${name} cannot be bundled: there is no license in ${basename(directory)}`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(directory, file), "utf8").trim()}\n`;
});
const head = "Carrel contains these packages.\n";
writeFileSync(join(dist, "third-party-licenses.txt"), [head, ...notices.toSorted()].join(`\n${"-".repeat(80)}\n\n`));
