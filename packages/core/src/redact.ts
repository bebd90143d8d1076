const secrets: readonly (readonly [RegExp, string])[] = [
  // A transfer URL is a bearer secret: keep where it goes, drop the token and what follows it.
  [/(\/cls\/data\/)[^\s"'<>]+/gi, "$1[redacted]"],
  [/(\bds:\/\/\/)[^\s"'<>]+/gi, "$1[redacted]"],
  [/(\/\/)[^\s/@"'<>]+@/g, "$1[redacted]@"],
  [/(vmware-api-session-id["']?\s*[:=]\s*["']?)[^\s"',;]+/gi, "$1[redacted]"],
  [/(\bauthorization["']?\s*[:=]\s*["']?)(basic|bearer|sign)\s+[^"'\r\n]+/gi, "$1$2 [redacted]"],
  [/(["'](?:password|current_password|session_?id|token|client_secret)["']\s*:\s*)"[^"]*"/gi, '$1"[redacted]"'],
];

/**
 * Takes secrets out of a text: transfer URLs, session ids, credentials.
 * The one place where this is decided; error messages, diagnostics and journals all pass through here.
 */
export function redact(text: string): string {
  return secrets.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}
