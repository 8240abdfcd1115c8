import { Markdown } from "@/components/markdown";
import type { Origin, PairAssignment } from "@/queries/comparisons";
import { texts } from "./texts";

interface TwoAnswersProps {
  assignment: PairAssignment;
  origin: Origin | null;
}

/** The prompt, and both answers set alike; on a phone one below the other. */
export function TwoAnswers({ assignment, origin }: TwoAnswersProps) {
  const { messages, left, right, guidelines } = assignment;
  const sides = [
    { title: texts.first, text: left, by: origin?.left.name },
    { title: texts.second, text: right, by: origin?.right.name },
  ];
  return (
    <>
      <section className="card" aria-labelledby="prompt-title">
        <h2 id="prompt-title" className="eyebrow">
          {texts.prompt}
        </h2>
        {messages.map((message, place) => (
          <div key={`${message.role}-${place}`} className="paper prompt-message">
            {messages.length > 1 && <span className="badge">{message.role}</span>}
            <Markdown>{message.content}</Markdown>
          </div>
        ))}
        {guidelines && (
          <details className="small guidelines">
            <summary>{texts.guidelines}</summary>
            <Markdown>{guidelines}</Markdown>
          </details>
        )}
      </section>
      <div className="two-answers">
        {sides.map((side) => (
          <section key={side.title} className="card stack tight" aria-label={side.title}>
            <div className="row apart">
              <h2 className="eyebrow">{side.title}</h2>
              {side.by && <span className="badge">{side.by}</span>}
            </div>
            <div className="paper">
              <Markdown>{side.text}</Markdown>
            </div>
          </section>
        ))}
      </div>
    </>
  );
}
