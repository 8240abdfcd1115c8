import { useState } from "react";
import { Questions } from "@/components/questions";
import { Rating } from "@/components/rating";
import type { Answers, Form } from "@/lib/form";
import { texts as common } from "@/lib/texts";
import { texts } from "./texts";

/** The form as annotators see it; answers can be tried out. */
export function Preview({ form }: { form: Form }) {
  const [answers, setAnswers] = useState<Answers>({});
  const [rating, setRating] = useState<number | null>(null);
  return (
    <section className="card stack" aria-labelledby="preview">
      <div>
        <h2 id="preview">{texts.preview}</h2>
        <p className="small muted">{texts.previewWhy}</p>
      </div>
      <Rating
        label={form.rating.required ? common.form.required(texts.rating) : texts.rating}
        levels={form.rating.points ?? 5}
        names={form.rating.labels}
        value={rating}
        onChange={setRating}
      />
      {form.tags && form.tags.length > 0 && (
        <div className="row">
          {form.tags.map((tag) => (
            <span key={tag} className="badge">
              {tag}
            </span>
          ))}
        </div>
      )}
      <Questions form={form} answers={answers} onChange={setAnswers} />
    </section>
  );
}
