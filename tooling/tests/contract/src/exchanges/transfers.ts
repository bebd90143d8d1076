import { contractFiles } from "../contract-files.ts";
import type { ContractFile } from "../contract-files.ts";
import { alike, get, transfer } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";

const { empty, small, large } = contractFiles;

const headers = {
  "content-type": "application/octet-stream",
  "accept-ranges": "bytes",
  etag: "strong",
};

const whole = (file: ContractFile): Exchange["answer"] =>
  transfer(200, file.sizeBytes > 0 ? `0-${file.sizeBytes - 1} of ${file.name}` : "", {
    ...headers,
    "content-length": String(file.sizeBytes),
  });

const part = (file: ContractFile, first: number, last: number): Exchange["answer"] =>
  transfer(206, `${first}-${last} of ${file.name}`, {
    ...headers,
    "content-length": String(last - first + 1),
    "content-range": `bytes ${first}-${last}/${file.sizeBytes}`,
  });

const ofLarge = (range: string): Pick<Exchange, "rest" | "api" | "file" | "headers"> => ({
  ...alike(get("{largeUrl}")),
  file: large,
  headers: { range },
});

/** What the transfer URLs of a session give. */
export const transfers: readonly Exchange[] = [
  { name: "transfer of an empty file", ...alike(get("{emptyUrl}")), file: empty, answer: whole(empty) },
  { name: "transfer of a small file", ...alike(get("{smallUrl}")), file: small, answer: whole(small) },
  { name: "transfer of a large file", ...alike(get("{largeUrl}")), file: large, answer: whole(large) },
  {
    name: "transfer without a login",
    ...alike(get("{smallUrl}")),
    headers: { "vmware-api-session-id": undefined },
    file: small,
    answer: whole(small),
  },
  {
    name: "transfer: HEAD",
    ...alike({ method: "HEAD", path: "{smallUrl}" }),
    file: small,
    answer: transfer(200, "", { ...headers, "content-length": String(small.sizeBytes) }),
  },
  {
    name: "transfer: POST",
    ...alike({ method: "POST", path: "{smallUrl}" }),
    file: small,
    answer: transfer(405, "", { allow: "GET, HEAD", "content-length": "0" }),
  },
  { name: "transfer of a range", ...ofLarge("bytes=100-199"), answer: part(large, 100, 199) },
  { name: "transfer of a rest", ...ofLarge("bytes=299000-"), answer: part(large, 299_000, 299_999) },
  { name: "transfer of the last bytes", ...ofLarge("bytes=-10"), answer: part(large, 299_990, 299_999) },
  {
    name: "transfer of a range beyond the end",
    ...ofLarge("bytes=300000-"),
    answer: transfer(416, "", { ...headers, "content-length": "0", "content-range": "bytes */300000" }),
  },
  {
    name: "transfer of an unknown file",
    ...alike(get("{smallUrl}.unknown")),
    file: small,
    answer: transfer(404, "", { "content-length": "0" }),
  },
];
