import { useCallback, useEffect, useRef, useState } from "react";
import { Problem, Skeleton } from "@/components/states";
import type { Group } from "@/queries/rules";
import { texts } from "./texts";
import { useProposal } from "./use-proposal";

interface ProposeRuleProps {
  project: string;
  group: Group;
  /** Whether to ask at once. */
  isAsked: boolean;
  /** What stands in the box; a proposal never takes its place by itself. */
  text: string;
  proposedBy: string | null;
  onTake: (text: string, judge: string) => void;
}

/** A model proposes a sentence from the group's critiques; a person changes it, and saves it or not. */
export function ProposeRule({ project, group, isAsked, text, proposedBy, onTake }: ProposeRuleProps) {
  const { proposal, asking, error, ask, stop } = useProposal(project);
  const [taken, setTaken] = useState<string | null>(null);
  const take = (said: string, judge: string) => {
    setTaken(said);
    onTake(said, judge);
  };
  const now = useRef({ text, take });
  now.current = { text, take };
  const start = useCallback(() => {
    setTaken(null);
    void ask(group.critique_ids, (said, judge) => {
      if (!now.current.text.trim()) now.current.take(said, judge);
    });
  }, [ask, group]);
  useEffect(() => {
    if (isAsked) start();
  }, [isAsked, start]);
  const { judge } = proposal ?? {};
  const waits = judge && !asking && proposal?.text !== text && proposal?.text !== taken;
  return (
    <div className="stack tight">
      <div role="status" className="stack tight">
        {asking && <p className="small">{texts.proposing(group.critique_ids.length)}</p>}
        {asking && !proposal && <Skeleton lines={1} />}
        {proposal && (asking || waits) && <blockquote className="proposal">{proposal.text}</blockquote>}
        {!asking && proposedBy && <p className="small muted">{texts.proposedBy(proposedBy)}</p>}
      </div>
      {error !== null && <Problem error={error} retry={start} />}
      <div className="row">
        {waits && proposal && (
          <button type="button" className="button small" onClick={() => take(proposal.text, judge)}>
            {texts.takeProposal}
          </button>
        )}
        {asking ? (
          <button type="button" className="button quiet small" onClick={stop}>
            {texts.stopProposing}
          </button>
        ) : (
          error === null && (
            <button type="button" className="button small" onClick={start}>
              {proposal ? texts.proposeAgain : texts.propose}
            </button>
          )
        )}
      </div>
    </div>
  );
}
