import type { Shapes } from "@/lib/api";
import { texts } from "@/lib/texts";

/** Who wrote a critique: a person by name, code and models marked as what they are. */
export function Author({ author }: { author: Shapes["AuthorShape"] }) {
  return (
    <span className={author.kind === "annotator" ? "badge" : "badge machine"}>
      {author.kind === "annotator" ? author.name : `${texts.kinds[author.kind]} · ${author.name}`}
    </span>
  );
}
