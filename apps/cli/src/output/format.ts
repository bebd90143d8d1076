const units = ["KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Formats a size: `512 B`, `12.3 KiB`, `40.0 MiB`; `?` where it is unknown. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return "?";
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    // 1023.95 would be shown as 1024.0.
    if (value < (unit === "B" ? 1024 : 1023.95)) break;
    value /= 1024;
    unit = next;
  }
  return unit === "B" ? `${Math.round(value)} B` : `${value.toFixed(1)} ${unit}`;
}

/** Formats a rate: `112.0 MiB/s`; empty where there is none, as of a few bytes that came at once. */
export function formatRate(bytesPerSecond: number): string {
  return Number.isFinite(bytesPerSecond) ? `${formatBytes(bytesPerSecond)}/s` : "";
}

/** Formats a remaining time: `0:07`, `12:05`, `3:00:00`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

/** Formats a duration: `0.4 s`, `12.0 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats how long something may still take, roughly: `28 s`, `9 min`, `3 h`. */
export function formatWait(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Formats a part of a size: `71.3 of 286.1 MiB`, `900.0 KiB of 1.2 GiB`; or the part alone where the whole is unknown. */
export function formatPart(of: { readonly receivedBytes: number; readonly totalBytes?: number | undefined }): string {
  const received = formatBytes(of.receivedBytes);
  if (of.totalBytes === undefined) return received;
  const total = formatBytes(of.totalBytes);
  const sameUnit = received.split(" ")[1] === total.split(" ")[1];
  return `${sameUnit ? received.split(" ")[0] : received} of ${total}`;
}

/** Formats a count with its noun: `1 file`, `3 files`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Formats how long ago something was, in the largest unit of which there are two: `90 min`, `26 h`, `8 days`. */
export function formatAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : formatCount(Math.floor(hours / 24), "day");
}
