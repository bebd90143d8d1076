import { allCommands } from "./command-tree.ts";
import type { CommandNode, ValueKind } from "./command-tree.ts";

/** A completion script for bash 3.2 and later, without the help of other packages. */
export function bashScript(program: CommandNode): string {
  const commands = allCommands(program);
  const descents = commands.slice(1).map(({ path }) => `"${path.join(" ")}"`);
  return `# Completion of ${program.name} for bash. To load it: source <(${program.name} completion bash)
_${program.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path=${program.name} before= words= options= word
  # "--option=value" comes as three words.
  if [[ $cur == "=" ]]; then cur=
  elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $before in
      ${valuedFlags(commands).join("|")}) ;;
      *) case "$path $word" in ${descents.join("|")}) path="$path $word" ;; esac ;;
    esac
    before=$word
  done
  COMPREPLY=()
  case "$path $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $path in
${commands.map(wordCase).join("\n")}
  esac
  if [[ $cur == -* ]]; then words=$options; fi
  _${program.name}_words "$words"
}
_${program.name}_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
_${program.name}_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2> /dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
complete -F _${program.name} ${program.name}
`;
}

function valuedFlags(commands: readonly CommandNode[]): readonly string[] {
  const valued = commands.flatMap(({ options }) => options.filter(({ value }) => value !== undefined));
  return [...new Set(valued.flatMap(({ flags }) => flags))];
}

function valueCases({ path, options }: CommandNode): readonly string[] {
  const cases = new Map<string, string[]>();
  for (const { flags, value } of options) {
    if (value === undefined) continue;
    const answer = `${complete(value, path[0])}return`;
    cases.set(answer, [...(cases.get(answer) ?? []), ...flags.map((flag) => `"${path.join(" ")} ${flag}"`)]);
  }
  return [...cases].map(([answer, patterns]) => `    ${patterns.join("|")}) ${answer} ;;`);
}

function wordCase({ path, options, commands, arguments: values }: CommandNode): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  const words = commands.map(({ name }) => name);
  const files = values.find(({ kind }) => kind === "file" || kind === "folder");
  const more = values.flatMap((value) => (value.kind === "words" ? value.words : []));
  return [
    `    "${path.join(" ")}")`,
    `      options="${flags}" words="${[...words, ...more].join(" ")}"`,
    ...(files ? [`      if [[ $cur != -* ]]; then ${complete(files, path[0])}return; fi`] : []),
    `      ;;`,
  ].join("\n");
}

function complete(value: ValueKind, name = ""): string {
  if (value.kind === "words") return `_${name}_words "${value.words.join(" ")}"; `;
  if (value.kind === "text") return "";
  return `_${name}_paths ${value.kind === "file" ? "-f" : "-d"}; `;
}
