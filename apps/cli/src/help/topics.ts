import { columnsOf } from "../output/terminal.ts";
import type { ProgramIo } from "../process/program-io.ts";
import { addConnectionOptions } from "../settings/connection-settings.ts";
import { configPath } from "../state/paths.ts";
import { layOutBlocks, readBlocks } from "./layout.ts";
import type { Block } from "./layout.ts";
import { helpSections, ProgramCommand } from "./program-command.ts";

/** A page of the help that is not about one command. */
export type Topic = "connection" | "environment" | "exit-codes" | "json" | "names" | "unattended";

/** What `carrel help` explains besides the commands. */
export const helpTopics: readonly Topic[] = ["connection", "environment", "exit-codes", "json", "names", "unattended"];

/** What each topic is about, in a few words. */
export const topicSummaries: Readonly<Record<Topic, string>> = {
  connection: "which vCenter, the login, certificates, contexts",
  environment: "the variables that are read",
  "exit-codes": "how a run ended, for scripts",
  json: "output for programs",
  names: "how libraries, items and files are named",
  unattended: "runs from cron or a timer, and how they report",
};

const connection = (config: string): string => `
Flags take precedence, then the context that --context or CARREL_CONTEXT names, then the environment, then the default
context of the config file. Where none of them names a server and one session of "carrel login" is saved, its server is used.

Contexts:
  carrel context add lab --server vc.example.com --user reader@vsphere.local
  carrel -c lab ls

They are kept in ${config}, which can also be edited:
  { "defaultContext": "lab",
    "contexts": { "lab": { "server": "vc.example.com", "user": "reader@lab.local" } } }

A context may also have "proxy", "directory" (where "get" makes one for each item), "limitRate" and "requireVerified", which
apply to its own server only. Flags take precedence over them.

The password:
  VSPHERE_PASSWORD         the password itself
  VSPHERE_PASSWORD_FILE    a file with it, such as a systemd credential
  "carrel login"           saves a session, which the server ends once it has been idle for long
  "passwordFile"           a file with it, in a context
  "passwordCommand"        a program that prints it, in a context
  a question               at a terminal

A keyring, as "passwordCommand" ("carrel context add NAME --password-command COMMAND"):
  Linux      secret-tool lookup service carrel account USER
  macOS      security find-generic-password -s carrel -a USER -w
  Windows    pwsh -NoProfile -Command Get-Secret -Name NAME -AsPlainText

There is no flag for it, because other users of a machine can see the command line. A file with a password is refused if
others can read it.

Certificates:
  carrel trust HOST        shows the certificate's fingerprint, and pins it once confirmed
  --thumbprint HEX         accepts that certificate only, for a run
  --ca FILE                trusts authorities of your own

A certificate that no authority vouches for is refused before anything is sent. Verification cannot be switched off.

To test each step of the connection: carrel doctor`;

const environment = `
For connecting:
  VSPHERE_SERVER           as --server
  VSPHERE_USER             as --user
  VSPHERE_PASSWORD         the password
  VSPHERE_PASSWORD_FILE    a file whose first line is the password, which only you can read
  VSPHERE_THUMBPRINT       as --thumbprint
  CARREL_CONTEXT           as --context
  CREDENTIALS_DIRECTORY    set by systemd: a password file there may belong to root
  HTTPS_PROXY              proxy for https:// servers, http://HOST:PORT
  HTTP_PROXY               proxy for http:// servers, and for all where it is the only one
  NO_PROXY                 what is reached without a proxy: hosts, domains, addresses, ranges
  NODE_EXTRA_CA_CERTS      authorities to trust besides those of Node, also for proxies
  CARREL_SERVE_PASSWORD    the password that "carrel serve" asks subscribers for
  CARREL_SUBSCRIPTION_PASSWORD         that of a published library, such as https://HOST/lib.json
  CARREL_SUBSCRIPTION_PASSWORD_FILE    a file whose first line is that password, which only you can read

For object stores (s3://BUCKET/PREFIX), as in the AWS command line, and so endpoints and regions:
  AWS_CA_BUNDLE            as --ca-bundle
  AWS_PROFILE              as --profile
  AWS_SECRET_ACCESS_KEY    the credentials, with AWS_ACCESS_KEY_ID, where no profile is named

For fleets (the password of their database, as for psql: PGPASSWORD, or ~/.pgpass):
  CARREL_FLEET_DATABASE    their PostgreSQL, postgres://USER@HOST/DATABASE; or the directory of the embedded database

For the output:
  NO_COLOR                 no colours
  COLUMNS                  columns of the output, where fewer than the terminal has
  TERM                     on the console of Linux, bars are drawn in ASCII
  LC_ALL, LC_CTYPE, LANG   where they do not name UTF-8, bars are drawn in ASCII
  PSModulePath             where it is set, "carrel sim" prints settings for PowerShell

Where files are kept:
  XDG_CONFIG_HOME          the config file is carrel/config.json there
  XDG_STATE_HOME           saved sessions and trusted certificates are below carrel there
  HOME                     otherwise .config and .local/state there
  APPDATA, LOCALAPPDATA, USERPROFILE    the same, on Windows

An empty variable counts as not set. Lower-case names of proxies take precedence, as in curl. Variables of govc, Ansible and
the VI SDK are not used; where a setting is missing and one of them is set, the message says what to set here.

Examples:
  VSPHERE_SERVER=vc.example.com VSPHERE_USER=reader@vsphere.local carrel ls
  $env:VSPHERE_SERVER = 'vc.example.com'    sets one in PowerShell, for the commands that follow`;

const exitCodeTable = `
Exit codes:
  0      done
  1      failed; with "mirror --dry-run": there is something to do
  2      the command line or the settings are wrong
  3      the login was refused, or the user lacks a permission
  4      there is no such library, item or file
  5      integrity: a file is not what the server states, or cannot be verified
  6      the certificate is not accepted
  129    ended by SIGHUP: the terminal was closed
  130    ended by Ctrl-C
  141    the reader of standard output has gone, as "head" does
  143    ended by SIGTERM
  149    ended by Ctrl-Break, on Windows

A run that a signal ends cleans up first. Where several files or items failed, the code is that of the most serious failure:
6, 3, 5, 1, 4. "carrel status" and "carrel verify" have codes of their own: see their help.

Examples:
  carrel get Images/ubuntu || echo "ended with $?"`;

const json = `
With --json, each line of standard output is one JSON object whose "type" says what it is, and messages for people go to
standard error. Names of members are camelCase, sizes are in bytes, times in UTC, and versions are numbers.

A failure is a line of this type at the end:
  {"type":"error","error":{"code":"INTEGRITY","message":"…","hints":["…"],"exitCode":5, …}}

Events of "get" have "item" and "itemId", and "file" where they concern one. A file is there once "finished" or "skipped"
says so; "verifiedBy" is how it is known to be whole: checksum, manifest, length or nothing. "interrupted" says how much is kept
of one, "outage" and "recovered" that the server stopped answering and is back, and "summary", at every end of "get" and
"mirror", what is there and what is not.

Examples:
  carrel get Images/ubuntu --json | jq -c 'select(.type == "finished")'
  carrel help json --schema get    the JSON Schema of its lines; without a command, of all

Later versions add types and members, and neither remove nor change those that there are: ignore what you do not know.`;

const names = `
LIBRARY, LIBRARY/ITEM and LIBRARY/ITEM/FILE are names or ids. An exact name is preferred to one that differs in upper and
lower case. A slash at the beginning or at the end is ignored. Within a name, a slash is written with a backslash before it.

Each part can be a glob (*, ?, [...]). Quote globs, so that the shell does not expand them.

"ls" and "cat" also take LIBRARY/ITEM/x.ova/MEMBER, a file in an OVA archive, of which only what is needed is fetched. A fourth part
may follow only a name that ends in .ova, and names or matches files with their directories in the archive: a slash in such a
name is written with a backslash before it as well, and * matches it. "ls LIBRARY/ITEM/x.ova" lists what is in the archive,
"ls 'LIBRARY/ITEM/*.ova'" the archives.

A published library, to which a vCenter could subscribe, is named by its address in ls, du, find --library, info, get, cat, diff and
mirror: https://HOST/PATH/lib.json, and then /ITEM or /ITEM/FILE. One in an object store is s3://BUCKET/PREFIX, and what is in it
s3://BUCKET/PREFIX/lib.json/ITEM. Flags and "carrel trust" say how its server is recognized; contexts and VSPHERE_ variables are for
vCenters. Where the server requires a password, it is that of CARREL_SUBSCRIPTION_PASSWORD or of a question.

Examples:
  carrel get 'Images/ubuntu-*/*.iso'    the ISO files of all items that match
  carrel get 'https://images.example.com/lib.json/ubuntu-*/*.iso'    the same of a published library
  carrel ls 'LIBRARY/a\\/b'              the item "a/b"
  carrel cat 'LIBRARY/ITEM/x.ova/a\\/b.txt'    the file "a/b.txt" in an archive
  carrel info 2da43843-9e1c-4b5e-8a3f-0c9d2f6b7a10    a library by its id`;

const unattended = `
A run that nobody watches needs a password that it can read: "passwordFile" or "passwordCommand" of a context, or
VSPHERE_PASSWORD_FILE. With --quiet it prints failures and warnings only, so that cron sends mail only then. --log-file keeps
every line.

A command after a failure:
  --on-failure COMMAND     runs where the exit code is not 0, also after an interruption

It is given to /bin/sh -c, on Windows to cmd.exe, without standard input, and is ended after 60 s. Its lines go to standard
error and to the log file. How it ends is reported, and changes nothing. It has the environment of carrel without
VSPHERE_PASSWORD and CARREL_SUBSCRIPTION_PASSWORD, and these variables:
  CARREL_EXIT_CODE         the exit code, see "carrel help exit-codes"
  CARREL_SUMMARY           what happened, in a line that may contain names from the server
  CARREL_ERROR_CODE        such as TRANSFER; may be empty
  CARREL_STARTED_AT        when the run started, ISO 8601
  CARREL_DURATION_SECONDS  how long it took
  CARREL_LOG_FILE          the file of --log-file; may be empty

A monitor:
  --ping URL               reports the start and the end of the run, as healthchecks.io and others expect

It is a POST to URL/start, and at the end to URL, or after a failure to URL/EXITCODE, with the summary as the body. It takes
20 s at most. A ping that fails is a warning, and changes nothing.

Neither happens where the process is killed or the command line is wrong: a monitor notices that by the missing ping.

Examples:
  carrel mirror Images /srv/images -q --on-failure 'logger -t carrel "$CARREL_SUMMARY"'
  carrel mirror Images /srv/images -q --ping https://hc-ping.com/UUID`;

/** Returns a topic, for this machine or, without `io`, for everybody. */
export function topicBlocks(topic: Topic, io?: ProgramIo): readonly Block[] {
  if (topic !== "connection")
    return readBlocks({ environment, "exit-codes": exitCodeTable, json, names, unattended }[topic]);
  const usual = "~/.config/carrel/config.json";
  const config = io === undefined ? usual : (configPath(io.env) ?? "config.json (this user has no home directory)");
  const flags = addConnectionOptions(new ProgramCommand());
  const options = helpSections(flags, { isTopic: true }).flatMap(({ entries }) => entries);
  return [
    { kind: "heading", text: "Flags, before or after a command:" },
    { kind: "entries", entries: options },
    ...readBlocks(connection(config)),
  ];
}

/** Returns the text of a topic that `carrel help WORD` asks for; `undefined` where the words name none. */
export function topicText(words: readonly string[], io: ProgramIo): string | undefined {
  const topic = helpTopics.find((each) => each === words[0]);
  if (topic === undefined || words.length > 1) return undefined;
  return `${layOutBlocks(topicBlocks(topic, io), columnsOf(io.stdout, io.env))}\n`;
}
