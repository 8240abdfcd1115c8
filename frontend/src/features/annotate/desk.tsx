import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { KeyList } from "@/components/key-list";
import { SavedState } from "@/components/saved-state";
import { ApiError } from "@/lib/api";
import type { Span } from "@/lib/spans";
import { useKeys } from "@/lib/use-keys";
import { type Assignment, type Draft, heartbeat, measureSignal } from "@/queries/critiques";
import { AnswerPanel } from "./answer-panel";
import { Conflict } from "./conflict";
import { CritiquePanel } from "./critique-panel";
import { GuidelineLine } from "./guideline-line";
import { History } from "./history";
import { LeavingProblem } from "./leaving-problem";
import { PracticeFeedback } from "./practice";
import { PutAside } from "./put-aside";
import { RedraftPanel } from "./redraft-panel";
import { ReturnedNote } from "./returned-note";
import { SignalMap } from "./signal-map";
import { texts } from "./texts";
import { useDraft } from "./use-draft";
import { useEdit } from "./use-edit";
import { useForm } from "./use-form";
import { useLeaving } from "./use-leaving";
import { useRedraft } from "./use-redraft";
import type { Left } from "./use-undo";

const HEARTBEAT_MS = 60_000;
const NO_SPANS: readonly Span[] = [];

type Open = "keys" | "skip" | "discard" | "history" | null;

interface DeskProps {
  project: string;
  assignment: Assignment;
  counts: string;
  onAdvance: (left?: Left) => Promise<void>;
}

/** One answer on the desk: read it, say what is wrong, see it redrafted, hand it in. */
export function Desk({ project, assignment, counts, onAdvance }: DeskProps) {
  const id = assignment.critique.id;
  const draft = useDraft(assignment);
  const { keeper, isLocked } = draft;
  const { form, problems, refused, answered } = useForm(assignment);
  const redraft = useRedraft(id, assignment.redrafts);
  const [open, setOpen] = useState<Open>(null);
  const critiqueBox = useRef<HTMLTextAreaElement>(null);
  const redraftBox = useRef<HTMLElement>(null);
  const leaving = useLeaving({ assignment, keeper, form, refused, box: critiqueBox, onAdvance });
  const { handIn, putOff, setFailure } = leaving;
  const edit = useEdit(keeper, draft.draft.edit ?? null, assignment);

  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") heartbeat(id).catch(setFailureIfLost);
    }, HEARTBEAT_MS);
    const setFailureIfLost = (error: unknown) => {
      if (error instanceof ApiError && error.status === 409) setFailure(error);
    };
    return () => clearInterval(timer);
  }, [id, setFailure]);

  // The next save may go out as soon as the redraft has begun: then its revision stands.
  const ask = useCallback(async () => {
    const begin = (sent: Draft, version: number) =>
      new Promise<void>((begun, refused) => {
        const onStart = (next: number) => {
          keeper.adopt(sent, next);
          begun();
        };
        redraft.ask(sent, version, onStart).then((problem) => (problem ? refused(problem) : begun()));
      });
    // Out of the text and the rating, so that 1, 2 and 3 judge what comes.
    redraftBox.current?.focus();
    await keeper.carry(begin).catch((error) => {
      if (error instanceof ApiError && error.details.field === "text") critiqueBox.current?.focus();
    });
  }, [keeper, redraft]);

  const signal = useMutation({ mutationFn: (sent: Draft) => measureSignal(id, sent) });
  const { mutate: measure } = signal;
  const latest = redraft.redrafts.at(-1);
  const actions = useMemo(() => {
    const judge = (verdict: "better" | "same" | "worse") => () =>
      latest && !redraft.asking && redraft.judge(latest.rollout.id, verdict, latest.rating);
    return {
      "Ctrl+Enter": handIn,
      "Alt+R": ask,
      "Alt+W": () => measure(draft.draft),
      "Alt+E": edit.toggle,
      "1": judge("better"),
      "2": judge("same"),
      "3": judge("worse"),
      C: () => critiqueBox.current?.focus(),
      S: () => setOpen("skip"),
      P: putOff,
      D: () => setOpen("discard"),
      "?": () => setOpen("keys"),
    };
  }, [handIn, putOff, ask, measure, latest, redraft, edit.toggle, draft.draft]);
  useKeys(actions);

  const close = () => setOpen(null);
  if (leaving.isPractised) return <PracticeFeedback assignment={assignment} onNext={() => onAdvance()} />;
  return (
    <main className="desk" id="content">
      <header className="desk-top">
        <h1 className="visually-hidden">{texts.title}</h1>
        <span className="small muted">{counts}</span>
        {assignment.practice && (
          <span className="badge">
            {texts.practice.standing(assignment.practice.number, assignment.practice.of)}
          </span>
        )}
        <GuidelineLine project={project} assignment={assignment} />
        <SavedState state={draft.state} isLocked={isLocked} />
        <span className="desk-links">
          <button type="button" className="button quiet small" onClick={() => setOpen("history")}>
            {texts.history}
          </button>
          <button type="button" className="button quiet small by-key" onClick={() => setOpen("keys")}>
            <span className="keycap">?</span> {texts.keys}
          </button>
          <Link className="button quiet small" to="/$project/prompts" params={{ project }}>
            {texts.exit}
          </Link>
        </span>
      </header>
      {draft.state.kind === "conflict" && (
        <Conflict mine={draft.draft} theirs={draft.state.theirs} onChoose={keeper.settle} />
      )}
      <ReturnedNote assignment={assignment} />
      <div className="desk-body" aria-busy={isLocked}>
        <div className="stack">
          <AnswerPanel
            assignment={assignment}
            edit={edit}
            isLocked={isLocked}
            spans={draft.draft.spans ?? NO_SPANS}
            onSpans={(spans) => keeper.change({ spans })}
          />
          <RedraftPanel
            redraft={redraft}
            answer={assignment.rollout.text}
            levels={form.form.rating.points ?? 5}
            box={redraftBox}
          />
          {signal.status !== "idle" && (
            <SignalMap
              signal={signal.data}
              measuring={signal.isPending}
              problem={signal.error}
              isStale={signal.variables?.text !== draft.draft.text}
              onMeasure={() => measure(draft.draft)}
            />
          )}
        </div>
        <CritiquePanel
          assignment={assignment}
          draft={draft.draft}
          isLocked={isLocked}
          form={form}
          problems={problems}
          onChange={(changes) => keeper.change(answered(changes))}
          onRedraft={ask}
          asking={redraft.asking}
          onStop={redraft.stop}
          onMeasure={() => measure(draft.draft)}
          problem={redraft.error}
          box={critiqueBox}
          restored={keeper.wasRestored}
        />
      </div>
      <footer className="desk-bottom annotate-bottom">
        <span className="row">
          <button type="button" className="button quiet" onClick={() => setOpen("skip")}>
            {texts.skip} <span className="keycap">S</span>
          </button>
          <button type="button" className="button quiet" onClick={putOff} disabled={leaving.busy}>
            {texts.postpone} <span className="keycap">P</span>
          </button>
          <button type="button" className="button quiet" onClick={() => setOpen("discard")}>
            {texts.discard} <span className="keycap">D</span>
          </button>
        </span>
        <span className="desk-failure">
          <LeavingProblem error={leaving.failure} onRetry={leaving.retry} onNext={() => onAdvance()} />
        </span>
        <button type="button" className="button primary" onClick={handIn} disabled={leaving.busy}>
          {isLocked ? texts.submitting : texts.submit} <span className="keycap">Ctrl ⏎</span>
        </button>
      </footer>
      {open === "keys" && <KeyList keys={texts.keyList} onClose={close} />}
      {open === "history" && <History project={project} onClose={close} onReopened={() => onAdvance()} />}
      {(open === "skip" || open === "discard") && (
        <PutAside
          critique={id}
          how={open}
          onClose={close}
          onDone={() => onAdvance({ critique: id, way: open === "skip" ? "skipped" : "discarded" })}
          before={keeper.flush}
        />
      )}
    </main>
  );
}
