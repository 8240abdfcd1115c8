import { type FormEvent, useRef, useState } from "react";
import { Field } from "@/components/field";
import { Rating } from "@/components/rating";
import { SpanList } from "@/components/span-list";
import { Problem } from "@/components/states";
import { type Span, withSpan } from "@/lib/spans";
import type { Assignment } from "@/queries/critiques";
import { useMarkGold, useSeed } from "@/queries/known-items";
import { texts } from "./texts";

interface MakeKnownProps {
  project: string;
  assignment: Assignment;
}

/** Making a known item of what stands here: gold by this critique, or a copy with a mistake put into it. */
export function MakeKnown({ project, assignment }: MakeKnownProps) {
  const { critique } = assignment;
  return (
    <section className="stack tight" aria-labelledby="known">
      <h2 id="known">{texts.known.title}</h2>
      <p className="small muted">{texts.known.why}</p>
      {critique.state === "submitted" && critique.author.kind === "annotator" && (
        <details className="card">
          <summary>{texts.known.gold}</summary>
          <GoldForm project={project} assignment={assignment} />
        </details>
      )}
      <details className="card">
        <summary>{texts.known.seeded}</summary>
        <SeedForm project={project} assignment={assignment} />
      </details>
    </section>
  );
}

function GoldForm({ project, assignment: { critique, form } }: MakeKnownProps) {
  const mark = useMarkGold(project);
  const rating = critique.revision?.rating ?? null;
  const [low, setLow] = useState(rating);
  const [high, setHigh] = useState(rating);
  const [about, setAbout] = useState(NOTHING);
  const levels = form.form.rating.points ?? 5;
  const send = (event: FormEvent) => {
    event.preventDefault();
    mark.mutate({ critique_id: critique.id, rating_low: low, rating_high: high, ...about });
  };
  return (
    <form className="stack known-form" onSubmit={send} aria-label={texts.known.gold}>
      <Rating label={texts.known.low} levels={levels} value={low} onChange={setLow} />
      <Rating label={texts.known.high} levels={levels} value={high} onChange={setHigh} />
      <p className="small muted">{texts.known.goldWhy}</p>
      <AboutFields about={about} onChange={setAbout} />
      {mark.error && <Problem error={mark.error} />}
      <Made isMade={mark.data !== undefined} isPending={mark.isPending} action={texts.known.makeGold} />
    </form>
  );
}

function SeedForm({ project, assignment: { rollout } }: MakeKnownProps) {
  const seed = useSeed(project);
  const [text, setText] = useState(rollout.text);
  const [mistakes, setMistakes] = useState<Span[]>([]);
  const [words, setWords] = useState("");
  const [about, setAbout] = useState(NOTHING);
  const box = useRef<HTMLTextAreaElement>(null);
  const mark = () => {
    const { selectionStart: from = 0, selectionEnd: to = 0 } = box.current ?? {};
    if (from === to) return;
    setMistakes(withSpan(mistakes, text, { from, to }, "major").spans);
    if (words === "") setWords(text.slice(from, to).trim());
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    const named = words.split(",").map((word) => word.trim());
    seed.mutate({ rollout_id: rollout.id, text, mistakes, words: named.filter(Boolean), ...about });
  };
  return (
    <form className="stack known-form" onSubmit={send} aria-label={texts.known.seeded}>
      <Field label={texts.known.text} hint={texts.known.textHint}>
        {(ids) => (
          <textarea
            {...ids}
            ref={box}
            rows={6}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setMistakes([]);
            }}
          />
        )}
      </Field>
      <div>
        <button type="button" className="button small" onClick={mark}>
          {texts.known.mark}
        </button>
      </div>
      {mistakes.length > 0 && <SpanList spans={mistakes} />}
      <Field label={texts.known.words} hint={texts.known.wordsHint}>
        {(ids) => <input {...ids} value={words} onChange={(event) => setWords(event.target.value)} />}
      </Field>
      <AboutFields about={about} onChange={setAbout} />
      {seed.error && <Problem error={seed.error} />}
      <Made
        isMade={seed.data !== undefined}
        isPending={seed.isPending || text === rollout.text || mistakes.length === 0}
        action={texts.known.makeSeeded}
      />
    </form>
  );
}

interface About {
  note: string;
  is_practice: boolean;
}

const NOTHING: About = { note: "", is_practice: false };

function AboutFields({ about, onChange }: { about: About; onChange: (about: About) => void }) {
  return (
    <>
      <Field label={texts.known.note} hint={texts.known.noteHint}>
        {(ids) => (
          <textarea
            {...ids}
            rows={2}
            maxLength={2000}
            value={about.note}
            onChange={(event) => onChange({ ...about, note: event.target.value })}
          />
        )}
      </Field>
      <label className="row small">
        <input
          type="checkbox"
          checked={about.is_practice}
          onChange={(event) => onChange({ ...about, is_practice: event.target.checked })}
        />
        {texts.known.practice}
      </label>
    </>
  );
}

function Made({ isMade, isPending, action }: { isMade: boolean; isPending: boolean; action: string }) {
  return (
    <div className="row">
      <button type="submit" className="button primary" disabled={isPending || isMade}>
        {action}
      </button>
      <span className="small muted" role="status">
        {isMade && texts.known.made}
      </span>
    </div>
  );
}
