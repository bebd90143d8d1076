import { quote } from "@carrel/node-stream/fs";

/** Where an `s3://` address leads. */
export interface S3Address {
  readonly bucket: string;
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string;
}

/**
 * Parses `s3://bucket` or `s3://bucket/prefix`. Everything after the bucket stays as it is: nothing is decoded.
 *
 * @throws `TypeError`: it is not such an address.
 */
export function parseS3Address(text: string): S3Address {
  const { bucket, prefix = "" } = /^s3:\/\/(?<bucket>[\w.-]+)(?:\/(?<prefix>.*))?$/su.exec(text)?.groups ?? {};
  const trimmed = prefix.replaceAll(/^\/+|\/+$/gu, "");
  if (bucket === undefined || trimmed.split("/").some((name) => name === "." || name === ".."))
    throw new TypeError(`${quote(text)} is not an address such as "s3://bucket/prefix"`);
  return { bucket, prefix: trimmed };
}
