import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Diff } from "@/components/diff";
import { Markdown } from "@/components/markdown";
import { Modal } from "@/components/modal";
import { Problem, Skeleton } from "@/components/states";
import { texts as common } from "@/lib/texts";
import type { Assignment } from "@/queries/critiques";
import { guidelineQuery, useReadGuidelines } from "@/queries/guidelines";
import { texts } from "./texts";

/** Which version of the guidelines is in force, and whether I have read it: one quiet line. */
export function GuidelineLine({ project, assignment }: { project: string; assignment: Assignment }) {
  const [standing, setStanding] = useState(assignment.guideline_standing);
  const [isOpen, setOpen] = useState(false);
  const read = useReadGuidelines(project);
  const { number } = standing;
  if (number === 0) return null;
  const open = () => {
    setOpen(true);
    if (standing.read !== number) read.mutate(number);
  };
  const close = () => {
    setOpen(false);
    if (read.data) setStanding(read.data);
  };
  const isRead = standing.read !== null && standing.read >= number;
  return (
    <span className="small muted row guideline-line">
      {texts.guideline.version(number)}
      {!isRead && ` · ${texts.guideline.unread(standing.read)}`}
      <button type="button" className="button quiet small" onClick={open}>
        {isRead || standing.read === null ? texts.guideline.read : texts.guideline.readChanges}
      </button>
      {isOpen && (
        <Modal label={texts.guideline.version(number)} onClose={close}>
          <div className="stack">
            <h2>{texts.guideline.version(number)}</h2>
            {isRead || standing.read === null ? (
              <div className="paper guideline-text">
                <Markdown>{assignment.guidelines}</Markdown>
              </div>
            ) : (
              <Changed project={project} from={standing.read} to={number} />
            )}
            {read.error && <Problem error={read.error} retry={() => read.mutate(number)} />}
            <button type="button" className="button" onClick={close}>
              {common.common.close}
            </button>
          </div>
        </Modal>
      )}
    </span>
  );
}

function Changed({ project, from, to }: { project: string; from: number; to: number }) {
  const before = useQuery(guidelineQuery(project, from));
  const after = useQuery(guidelineQuery(project, to));
  const error = before.error ?? after.error;
  return (
    <>
      <p className="small muted">{texts.guideline.since(from)}</p>
      {error && <Problem error={error} />}
      {before.data === undefined || after.data === undefined ? (
        !error && <Skeleton />
      ) : (
        <div className="guideline-text">
          <Diff from={before.data} to={after.data} />
        </div>
      )}
    </>
  );
}
