import type { Complaint } from "./mistakes.ts";
import { shownText } from "./shapes.ts";

const secretKey = /pass(?:word|wd|phrase)?|secret|token|credential|access_?key|api_?key|private_?key/iu;
const secretParameters = ["password", "sslpassword", "passfile_content", "token"];

/** Whether a key promises a secret. A file or a command that yields one is none. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key) && !/(?:file|command)$/iu.test(key);
}

/** Returns what is wrong with the URL of a database. */
export function checkDatabase(text: string): Complaint | undefined {
  const url = URL.parse(text);
  if (url !== null && (url.password !== "" || secretParameters.some((name) => url.searchParams.has(name)))) {
    return { problem: "secret", message: "The URL of the database contains a password" };
  }
  if (url?.protocol === "postgres:" || url?.protocol === "postgresql:") return undefined;
  return { problem: "value", message: `${shownUrl(text)} is not the URL of a PostgreSQL database` };
}

/** Returns what is wrong with a host name or an https URL. */
export function checkServer(text: string): Complaint | undefined {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (url === null || !isWeb || /\s/u.test(text) || url.search !== "" || url.hash !== "") {
    return { problem: "value", message: `${shownUrl(text)} is neither a host name nor an https URL` };
  }
  if (url.password !== "" || url.username !== "") {
    return { problem: "secret", message: "The address of the vCenter contains a user name or a password" };
  }
  return undefined;
}

/** Returns what makes two servers the same: scheme, host and port. */
export function serverKey(text: string): string {
  return URL.parse(text.includes("://") ? text : `https://${text}`)?.origin ?? text;
}

/** Returns what is wrong with the address of an object store's endpoint. */
export function checkEndpoint(text: string): Complaint | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return { problem: "value", message: `${shownUrl(text)} is not an https URL` };
  }
  if (url.password !== "" || url.username !== "") {
    return { problem: "secret", message: "The address of the store contains a user name or a password" };
  }
  return undefined;
}

/** Returns what is wrong with an `s3://` address. */
export function checkS3Address(text: string): Complaint | undefined {
  const { prefix } = /^s3:\/\/[\w.-]+(?:\/(?<prefix>.*))?$/su.exec(text)?.groups ?? { prefix: ".." };
  if (!hasDots(prefix ?? "")) return undefined;
  return { problem: "value", message: `${shownUrl(text)} is not an address such as "s3://bucket/prefix"` };
}

/** Returns what is wrong with the path of a directory. */
export function checkDirectory(text: string): Complaint | undefined {
  if (/\p{Cc}/u.test(text)) return { problem: "value", message: `${shownText(text)} contains control characters` };
  if (/^(?:\/|[A-Za-z]:[\\/]|\\\\[^\\])/u.test(text)) return undefined;
  return {
    problem: "value",
    message: `${shownText(text)} is not an absolute path: each worker has a working directory of its own`,
  };
}

/** Returns what is wrong with a path below a target. */
export function checkPrefix(text: string): Complaint | undefined {
  const parts = text.split("/");
  if (/[\p{Cc}\\]/u.test(text)) {
    return { problem: "value", message: `${shownText(text)} contains control characters or backslashes` };
  }
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return { problem: "value", message: `${shownText(text)} is not a relative path such as "images/prod"` };
  }
  // Records, partial files and locks are there.
  if (!parts.some((part) => part.toLowerCase() === ".carrel")) return undefined;
  return { problem: "value", message: `${shownText(text)} contains ".carrel", where records are kept` };
}

function hasDots(prefix: string): boolean {
  return prefix.split("/").some((part) => part === "." || part === "..");
}

/** What stands before an `@` may be a password, also in what is not a URL. */
function shownUrl(text: string): string {
  return shownText(text.includes("@") ? `…${text.slice(text.lastIndexOf("@"))}` : text);
}
