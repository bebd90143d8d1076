import { useDownloadSession, usePreparedFile } from "@carrel/react";
import { leaseOf } from "@carrel/rx";
import { useMemo, useState } from "react";
import { Failure } from "./Failure.tsx";
import { useLoaded, useNow } from "./hooks.ts";
import { saveFile } from "./save-file.ts";

/** The files of an item, under a download session that lives as long as this component is shown. */
export function ItemFiles({ itemId }: { itemId: string }) {
  const session = useDownloadSession(itemId);
  const lease = leaseOf(session);
  const files = useLoaded(useMemo(() => lease && (() => lease.files()), [lease]));
  return (
    <section>
      <SessionState session={session} />
      <Failure error={session.error ?? files.error} />
      <table>
        <tbody>
          {files.value?.map(({ name, size }) => (
            <tr key={name}>
              <th>{name}</th>
              <td>{size !== undefined && bytes.format(size)}</td>
              <td>
                <FileButton session={session} fileName={name} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const bytes = new Intl.NumberFormat("en", { notation: "compact", style: "unit", unit: "byte", unitDisplay: "narrow" });

type Session = ReturnType<typeof useDownloadSession>;

/** The session is renewed long before it expires, and then counts down again. */
function SessionState({ session: { value } }: { session: Session }) {
  const now = useNow();
  if (value?.phase !== "active" && value?.phase !== "at-risk") return <p>Session: {value?.phase ?? "opening"}</p>;
  const seconds = Math.max(0, Math.round((value.session.expiresAt.getTime() - now) / 1_000));
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <p>
      Session: {value.phase}, expires in <time>{left}</time>, renewed {value.renewals} times
    </p>
  );
}

/** A button that prepares the file, and then one that downloads it. */
function FileButton({ session, fileName }: { session: Session; fileName: string }) {
  const [isWanted, setWanted] = useState(false);
  if (!isWanted) return <button onClick={() => setWanted(true)}>Prepare</button>;
  return <PreparedFile session={session} fileName={fileName} />;
}

function PreparedFile({ session, fileName }: { session: Session; fileName: string }) {
  const file = usePreparedFile(session, fileName);
  const lease = leaseOf(session);
  const [percent, setPercent] = useState<number>();
  const [verifiedBy, setVerifiedBy] = useState<string>();
  const [error, setError] = useState<unknown>();
  if ((file.error ?? error) !== undefined) return <Failure error={file.error ?? error} />;
  if (verifiedBy !== undefined) return <output>Verified by {verifiedBy}</output>;
  if (percent !== undefined) return <progress max={100} value={percent} />;
  if (file.value === undefined || lease === undefined) return <progress />;
  const download = () => {
    setPercent(0);
    saveFile(lease, fileName, setPercent).then(setVerifiedBy, setError);
  };
  return <button onClick={download}>Download</button>;
}
