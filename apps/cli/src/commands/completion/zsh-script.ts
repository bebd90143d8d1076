import { allCommands } from "./command-tree.ts";
import type { ArgumentNode, CommandNode, OptionNode, ValueKind } from "./command-tree.ts";

/** Returns a completion script for zsh: to be sourced, or to be put into a directory of `$fpath`. */
export function zshScript(program: CommandNode): string {
  const { name } = program;
  return `#compdef ${name}
# Completion of ${name} for zsh.
${allCommands(program).map(completer).join("\n")}
# What was listed before. Nothing of it is evaluated, and zsh quotes what it inserts.
__${name}_names() {
  local -a all
  all=("\${(@f)$(${name} __complete zsh $1 "\${(Q)PREFIX}" "" -- "\${(@)${name}_words}" 2> /dev/null)}")
  all=("\${(@)all:#}")
  local -a open=("\${(@M)all:#*/}") closed=("\${(@)all:#*/}")
  local found=1
  (( $#open )) && compadd -S '' -- "$open[@]" && found=0
  (( $#closed )) && compadd -- "$closed[@]" && found=0
  return found
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function completer(command: CommandNode): string {
  const { commands, options, arguments: values, path } = command;
  const [program = ""] = path;
  // Nothing after "--" is an option.
  const specs = ["-s", "-S", ...options.map((option) => optionSpec(program, option))].join(" ");
  const own = `_arguments ${[specs, ...values.map((value) => argumentSpec(program, value))].join(" ")}`;
  if (commands.length === 0) return `${functionName(command)}() {\n  ${own}\n}`;
  const named = commands.map(({ name, description }) =>
    quote(`${name.replaceAll(":", "\\:")}:${description.replaceAll("\\", String.raw`\\`)}`),
  );
  const [, ...others] = values;
  return [
    `${functionName(command)}() {`,
    '  local state line curcontext="$curcontext"',
    ...(path.length === 1 ? [`  local -a ${program}_words=("\${(@Q)words[1,CURRENT-1]}")`] : []),
    "  local -a commands",
    // What follows the first word is that command's.
    `  _arguments -C -A '-*' ${specs} '1: :->command' '*:: :->rest'`,
    "  case $state in",
    "    command)",
    `      commands=(${named.join(" ")})`,
    "      _describe command commands ;;",
    "    rest)",
    "      case $line[1] in",
    ...commands.map((child) => `        ${child.name}) ${functionName(child)} ;;`),
    ...(values.length > 0
      ? [`        *) _arguments ${[specs, ...others.map((value) => argumentSpec(program, value))].join(" ")} ;;`]
      : []),
    "      esac ;;",
    "  esac",
    "}",
  ].join("\n");
}

function functionName({ path }: CommandNode): string {
  return `_${path.join("_")}`;
}

function argumentSpec(program: string, { value, repeatable }: ArgumentNode): string {
  return quote(`${repeatable ? "*" : ""}: :${action(program, value)}`);
}

function optionSpec(program: string, { flags, description, value, repeatable }: OptionNode): string {
  const text = `[${description.replaceAll(/[[\]\\]/gu, String.raw`\$&`)}]`;
  const wanted = value === undefined ? "" : `: :${action(program, value)}`;
  // "--output DIR" or "--output=DIR", "-o DIR" or "-oDIR".
  const spelled = value === undefined ? flags : flags.map((flag) => `${flag}${flag.startsWith("--") ? "=" : "+"}`);
  const [only = ""] = spelled;
  const before = repeatable ? "*" : flags.length > 1 ? `(${flags.join(" ")})` : "";
  if (flags.length < 2) return quote(`${before}${only}${text}${wanted}`);
  return `${quote(before)}{${spelled.join(",")}}${quote(text + wanted)}`;
}

function action(program: string, value: ValueKind): string {
  if (value.kind === "words") return `(${value.words.join(" ")})`;
  if (value.kind === "text") return " ";
  if (value.kind === "remembered") return ` __${program}_names ${value.what}`;
  return value.kind === "file" ? "_files" : "_files -/";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
