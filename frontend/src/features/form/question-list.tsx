import { useEffect, useRef, useState } from "react";
import { moved } from "@/lib/order";
import { type EditedQuestion, KINDS, type Kind, newQuestion } from "./edited";
import { QuestionEditor } from "./question-editor";
import { texts } from "./texts";

interface QuestionListProps {
  questions: EditedQuestion[];
  /** Keys that some version of the form has used. */
  taken: ReadonlySet<string>;
  onChange: (questions: EditedQuestion[]) => void;
}

/** The questions in their order; the focus follows what was moved or added. */
export function QuestionList({ questions, taken, onChange }: QuestionListProps) {
  const [kind, setKind] = useState<Kind>("choice");
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const focusNext = useRef<string | null>(null);
  useEffect(() => {
    if (!focusNext.current || questions.length === 0) return;
    list.current?.querySelector<HTMLElement>(focusNext.current)?.focus();
    focusNext.current = null;
  }, [questions]);

  const move = (from: number, by: -1 | 1) => {
    const to = from + by;
    const question = questions[from];
    if (!question || to < 0 || to >= questions.length) return;
    const isLast = to === 0 || to === questions.length - 1;
    focusNext.current = `[data-move="${question.key}:${isLast ? -by : by}"]`;
    setSaid(texts.moved(to + 1, questions.length));
    onChange(moved(questions, from, by));
  };
  const add = () => {
    const known = new Set([...taken, ...questions.map(({ key }) => key)]);
    const made = newQuestion(kind, known);
    focusNext.current = `[data-question="${made.key}"] input`;
    onChange([...questions, made]);
  };
  return (
    <section className="card stack" aria-labelledby="questions">
      <h2 id="questions">{texts.questions}</h2>
      {questions.length === 0 && <p className="small muted">{texts.noQuestions}</p>}
      <ol ref={list} className="form-questions">
        {questions.map((question, place) => (
          <QuestionEditor
            key={question.key}
            question={question}
            earlier={questions.slice(0, place)}
            place={{ number: place + 1, of: questions.length }}
            onChange={(changed) => onChange(questions.with(place, changed))}
            onMove={(by) => move(place, by)}
            onRemove={() => onChange(questions.toSpliced(place, 1))}
          />
        ))}
      </ol>
      <div className="row">
        <select
          className="narrow"
          aria-label={texts.kind}
          value={kind}
          onChange={(event) => setKind(event.target.value as Kind)}
        >
          {KINDS.map((known) => (
            <option key={known} value={known}>
              {texts.kinds[known]}
            </option>
          ))}
        </select>
        <button type="button" className="button" onClick={add}>
          {texts.add}
        </button>
      </div>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </section>
  );
}
