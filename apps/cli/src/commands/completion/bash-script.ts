import { allCommands, placesOf } from "./command-tree.ts";
import type { CommandNode, ValueKind } from "./command-tree.ts";

/** Returns a completion script for bash 3.2 and later, which needs no other package. */
export function bashScript(program: CommandNode): string {
  const { name } = program;
  const commands = allCommands(program);
  const descents = commands.slice(1).map(({ path }) => `"${path.join(" ")}"`);
  return `# Completion of ${name} for bash. To load it: source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path=${name} place=0 value= glued= ended= word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == [:=]* ]]; then
      # "--option=value" and "a:b" come as three words.
      if [[ ! $value ]]; then glued=yes; fi
    elif [[ $value ]]; then value=
    elif [[ $glued ]]; then glued=
    elif [[ ! $ended && $word == -- ]]; then ended=yes
    elif [[ ! $ended && $word == -* ]]; then _${name}_value "$path $word"
    else
      case "$place$path $word" in
        ${descents.map((path) => `0${path}`).join("|")}) path="$path $word" ;;
        *) place=$((place + 1)) ;;
      esac
    fi
  done
  if [[ $value && $cur == "=" ]]; then cur=; fi
  if [[ $glued || $cur == [:=]* ]]; then
    # A remembered name may have a colon: it belongs to the place of the word before it.
    if [[ ! $value ]]; then _${name}_value "$path $((place - 1))"; fi
    case $value in
      @path|@member|@item|@library*|@context|@host|@server) _${name}_names "\${value#@}" ;;
    esac
    return
  fi
  if [[ ! $value && ! $ended && $cur == -* ]]; then _${name}_value "$path -"
  elif [[ ! $value ]]; then _${name}_value "$path $place"
  fi
  case $value in
    @file) _${name}_paths -f ;;
    @directory) _${name}_paths -d ;;
    @text) ;;
    @*) _${name}_names "\${value#@}" ;;
    *) local IFS=$' \\t\\n'; COMPREPLY=($(compgen -W "$value" -- "$cur")) ;;
  esac
}
# What follows an option, comes at a place, or is an option ("-") of a command.
_${name}_value() {
  case $1 in
${commands.flatMap(casesOf).join("\n")}
    *) value= ;;
  esac
}
_${name}_paths() {
  local path
  compopt -o filenames 2> /dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
}
# What was listed before, as it is to be inserted. Nothing of it is evaluated.
_${name}_names() {
  local word
  while IFS= read -r word; do
    COMPREPLY+=("$word")
    case $word in */) compopt -o nospace 2> /dev/null ;; esac
  done < <(${name} __complete bash "$1" "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2> /dev/null)
}
complete -F _${name} ${name}
`;
}

function casesOf(command: CommandNode): readonly string[] {
  const path = command.path.join(" ");
  const cases = new Map<string, string[]>();
  const add = (value: string, pattern: string): void => {
    cases.set(value, [...(cases.get(value) ?? []), pattern]);
  };
  for (const { flags, value } of command.options) {
    if (value !== undefined) for (const flag of flags) add(describe(value), `"${path} ${flag}"`);
  }
  add(`"${command.options.flatMap(({ flags }) => flags).join(" ")}"`, `"${path} -"`);
  for (const [index, { value, repeatable }] of placesOf(command).entries()) {
    // From this place on, of which there are at most two digits.
    const from = [`"${path} "[${index}-9]`, `"${path} "[1-9][0-9]`];
    for (const pattern of repeatable ? from : [`"${path} ${index}"`]) add(describe(value), pattern);
  }
  return [...cases].map(([value, patterns]) => `    ${patterns.join("|")}) value=${value} ;;`);
}

function describe(value: ValueKind): string {
  if (value.kind === "words") return `"${value.words.join(" ")}"`;
  return `@${value.kind === "remembered" ? value.what : value.kind}`;
}
