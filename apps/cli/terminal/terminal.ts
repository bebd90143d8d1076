import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const run = promisify(execFile);
let count = 0;

/** A terminal of tmux's in which the program runs, as a person would see it. Dispose to close it. */
export interface Terminal extends AsyncDisposable {
  /** The lines on the screen, without what is blank at the end. */
  screen(): Promise<string>;
  /** What has scrolled off the screen, and the screen. A line that was too long for the terminal is one line. */
  history(): Promise<string>;
  /** Whether long lines are wrapped and the cursor is shown. */
  modes(): Promise<string>;
  resize(columns: number, rows?: number): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
}

/** A terminal's size, and what is there before the program starts. */
export interface TerminalOptions {
  readonly columns: number;
  /** 20 unless told otherwise. */
  readonly rows?: number;
  /** Lines above the program's: one unless told otherwise, for there is a prompt wherever a program is started. */
  readonly linesAbove?: number;
  /** A file for the program's standard output. */
  readonly stdout?: string;
  /** Commands that read the program's standard output, and write to the terminal. */
  readonly reader?: string;
}

/** Starts the program in a terminal. When it has ended, the screen says `exit N`. */
export async function openTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { columns, rows = 20, linesAbove = 1, stdout, reader }: TerminalOptions,
): Promise<Terminal> {
  count += 1;
  const socket = `carrel-${process.pid}-${count}`;
  const tmux = async (...words: readonly string[]): Promise<string> => {
    const answer = await run("tmux", ["-L", socket, "-f", "/dev/null", ...words]);
    return answer.stdout.trimEnd();
  };
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
  // Names that are shown at a terminal are remembered: the home directory of the person who runs the tests must stay as it is.
  const command = [
    "env",
    "HOME=/nonexistent",
    ...settings,
    quote(process.execPath),
    quote(main),
    ...args.map(quote),
  ].join(" ");
  const above = Array.from({ length: linesAbove }, (_, index) => `above ${index + 1}\\n`).join("");
  const script = [
    // Ctrl-C is for the program, not for the shell that tells how it ended.
    "trap : INT",
    "before=$(stty -g)",
    `printf ${quote(above)}`,
    command + (stdout === undefined ? "" : ` > ${quote(stdout)}`) + (reader === undefined ? "" : ` | ${reader}`),
    "code=$?",
    '[ "$(stty -g)" = "$before" ] || echo "The terminal was left in another mode."',
    'printf "\\nexit %d\\n" $code',
    "sleep 60",
  ];
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), `sh -c ${quote(script.join("\n"))}`);
  return {
    screen: () => tmux("capture-pane", "-p"),
    history: () => tmux("capture-pane", "-p", "-J", "-S", "-"),
    modes: () => tmux("display-message", "-p", "wrap #{wrap_flag}, cursor #{cursor_flag}"),
    async resize(width, height = rows) {
      await tmux("resize-window", "-x", String(width), "-y", String(height));
    },
    press: async (...keys) => void (await tmux("send-keys", ...keys)),
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
    },
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
