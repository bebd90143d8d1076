import type { ProgramIo } from "../process/program-io.ts";
import { configPath } from "../settings/paths.ts";

type Topic = "connection" | "environment" | "exit-codes" | "json" | "names";

/** What `carrel help` explains besides the commands. */
export const helpTopics: readonly Topic[] = ["connection", "environment", "exit-codes", "json", "names"];

const texts: Readonly<Record<Topic, (io: ProgramIo) => string>> = {
  connection: (io) => `Which vCenter, and how to log in. Flags take precedence, then a context that --context
names, then the environment, then the default context of the config file:
  ${configPath(io.env) ?? "config.json (this user has no home directory for it)"}
  { "defaultContext": "lab",
    "contexts": { "lab": { "server": "vc.example.com", "user": "reader@lab.local" } } }

Passwords: a flag for them does not exist. VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE,
"passwordFile" or "passwordCommand" of a context, a session that "carrel login" saved,
or a question at a terminal.

Certificates: one that no authority vouches for is refused before anything is sent.
"carrel trust HOST" shows its fingerprint and keeps it; --thumbprint accepts one for a
run; --ca trusts your own authority. Verification cannot be switched off.

"carrel doctor" tests each step of the connection.`,
  environment: () => `VSPHERE_SERVER         as --server
VSPHERE_USER           as --user
VSPHERE_PASSWORD       the password
VSPHERE_PASSWORD_FILE  a file with the password, which only you can read
VSPHERE_THUMBPRINT     as --thumbprint
HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                       proxies, as curl reads them
NO_COLOR               no colours
COLUMNS                columns of the output, where fewer than the terminal has
XDG_CONFIG_HOME        where carrel/config.json is read
XDG_STATE_HOME         where saved sessions and trusted certificates are kept`,
  "exit-codes": () => `0    done
1    failed; with "mirror --dry-run": there is something to do
2    wrong command line or settings
3    login refused, or a privilege is missing
4    not found
5    integrity: a file is not what the server states, or cannot be verified
6    certificate not accepted
130  ended by Ctrl-C; generally 128 and the number of the signal:
     141 the reader of the output has gone, 143 terminated

Where several files or items failed, the code is that of the most serious failure.`,
  json: () => `With --json, each line of standard output is one JSON object whose "type" says what
it is, and messages for people go to standard error. Sizes are in bytes. Members of
the vendor's models have the vendor's names (content_version), all others camelCase.

A failure is { "type": "error", "exitCode": 5, "message": "…", "hints": ["…"] }.
Events of "get" have "item" and "itemId", and "file" where they concern one. A file is
there once "finished" or "skipped" says so; "verifiedBy" is how it is known to be whole:
checksum, manifest, length or nothing.

  carrel get Images/ubuntu --json | jq -c 'select(.type == "finished")'

Later versions add types and members: ignore those that you do not know.`,
  names: () => `LIBRARY, LIBRARY/ITEM and LIBRARY/ITEM/FILE are names or ids. An exact name is
preferred to one that differs in upper and lower case. A name that contains a slash
is given by its id, or with a backslash before the slash: LIBRARY/a\\/b

All three parts can be globs. Quote them, so that the shell does not expand
them:  carrel get 'Images/ubuntu-*/*.iso'`,
};

/** Returns the text of a topic that `carrel help WORD` asks for; `undefined` where the words name none. */
export function topicText(words: readonly string[], io: ProgramIo): string | undefined {
  const topic = helpTopics.find((each) => each === words[0]);
  return topic === undefined || words.length > 1 ? undefined : `${texts[topic](io)}\n`;
}
