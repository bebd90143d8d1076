import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { S3Sink } from "@carrel/s3";
import type { S3SinkOptions } from "@carrel/s3";
import type { Place, PlaceKind } from "@carrel/sink-contract";
import type { Versitygw } from "../src/start-versitygw.ts";

const partBytes = 5_242_880;

/** Where a child process finds the place. */
interface PlaceData {
  readonly address: string;
  readonly options: S3SinkOptions;
}

/** Makes the sink of a child process. */
export function openSink(data: string): S3Sink {
  const { address, options } = JSON.parse(data) as PlaceData;
  return new S3Sink(address, options);
}

/** A bucket as a test sees it. */
export interface BucketPlace extends Place {
  readonly bucket: string;
  readonly address: string;
  readonly options: S3SinkOptions;
  readonly client: S3Client;
  /** Reads an object; `undefined` if there is none. */
  read(name: string): Promise<Buffer | undefined>;
  /** Deletes an object; does nothing if there is none. */
  remove(name: string): Promise<void>;
}

/** Makes an empty bucket. */
export async function createPlace(
  { credentials, endpoint }: Versitygw,
  prefix: string = "lab/images",
): Promise<BucketPlace> {
  const client = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
  const bucket = `place-${randomBytes(6).toString("hex")}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const options = { endpoint, credentials, partBytes } as const;
  const address = `s3://${bucket}/${prefix}`;
  const keys = async (): Promise<readonly string[]> => {
    const { Contents: objects = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return objects.flatMap(({ Key: key }) => key ?? []);
  };
  const read = async (key: string): Promise<Buffer | undefined> => {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    });
    return answer && Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  };
  const own = `${prefix}/.carrel/`;
  return {
    bucket,
    address,
    options,
    client,
    sink: () => new S3Sink(address, options),
    recipe: { module: import.meta.url, data: JSON.stringify({ address, options } satisfies PlaceData) },
    visible: async () => {
      const visible = new Map<string, Buffer>();
      for (const key of await keys()) {
        const bytes = key.startsWith(own) ? undefined : await read(key);
        // What a dead process had sent may be carried out after it was listed.
        if (bytes !== undefined) visible.set(key.slice(prefix.length + 1), bytes);
      }
      return visible;
    },
    leftovers: async () => {
      const { Uploads: uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      const records = (await keys()).filter((key) => key.startsWith(`${own}uploads/`));
      return [...records, ...uploads.map(({ Key: key, UploadId: id }) => `upload ${id} of ${key}`)];
    },
    put: async (name, bytes) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${name}`, Body: bytes }));
    },
    read: (name) => read(`${prefix}/${name}`),
    remove: async (name) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${prefix}/${name}` }));
    },
    recordedBytes: async (name) => {
      const text = await read(`${own}uploads/${encodeURIComponent(name)}.json`);
      return text === undefined ? 0 : (JSON.parse(text.toString()) as { readonly bytes: number }).bytes;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

/** Buckets of a store. */
export function bucketsOf(store: () => Versitygw): PlaceKind {
  return { name: "S3Sink", unitBytes: partBytes, create: () => createPlace(store()) };
}
