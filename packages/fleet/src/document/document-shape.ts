import { checkCron, checkTimezone } from "./cron.ts";
import type { RecordShape } from "./shapes.ts";
import { checkDatabase, checkDirectory, checkEndpoint, checkPrefix, checkS3Address, checkServer } from "./values.ts";

const vcenter: RecordShape = {
  kind: "record",
  description: "A vCenter. Either a context or a server leads to it.",
  members: {
    context: {
      kind: "text",
      description:
        'Name of a context, as "carrel context" shows them. It says how to log in, without holding the password.',
      examples: ["lab"],
    },
    server: {
      kind: "text",
      description: "Host name or https URL. User and password come from the environment of the worker.",
      examples: ["vc.example.com"],
      check: checkServer,
    },
    transfers: {
      kind: "count",
      description:
        "How many files are transferred from it at once, by all workers together. The transfer service of a vCenter " +
        "allows few, and shares them with synchronization and deployment.",
      least: 1,
      most: 64,
      fallback: 2,
    },
  },
  required: ["transfers"],
  oneOf: ["context", "server"],
};

const target: RecordShape = {
  kind: "record",
  description: "A directory or an object store.",
  members: {
    path: {
      kind: "text",
      description: "Absolute path of a directory, the same on every worker.",
      examples: ["/srv/images"],
      check: checkDirectory,
    },
    s3: {
      kind: "text",
      description: "An object store: s3://BUCKET or s3://BUCKET/PREFIX.",
      pattern: "^s3://",
      examples: ["s3://images/prod"],
      check: checkS3Address,
    },
    endpoint: { kind: "text", description: "URL of a store that is not Amazon's.", check: checkEndpoint },
    region: { kind: "text", description: "Region of the bucket." },
    profile: { kind: "text", description: "Profile of ~/.aws/config with the credentials." },
  },
  required: [],
  oneOf: ["path", "s3"],
  needs: { endpoint: "s3", region: "s3", profile: "s3" },
};

const mirror: RecordShape = {
  kind: "record",
  description: "A library and the place that is kept up to date with it.",
  members: {
    vcenter: { kind: "text", description: "Name of one of the vCenters of this document." },
    library: { kind: "text", description: "Name or id of the library." },
    target: { kind: "text", description: "Name of one of the targets of this document." },
    prefix: {
      kind: "text",
      description: "Where below the target. Without it, the target itself.",
      examples: ["images/prod"],
      check: checkPrefix,
    },
    cron: {
      kind: "text",
      description:
        "When it is brought up to date: five fields, or @hourly, @daily, @weekly. Without it, only on request.",
      examples: ["0 3 * * *"],
      check: checkCron,
    },
    timezone: {
      kind: "text",
      description: "Time zone of cron. Without it, UTC.",
      examples: ["Europe/Berlin"],
      check: checkTimezone,
    },
    delete: {
      kind: "flag",
      description: "Deletes mirrored items that no longer exist on the server.",
      fallback: false,
    },
    publish: {
      kind: "flag",
      description: "Publishes the mirror as a library that other vCenters subscribe to.",
      fallback: false,
    },
    priority: {
      kind: "count",
      description: "Items of a mirror with a higher priority come first.",
      least: 0,
      most: 100,
      fallback: 0,
    },
  },
  required: ["vcenter", "library", "target"],
  needs: { timezone: "cron" },
};

/** The table of a document: it is checked by it, and the schema for editors is made of it. */
export const documentShape: RecordShape = {
  kind: "record",
  description:
    "A fleet: which libraries of which vCenters are mirrored to which places, and when. It holds no secrets.",
  members: {
    database: {
      kind: "text",
      description:
        "URL of a PostgreSQL database, without a password. Without it, the database embedded in the one worker.",
      pattern: "^postgres(ql)?://",
      examples: ["postgres://fleet@db.example.com/fleet"],
      check: checkDatabase,
    },
    vcenters: { kind: "names", description: "vCenters by name.", each: vcenter },
    targets: { kind: "names", description: "Places for files by name.", each: target },
    mirrors: { kind: "names", description: "Mirrors by name.", each: mirror },
  },
  required: ["vcenters", "targets", "mirrors"],
};
