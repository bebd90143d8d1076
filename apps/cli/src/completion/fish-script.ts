import { allCommands } from "./command-tree.ts";
import type { CommandNode, OptionNode, ValueKind } from "./command-tree.ts";

/** A completion script for fish. */
export function fishScript(program: CommandNode): string {
  const { name } = program;
  const all = allCommands(program);
  const descents = all.slice(1).map(({ path }) => quote(path.join(" ")));
  return `# Completion of ${name} for fish.
function __${name}_at
    set -l path ${name}
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case ${descents.join(" ")}
                set path "$path $word"
        end
    end
    test "$path" = "$argv"
end
complete -c ${name} -f
${all.flatMap(completions).join("\n")}
`;
}

function completions({ path, options, commands, arguments: values }: CommandNode): readonly string[] {
  const [name = ""] = path;
  const here = `complete -c ${name} -n ${quote(`__${name}_at ${path.join(" ")}`)}`;
  return [
    ...commands.map((child) => `${here} -a ${child.name} -d ${quote(child.description)}`),
    ...values.flatMap((value) => (value.kind === "text" ? [] : [`${here} ${candidates(value)}`])),
    ...options.map((option) => `${here} ${describeOption(option)}`),
  ];
}

function describeOption({ flags, description, value }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const wanted = value === undefined ? [] : value.kind === "text" ? ["-x"] : [candidates(value)];
  return [...names, ...wanted, "-d", quote(description)].join(" ");
}

function candidates(value: ValueKind): string {
  if (value.kind === "words") return `-x -a ${quote(value.words.join(" "))}`;
  return value.kind === "file" ? "-r -F" : "-x -a '(__fish_complete_directories)'";
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/gu, String.raw`\$&`)}'`;
}
