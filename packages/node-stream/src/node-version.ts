import process from "node:process";

// The first import of each entry, and so evaluated before undici, which ends older versions of Node by a TypeError that
// says nothing.
const [oldestMajor, oldestMinor] = [22, 20];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  throw new Error(
    `@carrel/node-stream needs Node ${oldestMajor}.${oldestMinor} or later: this is ${process.versions.node}`,
  );
}
