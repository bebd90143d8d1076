import { expect, test } from "vitest";
import { parseS3Address, S3Sink } from "../src/index.ts";

test.each([
  ["s3://images", "images", ""],
  ["s3://images/", "images", ""],
  ["s3://my.images-1/lab/", "my.images-1", "lab"],
  ["s3://images/a b/100%25/ü?#", "images", "a b/100%25/ü?#"],
])("parseS3Address of %s", (text, bucket, prefix) => {
  expect(parseS3Address(text)).toEqual({ bucket, prefix });
});

test.each(["", "s3:", "s3://", "s3:///lab", "S3://images", "https://images/lab", "s3://images/../other", "s3://a b/c"])(
  "parseS3Address refuses %j",
  (text) => {
    expect(() => parseS3Address(text)).toThrow(TypeError);
  },
);

test("S3Sink has a location without a slash at its end, and refuses parts that stores refuse", () => {
  expect(new S3Sink("s3://images/lab/").location).toBe("s3://images/lab");
  expect(() => new S3Sink("s3://images", { partBytes: 5_242_879 })).toThrow(RangeError);
  expect(() => new S3Sink("s3://images", { partsInFlight: 0 })).toThrow(RangeError);
});
