import type { Command } from "commander";

/** Flags of {@link addStoreOptions}, as commander gives them. */
export interface StoreFlags {
  readonly endpointUrl?: string;
  readonly profile?: string;
  readonly region?: string;
  /** By default so beside `--endpoint-url`. */
  readonly pathStyle?: boolean;
  readonly caBundle?: string;
}

/** Adds the flags of object stores. Their names are those of the AWS command line, and whatever is left out is found as there. */
export function addStoreOptions(command: Command): Command {
  return command
    .option("--endpoint-url <url>", "address of an S3 store that is not Amazon's, for s3:// (AWS_ENDPOINT_URL_S3)")
    .option("--profile <name>", "profile of ~/.aws/config with the credentials for s3:// (AWS_PROFILE)")
    .option("--region <name>", "region of the bucket for s3:// (AWS_REGION)")
    .option("--no-path-style", "put the bucket into the host name beside --endpoint-url, and not into the path")
    .option("--ca-bundle <file>", "trust the certificates in this file for s3:// as well (AWS_CA_BUNDLE)");
}
