import { allCommands } from "./command-tree.ts";
import type { CommandNode, OptionNode, ValueKind } from "./command-tree.ts";

/** A completion script for zsh: to be sourced, or to be put into a folder of `$fpath`. */
export function zshScript(program: CommandNode): string {
  const { name } = program;
  return `#compdef ${name}
# Completion of ${name} for zsh.
${allCommands(program).map(completer).join("\n")}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function completer(command: CommandNode): string {
  const { commands, options } = command;
  const specs = options.map(optionSpec);
  if (commands.length === 0) {
    const values = command.arguments.map((value) => quote(`*: :${action(value)}`));
    return [`${functionName(command)}() {`, `  _arguments -s ${[...specs, ...values.slice(-1)].join(" ")}`, "}"].join(
      "\n",
    );
  }
  const named = commands.map(({ name, description }) => quote(`${name.replaceAll(":", "\\:")}:${description}`));
  return [
    `${functionName(command)}() {`,
    '  local state line curcontext="$curcontext"',
    "  local -a commands",
    `  _arguments -C -s ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(" ")}`,
    "  case $state in",
    "    command)",
    `      commands=(${named.join(" ")})`,
    "      _describe command commands ;;",
    "    rest)",
    "      case $line[1] in",
    ...commands.map((child) => `        ${child.name}) ${functionName(child)} ;;`),
    "      esac ;;",
    "  esac",
    "}",
  ].join("\n");
}

function functionName({ path }: CommandNode): string {
  return `_${path.join("_")}`;
}

function optionSpec({ flags, description, value }: OptionNode): string {
  const text = `[${description.replaceAll(/[[\]\\]/gu, String.raw`\$&`)}]`;
  const wanted = value === undefined ? "" : `: :${action(value)}`;
  const [only = ""] = flags;
  if (flags.length < 2) return quote(`${only}${text}${wanted}`);
  return `${quote(`(${flags.join(" ")})`)}{${flags.join(",")}}${quote(text + wanted)}`;
}

function action(value: ValueKind): string {
  if (value.kind === "words") return `(${value.words.join(" ")})`;
  if (value.kind === "text") return " ";
  return value.kind === "file" ? "_files" : "_files -/";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
