import process from "node:process";

// The first import of each entry, so that it runs before undici, which throws an unhelpful TypeError on older versions of Node.
const [oldestMajor, oldestMinor] = [22, 20];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  throw new Error(
    `@carrel/node-stream needs Node ${oldestMajor}.${oldestMinor} or later: this is ${process.versions.node}`,
  );
}
