import { goCommand, type GoCommand } from "@carrel/vcsim";

/** An S3 server in front of a directory, built from the module that go.mod names. */
export const versitygwCommand: GoCommand = goCommand(
  "versitygw",
  new URL("../", import.meta.url),
  "github.com/versity/versitygw/cmd/versitygw",
);
