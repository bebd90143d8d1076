import { absent } from "./difference.ts";
import type { Differences, VcsimDifference } from "./difference.ts";

const noBody = { "headers.content-type": absent, refusal: absent };
const plainText404 = { "headers.content-type": "text/plain; charset=utf-8", text: "404 page not found\n" };

const addedFiles = [
  "update session file add: empty.nvram",
  "update session file add: small.txt",
  "update session file add: large disk.iso",
  "update session file get",
];
const preparedFiles = [
  "download session file prepare: empty.nvram",
  "download session file prepare: small.txt",
  "download session file prepare: large disk.iso",
  "download session file prepare, once more",
  "download session file prepare, to cancel it",
  "download session file get when it is prepared",
  "download session file get when it is downloaded",
];
const ranges = [
  "transfer of a range",
  "transfer of a rest",
  "transfer of the last bytes",
  "transfer of a range beyond the end",
];
const readSessions = ["update session get", "download session get", "download session get after progress"];

const each = (exchanges: readonly string[], differences: Differences): Record<string, Differences> =>
  Object.fromEntries(exchanges.map((exchange) => [exchange, differences]));

/** The members of each of the three files in a list. */
const ofAllFiles = (members: Differences): Differences =>
  Object.fromEntries(
    [0, 1, 2].flatMap((at) => Object.entries(members).map(([name, value]) => [`body.value[${at}].${name}`, value])),
  );

/**
 * Everything in which vcsim of govmomi 0.56.0 differs from the contract, which the simulator fulfils. The suite fails when
 * one of them no longer occurs, and when another one does.
 */
export const vcsimDifferences: readonly VcsimDifference[] = [
  {
    reason: "Without a good login the answer is 401 with an empty body.",
    answers: each(
      [
        "login with a wrong password",
        "login without credentials",
        "session get after the logout",
        "session get without a session id",
        "call without a session id",
        "call with an unknown session id",
        "call after the logout",
      ],
      noBody,
    ),
  },
  {
    reason: "What does not exist is a 404 in plain text, from Go's HTTP server.",
    answers: each(
      [
        "call of an unknown path",
        "library get of an unknown library",
        "subscribed library sync of an unknown library",
        "item list of an unknown library",
        "item get of an unknown item",
        "item file list of an unknown item",
        "item file get of an unknown file",
        "update session get of an unknown session",
        "update session delete of one that is gone",
        "download session create for an unknown item",
        "download session get of an unknown session",
        "download session keep-alive of an unknown session",
        "download session file list of an unknown session",
        "download session get after delete",
        "download session delete, once more",
        "item get after delete",
      ],
      { ...plainText404, refusal: absent },
    ),
  },
  {
    reason: "A missing identifier is treated as an unknown one: 404, not 400.",
    answers: each(["item list without a library", "download session create without an item"], {
      status: 404,
      ...plainText404,
      refusal: absent,
    }),
  },
  {
    reason: "Empty lists are null.",
    answers: each(
      [
        "library list without libraries",
        "library find without libraries",
        "library find of another type",
        "library list at the end",
        "item list of an empty library",
        "item find by a name that no item has",
        "item file list of an empty item",
        "update session list without sessions",
        "update session file list without files",
        "download session list without sessions",
        "download session list at the end",
      ],
      { "body.value": null },
    ),
  },
  {
    reason: "To look for nothing finds everything.",
    answers: {
      "library find by nothing": { status: 200, refusal: absent, body: '{"value":["{library}"]}' },
      "item find by nothing": { status: 200, refusal: absent, body: '{"value":["{item}"]}' },
    },
  },
  {
    reason: "Names of items are compared with regard to case; those of libraries are not.",
    answers: {
      "item find by name, in another case": { "body.value": null },
    },
  },
  {
    reason: "To look for items ignores `cached`.",
    answers: {
      "item find of items that are not cached": { "body.value[0]": "{item}" },
    },
  },
  {
    reason: "The services of local and of subscribed libraries are the one of all libraries.",
    answers: {
      "subscribed library list": { "body.value[0]": "{library}" },
      "subscribed library get of a local library": { status: 200, refusal: absent, body: "(more)" },
    },
  },
  {
    reason: "A local library that is to be synchronised does not exist.",
    answers: { "subscribed library sync of a local library": { ...plainText404, status: 404, refusal: absent } },
  },
  {
    reason: "An error that it does make has a type, but neither messages nor the content type of JSON.",
    answers: {
      "item create with a name that exists": {
        "headers.content-type": "text/plain; charset=utf-8",
        refusal: absent,
        body: '{"type":"com.vmware.vapi.std.errors.already_exists","value":{}}',
      },
    },
  },
  {
    reason: "Libraries have no version, nor what they were not created with; they do have the state of 9.0.",
    answers: each(["library get", "local library get"], {
      "body.value.version": absent,
      "body.value.optimization_info": absent,
      "body.value.publish_info": absent,
      "body.value.unset_security_policy_id": true,
      "body.value.state_info": '{"state":"ACTIVE"}',
    }),
  },
  {
    reason: "Libraries and items come with vcsim's own bookkeeping.",
    answers: {
      ...each(["library get", "local library get"], {
        "body.value.Item": "(more)",
        "body.value.Subs": "{}",
        "body.value.VMTX": "{}",
      }),
      "item get": { "body.value.File": "(more)", "body.value.Template": null },
    },
  },
  {
    reason: "Items have neither a version nor a size, and new files do not change the content version.",
    answers: {
      "item get": { "body.value.version": absent, "body.value.size": absent, "body.value.content_version": "1" },
      ...each(["download session get", "download session get after progress"], {
        "body.value.library_item_content_version": "1",
      }),
    },
  },
  {
    reason: "Files are stored in a folder of the machine, and their checksums are empty.",
    answers: {
      "item storage list": {
        "body.value[0].storage_uris[0]": "<its folder>/DC0-LocalDS_0/contentlib-{library}/{item}/empty.nvram",
        "body.value[1].storage_uris[0]": "<its folder>/DC0-LocalDS_0/contentlib-{library}/{item}/large disk.iso",
        "body.value[2].storage_uris[0]": "<its folder>/DC0-LocalDS_0/contentlib-{library}/{item}/small.txt",
        ...ofAllFiles({ checksum_info: '{"checksum":""}' }),
      },
      "item storage get": {
        "body.value[0].storage_uris[0]": "<its folder>/DC0-LocalDS_0/contentlib-{library}/{item}/large disk.iso",
        "body.value[0].checksum_info": '{"checksum":""}',
      },
    },
  },
  {
    reason: "Sessions live for an hour.",
    answers: each(readSessions, {
      "body.value.expiration_time": "<in 60 minutes>",
    }),
  },
  {
    reason: "The client's progress is not kept, and a zero is left away.",
    answers: each(readSessions, {
      "body.value.client_progress": absent,
    }),
  },
  {
    reason: "Progress may go back.",
    answers: {
      "download session keep-alive with less progress": { status: 200, ...noBody },
    },
  },
  {
    reason: "Files of update sessions have no size, and a zero is left away.",
    answers: {
      ...each(addedFiles, { "body.value.size": absent, "body.value.bytes_transferred": absent }),
      "update session file list": ofAllFiles({ size: absent, bytes_transferred: absent }),
    },
  },
  {
    reason: "The upload does not change the status of an update session's file.",
    answers: {
      "update session file get": { "body.value.status": "WAITING_FOR_TRANSFER" },
      "update session file list": ofAllFiles({ status: "WAITING_FOR_TRANSFER" }),
    },
  },
  {
    reason: "A validation that finds no mistake has no lists.",
    answers: {
      "update session file validate": { "body.value.missing_files": absent, "body.value.invalid_files": absent },
    },
  },
  {
    reason: "Transfer endpoints have no thumbprint.",
    answers: {
      ...each(addedFiles, { "body.value.upload_endpoint.ssl_certificate_thumbprint": absent }),
      "update session file list": ofAllFiles({ "upload_endpoint.ssl_certificate_thumbprint": absent }),
      ...each(preparedFiles, { "body.value.download_endpoint.ssl_certificate_thumbprint": absent }),
    },
  },
  {
    reason: "Files of download sessions have no size.",
    answers: {
      ...each(["download session file get", ...preparedFiles], { "body.value.size": absent }),
      "download session file list": ofAllFiles({ size: absent }),
    },
  },
  {
    reason: "Files never get a checksum.",
    answers: {
      "download session file get when it is downloaded": { "body.value.checksum_info": absent },
    },
  },
  {
    reason: "Lists ignore their filter, and any other parameter.",
    answers: each(["download session list by an unknown item", "download session list with an unknown parameter"], {
      status: 200,
      refusal: absent,
      body: '{"value":["{session}"]}',
    }),
  },
  {
    reason: "An unknown action is 200 with an empty body.",
    answers: {
      "download session unknown action": { status: 200, ...noBody },
    },
  },
  {
    reason: "A file that a session does not have is null.",
    answers: {
      "download session file get of an unknown file": { status: 200, refusal: absent, body: '{"value":null}' },
    },
  },
  {
    reason: "Any file is ready at once, even one that does not exist.",
    answers: {
      "download session file prepare of an unknown file": {
        status: 200,
        refusal: absent,
        body: '{"value":{"bytes_transferred":0,"download_endpoint":{"uri":"<on the server itself>"},"name":"unknown","status":"PREPARED"}}',
      },
    },
  },
  {
    reason: "Transfer URLs know neither ranges nor ETags.",
    answers: each(
      [
        "transfer of an empty file",
        "transfer of a small file",
        "transfer of a large file",
        ...ranges,
        "transfer without a login",
        "transfer: HEAD",
      ],
      { "headers.accept-ranges": absent, "headers.etag": absent },
    ),
  },
  {
    reason: "Bodies of more than 2 KiB are chunked and have no length.",
    answers: each(["transfer of a large file", ...ranges], {
      "headers.content-length": absent,
      "headers.transfer-encoding": "chunked",
    }),
  },
  {
    reason: "Range is ignored: the whole file comes.",
    answers: each(ranges, { status: 200, "headers.content-range": absent, bytes: "0-299999 of large disk.iso" }),
  },
  {
    reason: "An empty body has no content type.",
    answers: {
      "transfer of an empty file": { "headers.content-type": absent },
    },
  },
  {
    reason: "Transfer URLs need the login's session id.",
    answers: {
      "transfer without a login": {
        status: 401,
        "headers.content-type": absent,
        "headers.content-length": "0",
        bytes: absent,
      },
    },
  },
  {
    reason: "HEAD is not allowed.",
    answers: {
      "transfer: HEAD": { status: 405, "headers.content-type": absent, "headers.content-length": absent },
    },
  },
  {
    reason: "A refusal of a method does not tell which ones are allowed.",
    answers: {
      "transfer: POST": { "headers.allow": absent },
    },
  },
  {
    reason: "The transfer of a file that does not exist is a 500.",
    answers: {
      "transfer of an unknown file": {
        status: 500,
        "headers.content-type": "text/plain; charset=utf-8",
        "headers.content-length": absent,
        text: "open <its folder>/DC0-LocalDS_0/contentlib-{library}/{item}/small.txt.unknown: no such file or directory\n",
      },
    },
  },
  {
    reason: "The 404 of a dead transfer URL has a text.",
    answers: each(["transfer after delete", "transfer after cancel"], {
      ...plainText404,
      "headers.content-length": absent,
    }),
  },
  {
    reason: "Cancel and fail delete the session.",
    answers: {
      ...each(["download session get after cancel", "download session get after fail"], {
        status: 404,
        ...plainText404,
        body: absent,
      }),
      ...each(["download session keep-alive after cancel", "download session cancel, once more"], {
        status: 404,
        ...plainText404,
        refusal: absent,
      }),
      ...each(
        [
          "download session delete after cancel",
          "download session delete after fail",
          "download session delete after a bad fail",
        ],
        { status: 404, ...plainText404 },
      ),
      "download session list after cancel": { "body.value": null },
    },
  },
  {
    reason: "Fail needs no message.",
    answers: {
      "download session fail without a message": { status: 200, ...noBody },
    },
  },
];
