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
  /** The screen, and what has scrolled off it. */
  history(): Promise<string>;
  resize(columns: number): Promise<void>;
  press(key: string): Promise<void>;
}

/** Starts the program in a terminal of that size. When it has ended, the screen says `exit N`. */
export async function openTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  columns: number,
): Promise<Terminal> {
  count += 1;
  const socket = `carrel-${process.pid}-${count}`;
  const tmux = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run("tmux", ["-L", socket, "-f", "/dev/null", ...words]);
    return stdout.trimEnd();
  };
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
  const command = ["env", ...settings, quote(process.execPath), quote(main), ...args.map(quote)].join(" ");
  const size = ["-x", String(columns), "-y", "20"];
  // Ctrl-C is for the program, not for the shell that tells how it ended.
  await tmux(
    "new-session",
    "-d",
    ...size,
    `sh -c ${quote(`trap : INT; ${command}; printf "\\nexit %d\\n" $?; sleep 60`)}`,
  );
  return {
    screen: () => tmux("capture-pane", "-p"),
    history: () => tmux("capture-pane", "-p", "-J", "-S", "-"),
    resize: async (width) => void (await tmux("resize-window", "-x", String(width))),
    press: async (key) => void (await tmux("send-keys", key)),
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
    },
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
