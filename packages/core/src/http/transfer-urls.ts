import { isObject } from "../kit/objects.ts";

/** Replaces a transfer URL by the one that its reader is to use. */
export type MapUrl = (url: string) => string;

/**
 * Makes the function that clients replace transfer URLs by. A path, which only a relay answers with, is completed by
 * the origin that the client is connected to.
 */
export function createMapUrl(origin: string, map: MapUrl | undefined): MapUrl {
  return (given) => {
    const url = map ? map(given) : given;
    if (typeof url !== "string") throw new TypeError("mapTransferUrl must return a string");
    return /^\/(?![/\\])/u.test(url) ? origin + url : url;
  };
}

/** Returns a result with the transfer URLs of all files in it replaced. */
export function mapTransferUrls(result: unknown, map: MapUrl): unknown {
  if (Array.isArray(result)) return result.map((each: unknown) => mapTransferUrls(each, map));
  if (!isObject(result)) return result;
  const { download_endpoint: endpoint, file_download_endpoint: fixed } = result;
  const mapped = { ...result };
  if (isObject(endpoint) && typeof endpoint["uri"] === "string") {
    mapped["download_endpoint"] = { ...endpoint, uri: map(endpoint["uri"]) };
  }
  if (typeof fixed === "string") mapped["file_download_endpoint"] = map(fixed);
  return mapped;
}
