import type { Shapes } from "@/lib/api";
import { texts } from "./texts";

/** What others wrote about this answer, where the project shows it. */
export function Others({ said }: { said: Shapes["OtherShape"][] }) {
  if (!said.length) return null;
  return (
    <details>
      <summary>{texts.others(said.length)}</summary>
      <ul className="lines">
        {said.map(({ author, text }) => (
          <li key={author}>
            <span className="small muted">{author}</span>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}
