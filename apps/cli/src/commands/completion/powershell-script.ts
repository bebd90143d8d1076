import { allCommands, placesOf } from "./command-tree.ts";
import type { CommandNode, ValueKind } from "./command-tree.ts";

/** Returns a completion script for Windows PowerShell 5.1 and PowerShell 7. */
export function powershellScript(program: CommandNode): string {
  const { name } = program;
  const all = allCommands(program);
  const descents = all.slice(1).map(({ path }) => quote(path.join(" ")));
  return `# Completion of ${name} for PowerShell. To load it: ${name} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${quote(name)} -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $descents = @(${descents.join(", ")})
    # The options of each command, each followed by its description.
    $options = @{
${all.map(optionsLine).join("\n")}
    }
    # What follows an option, or comes at a place; "*" is every place from there on.
    $values = @{
${all.flatMap(valueLines).join("\n")}
    }
    $descriptions = @{
${all
  .slice(1)
  .map(({ path, description }) => `        ${quote(path.join(" "))} = ${quote(description)}`)
  .join("\n")}
    }
    $path = ${quote(name)}
    $place = 0
    $pending = ''
    $ended = $false
    $words = @()
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.Extent.Text
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $word = $element.Value }
        $words += $word
        if ($pending) { $pending = '' }
        elseif (-not $ended -and $word -eq '--') { $ended = $true }
        elseif (-not $ended -and $word.StartsWith('-')) {
            if ($values.ContainsKey("$path $word")) { $pending = $values["$path $word"] }
        }
        elseif ($place -eq 0 -and $descents -ccontains "$path $word") { $path = "$path $word" }
        else { $place += 1 }
    }
    $prefix = ''
    $typed = $wordToComplete
    $value = $pending
    if (-not $pending -and -not $ended -and $typed.StartsWith('-')) {
        if ($typed -match '^(--[a-z][a-z-]*)=(.*)$') {
            $prefix = $Matches[1] + '='
            $value = $values["$path $($Matches[1])"]
            $typed = $Matches[2]
        }
        else {
            $flags = $options[$path]
            for ($index = 0; $index -lt $flags.Count; $index += 2) {
                if ($flags[$index].StartsWith($typed, [StringComparison]::Ordinal)) {
                    [System.Management.Automation.CompletionResult]::new($flags[$index], $flags[$index], 'ParameterName', $flags[$index + 1])
                }
            }
            return
        }
    }
    elseif (-not $pending) {
        $value = $values["$path $place"]
        for ($first = $place; $first -ge 0 -and -not $value; $first -= 1) { $value = $values["$path $first*"] }
    }
    if (-not $value) { return }
    if ($value.StartsWith('@')) {
        $encoding = [Console]::OutputEncoding
        try {
            [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new()
            # Windows PowerShell passes no empty argument, so the word follows a sign.
            $found = @(${name} __complete powershell $value.Substring(1) "=$typed" '-' -- @words 2> $null)
        }
        finally { [Console]::OutputEncoding = $encoding }
    }
    else { $found = @($value.Split(' ') | Where-Object { $_.StartsWith($typed, [StringComparison]::Ordinal) }) }
    foreach ($name in $found) {
        $text = $name
        if ($name -cnotmatch '^[\\w./+%-]+$') {
            $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($name) + "'"
        }
        $description = $descriptions["$path $name"]
        if (-not $description) { $description = $name }
        [System.Management.Automation.CompletionResult]::new($prefix + $text, $name, 'ParameterValue', $description)
    }
}
`;
}

function optionsLine({ path, options }: CommandNode): string {
  const flags = options.flatMap((option) => option.flags.flatMap((flag) => [flag, option.description]));
  return `        ${quote(path.join(" "))} = @(${flags.map(quote).join(", ")})`;
}

function valueLines(command: CommandNode): readonly string[] {
  const path = command.path.join(" ");
  const line = (key: string, value: ValueKind | undefined): readonly string[] => {
    const text = value === undefined ? undefined : describe(value);
    return text === undefined ? [] : [`        ${quote(`${path} ${key}`)} = ${quote(text)}`];
  };
  return [
    ...command.options.flatMap(({ flags, value }) => flags.flatMap((flag) => line(flag, value))),
    ...placesOf(command).flatMap(({ value, repeatable }, index) => line(`${index}${repeatable ? "*" : ""}`, value)),
  ];
}

/** A blank is not offered: PowerShell completes names of files by itself. */
function describe(value: ValueKind): string | undefined {
  switch (value.kind) {
    case "words":
      return value.words.join(" ");
    case "remembered":
      return `@${value.what}`;
    default:
      return " ";
  }
}

/** PowerShell takes curly quotes for straight ones. */
function quote(text: string): string {
  return `'${text.replaceAll(/['‘’‚‛]/gu, "$&$&")}'`;
}
