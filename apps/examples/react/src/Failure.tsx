/** What went wrong, if anything did. Messages of Carrel contain no secrets. */
export function Failure({ error }: { error: unknown }) {
  if (error === undefined) return null;
  return <p role="alert">{error instanceof Error ? error.message : "Something went wrong"}</p>;
}
