import { allCommands } from "./command-tree.ts";
import type { CommandNode, OptionNode, ValueKind } from "./command-tree.ts";

/** Returns a completion script for fish. */
export function fishScript(program: CommandNode): string {
  const { name } = program;
  const all = allCommands(program);
  const descents = all.slice(1).map(({ path }) => quote(path.join(" ")));
  const valued = all.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => (value ? flags.map((flag) => quote([...path, flag].join(" "))) : [])),
  );
  return `# Completion of ${name} for fish.
# Whether the words so far lead to a command, and to a place after it: from the second to the third argument.
function __${name}_at
    set -l path ${name}
    set -l place 0
    set -l skip 0
    set -l ended 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if test $ended = 0; and test "$word" = --
            set ended 1
        else if test $ended = 0; and string match -q -- '-*' "$word"
            switch "$path $word"
                case ${valued.join(" ")}
                    set skip 1
            end
        else
            switch "$place$path $word"
                case ${descents.map((path) => path.replace("'", "'0")).join(" ")}
                    set path "$path $word"
                case '*'
                    set place (math $place + 1)
            end
        end
    end
    test "$path" = "$argv[1]"; or return 1
    test (count $argv) = 1; or test $place -ge $argv[2] -a $place -le $argv[3]
end
# What was listed before. Nothing of it is evaluated, and fish quotes what it inserts.
function __${name}_names
    # What fish says of an unknown command is not silenced by a redirection.
    type -q ${name}; or return
    set -l current (commandline -ct)
    ${name} __complete fish $argv[1] "$current" "" -- (commandline -opc) 2> /dev/null
end
complete -c ${name} -f
${all.flatMap(completions).join("\n")}
`;
}

function completions({ path, options, commands, arguments: values }: CommandNode): readonly string[] {
  const [name = ""] = path;
  const at = (...places: readonly number[]): string =>
    `complete -c ${name} -n ${quote([`__${name}_at`, quote(path.join(" ")), ...places].join(" "))}`;
  return [
    ...commands.map((child) => `${at(0, 0)} -a ${child.name} -d ${quote(child.description)}`),
    ...values.flatMap(({ value, repeatable }, index) =>
      value.kind === "text" ? [] : [`${at(index, repeatable ? 999 : index)} ${candidates(name, value)}`],
    ),
    ...options.map((option) => `${at()} ${describeOption(name, option)}`),
  ];
}

function describeOption(program: string, { flags, description, value }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const wanted = value === undefined ? [] : value.kind === "text" ? ["-x"] : [candidates(program, value)];
  return [...names, ...wanted, "-d", quote(description)].join(" ");
}

function candidates(program: string, value: ValueKind): string {
  if (value.kind === "words") return `-x -a ${quote(value.words.join(" "))}`;
  if (value.kind === "remembered") return `-x -a ${quote(`(__${program}_names ${value.what})`)}`;
  return value.kind === "file" ? "-r -F" : "-x -a '(__fish_complete_directories)'";
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/gu, String.raw`\$&`)}'`;
}
