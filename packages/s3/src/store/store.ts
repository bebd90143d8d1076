import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { defined } from "@carrel/core/kit";
import type { StoreClients } from "./store-clients.ts";
import { abortedBy, absent, isConflict, signedHash, wholeChecksum } from "./request-parts.ts";
import type { CopiedPart } from "./request-parts.ts";
import { Allowed, omissions, refusals } from "./store-features.ts";
import type { Condition, MissingFeature } from "./store-features.ts";
import type { HashedBytes, ListedObject, ObjectHead, ObjectText, OpenUpload, UploadedPart } from "./store-objects.ts";
import { isAnswerOfStore, storeCodeOf, storeError } from "./store-error.ts";

/** A bucket: what is asked of a store, with the store's errors as ours. */
export class Store {
  readonly bucket: string;
  readonly #clients: StoreClients;
  readonly #onMissing: (feature: MissingFeature, storeCode: string) => void;
  readonly #missing = new Set<MissingFeature>();

  constructor(
    bucket: string,
    clients: StoreClients,
    onMissing: (feature: MissingFeature, storeCode: string) => void = () => {},
  ) {
    this.bucket = bucket;
    this.#clients = clients;
    this.#onMissing = onMissing;
  }

  /** Returns what people call an object. */
  locationOf(key: string): string {
    return `s3://${this.bucket}/${key}`;
  }

  /** @throws StoreError if the bucket cannot be used. */
  async assertUsable(prefix: string): Promise<void> {
    const command = new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, MaxKeys: 1 });
    await this.ask("use", prefix, async (client) => {
      const answer = await client.send(command).catch((error: unknown) => {
        throw isAnswerOfStore(error) ? error : new SyntaxError("its errors have no code", { cause: error });
      });
      if (answer.Name === undefined && answer.KeyCount === undefined) throw new SyntaxError("it lists no objects");
    });
  }

  /** Lists objects whose keys begin like this. Costs a request for each thousand. */
  async *objects(prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject> {
    for (let token: string | undefined; ;) {
      const page = { Bucket: this.bucket, Prefix: prefix, ...defined({ ContinuationToken: token }) };
      const answer = await this.ask("list", prefix, (client) =>
        client.send(new ListObjectsV2Command(page), abortedBy(signal)),
      );
      for (const { ETag: etag = "", Key: key = "", LastModified: modified, Size: sizeBytes = 0 } of answer.Contents ??
        [])
        yield { key, sizeBytes, etag, modifiedAtMs: modified?.getTime() ?? 0 };
      token = answer.NextContinuationToken;
      if (answer.IsTruncated !== true || token === undefined) return;
    }
  }

  /** `undefined` if there is no such object. */
  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const answer = await this.ask("read", key, (client) =>
      client
        .send(new HeadObjectCommand({ Bucket: this.bucket, Key: key, ChecksumMode: "ENABLED" }), abortedBy(signal))
        .catch(absent),
    );
    return (
      answer && {
        sizeBytes: answer.ContentLength ?? 0,
        etag: answer.ETag ?? "",
        metadata: answer.Metadata ?? {},
        sha256: wholeChecksum(answer.ChecksumSHA256),
      }
    );
  }

  /** Reads a small object; `undefined` if there is none. */
  async readText(key: string, signal?: AbortSignal): Promise<ObjectText | undefined> {
    return this.ask("read", key, async (client) => {
      const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
      const answer = await client.send(command, abortedBy(signal)).catch(absent);
      if (answer === undefined) return undefined;
      const text = (await answer.Body?.transformToString()) ?? "";
      return { text, etag: answer.ETag ?? "", modifiedAtMs: answer.LastModified?.getTime() ?? 0 };
    });
  }

  /** Returns a URL at which an object can be read for a while: a secret. */
  async signedUrl(key: string, expiresIn: number): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    return this.ask("read", key, (client) => getSignedUrl(client, command, { expiresIn }));
  }

  /** Reads a part of one version of an object. `end` is the position after the last byte. */
  async *read(
    key: string,
    { etag, start, end, signal }: { etag: string; start: number; end: number; signal?: AbortSignal | undefined },
  ): AsyncGenerator<Uint8Array> {
    if (end <= start) return;
    const command = new GetObjectCommand({
      Bucket: this.bucket,
      Key: key,
      IfMatch: etag,
      Range: `bytes=${start}-${end - 1}`,
    });
    const answer = await this.ask("read", key, (client) => client.send(command, abortedBy(signal)));
    try {
      // In Node a body is a Readable.
      yield* answer.Body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      signal?.throwIfAborted();
      throw storeError(error, "read", this.locationOf(key));
    }
  }

  /**
   * Writes an object in one request. Returns its ETag.
   *
   * @throws {@link ConditionFailed} if what has the key is not what was demanded.
   */
  async put(
    key: string,
    { bytes, sha256 }: HashedBytes,
    options: {
      readonly condition?: Condition | undefined;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly contentType?: string;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<string> {
    const { condition, contentType, metadata, signal } = options;
    return this.#once("write", key, condition, true, async (client, allowed) => {
      const command = new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: bytes,
        ...allowed.checksum({ ChecksumSHA256: sha256.toString("base64") }),
        ...allowed.condition(condition),
        ...defined({ Metadata: metadata, ContentType: contentType }),
      });
      command.middlewareStack.add(signedHash(sha256), { step: "build" });
      return (await client.send(command, abortedBy(signal))).ETag ?? "";
    });
  }

  /**
   * Copies an object within the store, or a part of it into an upload. Returns the ETag of the copy.
   *
   * @param part - Where it goes, and from where to where it is; `end` is the position after its last byte.
   */
  async copy(
    { key: from, etag }: { readonly key: string; readonly etag: string },
    key: string,
    { part, signal }: { readonly part?: CopiedPart; readonly signal: AbortSignal },
  ): Promise<string> {
    const source = `${this.bucket}/${from}`.split("/").map(encodeURIComponent).join("/");
    const what = { Bucket: this.bucket, Key: key, CopySource: source, CopySourceIfMatch: etag };
    return this.ask("write", key, async (client) => {
      if (part === undefined) {
        const answer = await client.send(new CopyObjectCommand(what), abortedBy(signal));
        return answer.CopyObjectResult?.ETag ?? "";
      }
      const { uploadId, number, start, end } = part;
      const range = { PartNumber: number, CopySourceRange: `bytes=${start}-${end - 1}` };
      const command = new UploadPartCopyCommand({ ...what, UploadId: uploadId, ...range });
      const answer = await client.send(command, abortedBy(signal));
      return answer.CopyPartResult?.ETag ?? "";
    });
  }

  async delete(key: string): Promise<void> {
    await this.ask("delete", key, (client) =>
      client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key })).catch(absent),
    );
  }

  /** Begins an upload, and returns its id. Ends the one of an earlier attempt, whose answer was lost. */
  async createUpload(key: string, metadata: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<string> {
    return this.#once("write", key, undefined, true, async (client, allowed) => {
      const command = new CreateMultipartUploadCommand({
        Bucket: this.bucket,
        Key: key,
        Metadata: metadata,
        ...allowed.checksum({ ChecksumAlgorithm: "SHA256" as const }),
      });
      const { $metadata, UploadId: uploadId } = await client.send(command, abortedBy(signal));
      if (uploadId === undefined) throw new SyntaxError("the answer has no id of an upload");
      if (($metadata.attempts ?? 1) > 1) await this.abortUploads(key, uploadId);
      return uploadId;
    });
  }

  /** Uploads a part. The store refuses it if other bytes arrive than those that were hashed. */
  async uploadPart(
    { key, uploadId }: Pick<OpenUpload, "key" | "uploadId">,
    number: number,
    { bytes, sha256 }: HashedBytes,
    signal: AbortSignal,
  ): Promise<UploadedPart> {
    const hash = sha256.toString("base64");
    return this.#once("write", key, undefined, true, async (client, allowed) => {
      const checksum = allowed.checksum({ ChecksumSHA256: hash });
      const command = new UploadPartCommand({
        Bucket: this.bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: bytes,
        ...checksum,
      });
      command.middlewareStack.add(signedHash(sha256), { step: "build" });
      const { ETag: etag = "" } = await client.send(command, abortedBy(signal));
      return { number, bytes: bytes.length, etag, sha256: checksum.ChecksumSHA256 };
    });
  }

  /** Lists the parts of an upload; `undefined` if there is no such upload. */
  async listParts(key: string, uploadId: string, signal?: AbortSignal): Promise<readonly UploadedPart[] | undefined> {
    const parts: UploadedPart[] = [];
    for (let marker: string | undefined; ;) {
      const command = new ListPartsCommand({
        Bucket: this.bucket,
        Key: key,
        UploadId: uploadId,
        ...defined({ PartNumberMarker: marker }),
      });
      const answer = await this.ask("read", key, (client) => client.send(command, abortedBy(signal)).catch(absent));
      if (answer === undefined) return undefined;
      for (const { ChecksumSHA256: sha256, ETag: etag = "", PartNumber: number = 0, Size: bytes = 0 } of answer.Parts ??
        [])
        parts.push({ number, bytes, etag, sha256 });
      if (answer.IsTruncated !== true || answer.NextPartNumberMarker === undefined) return parts;
      marker = answer.NextPartNumberMarker;
    }
  }

  /**
   * Makes an object of the parts. Returns its ETag.
   *
   * @throws {@link ConditionFailed} if what has the key is not what was demanded.
   */
  async completeUpload(
    { key, uploadId }: Pick<OpenUpload, "key" | "uploadId">,
    parts: readonly UploadedPart[],
    { condition, signal }: { readonly condition: Condition; readonly signal?: AbortSignal | undefined },
  ): Promise<string> {
    return this.#once("complete", key, condition, false, async (client, allowed) => {
      const command = new CompleteMultipartUploadCommand({
        Bucket: this.bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map(({ etag, number, sha256 }) => ({
            PartNumber: number,
            ETag: etag,
            ...defined({ ChecksumSHA256: sha256 }),
          })),
        },
        ...allowed.condition(condition),
      });
      return (await client.send(command, abortedBy(signal))).ETag ?? "";
    });
  }

  /** Ends an upload, and frees what its parts take. Does nothing if there is no such upload. */
  async abortUpload({ key, uploadId }: Pick<OpenUpload, "key" | "uploadId">): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: this.bucket, Key: key, UploadId: uploadId });
    await this.ask("delete", key, (client) => client.send(command).catch(absent));
  }

  /** Ends all uploads of a key but one. */
  async abortUploads(key: string, exceptId?: string): Promise<void> {
    for await (const upload of this.openUploads(key)) {
      if (upload.key === key && upload.uploadId !== exceptId) await this.abortUpload(upload);
    }
  }

  /** Lists uploads that are not completed, of keys that begin like this. */
  async *openUploads(prefix: string): AsyncGenerator<OpenUpload> {
    let markers = {};
    for (;;) {
      const command = new ListMultipartUploadsCommand({ Bucket: this.bucket, Prefix: prefix, ...markers });
      const answer = await this.ask("read", prefix, (client) => client.send(command));
      for (const { Initiated: startedAt, Key: key, UploadId: uploadId } of answer.Uploads ?? []) {
        if (key !== undefined && uploadId !== undefined) yield { key, uploadId, startedAt };
      }
      if (answer.IsTruncated !== true) return;
      markers = defined({ KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker });
    }
  }

  /** Sends a request that may be repeated, as often as the SDK does by itself. */
  async ask<T>(action: string, key: string, send: (client: S3Client) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await send(this.#clients.repeating);
    } catch (error) {
      signal?.throwIfAborted();
      throw storeError(error, action, this.locationOf(key));
    }
  }

  /**
   * Sends a write. One with a condition is sent once only, because a repetition of one that succeeded fails: the caller looks at
   * what is there. What the store does not support is left out from then on.
   */
  async #once<T>(
    action: string,
    key: string,
    condition: Condition | undefined,
    hasChecksum: boolean,
    send: (client: S3Client, allowed: Allowed) => Promise<T>,
  ): Promise<T> {
    const client = condition === undefined ? this.#clients.repeating : this.#clients.once;
    let code = "";
    let failure: unknown;
    for (const omitted of omissions(hasChecksum, condition !== undefined)) {
      const isHopeless = omitted.some((feature) => !this.#missing.has(feature) && !refusals[feature].has(code));
      if (omitted.length > 0 && (isHopeless || omitted.every((feature) => this.#missing.has(feature)))) continue;
      try {
        const answer = await send(client, new Allowed(new Set([...this.#missing, ...omitted])));
        this.#learn(omitted, code);
        return answer;
      } catch (error) {
        if (condition !== undefined && isConflict(error, condition)) {
          throw new ConditionFailed(this.locationOf(key), { cause: error });
        }
        code = storeCodeOf(error) ?? "";
        failure = error;
      }
      if (!Object.values(refusals).some((codes) => codes.has(code))) break;
    }
    throw storeError(failure, action, this.locationOf(key));
  }

  /** Remembers what a request had to leave out to succeed. */
  #learn(omitted: readonly MissingFeature[], code: string): void {
    for (const feature of omitted) {
      if (this.#missing.has(feature)) continue;
      this.#missing.add(feature);
      this.#onMissing(feature, code);
    }
  }
}

/** Something else has the key than what was demanded. */
export class ConditionFailed extends Error {}
