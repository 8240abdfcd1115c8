import { useInfiniteQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { texts as shared } from "@/lib/texts";
import { type Prompt, promptsQuery, type Split } from "@/queries/prompts";
import { texts } from "./texts";

const SPLITS: (Split | null)[] = [null, "train", "probe", "eval"];

interface TableProps {
  project: string;
  split: Split | null;
  onSplit: (split: Split | null) => void;
}

/** The prompts in import order, of one split or all, page by page. */
export function PromptTable({ project, split, onSplit }: TableProps) {
  const found = useInfiniteQuery(promptsQuery(project, split));
  const prompts = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="stack" aria-label={texts.list}>
      <fieldset className="row split-filter">
        <legend className="visually-hidden">{texts.split}</legend>
        {SPLITS.map((each) => (
          <button
            key={each ?? "all"}
            type="button"
            className="button small"
            aria-pressed={each === split}
            onClick={() => onSplit(each)}
          >
            {each ?? texts.all}
          </button>
        ))}
      </fieldset>
      <div className="card flush">
        {found.isPending ? (
          <div className="pad">
            <Skeleton lines={8} />
          </div>
        ) : prompts.length === 0 && !found.isError ? (
          <p className="pad muted">{texts.noneInSplit}</p>
        ) : (
          <Rows prompts={prompts} />
        )}
      </div>
      {found.isError && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.hasNextPage && (
        <div>
          <button
            type="button"
            className="button"
            disabled={found.isFetchingNextPage}
            onClick={() => found.fetchNextPage()}
          >
            {found.isFetchingNextPage ? shared.common.loading : shared.common.more}
          </button>
        </div>
      )}
    </section>
  );
}

function Rows({ prompts }: { prompts: Prompt[] }) {
  const c = texts.columns;
  return (
    <table className="prompt-table">
      <thead>
        <tr>
          <th scope="col">{c.prompt}</th>
          <th scope="col" className="wide">
            {c.split}
          </th>
          <th scope="col" className="number wide">
            {c.attempts}
          </th>
          <th scope="col" className="number wide">
            {c.critiques}
          </th>
        </tr>
      </thead>
      <tbody>
        {prompts.map((prompt) => (
          <tr key={prompt.id}>
            <td>
              <PromptText prompt={prompt} />
              <div className="row small muted narrow">
                <span className="badge">{prompt.split}</span>
                {c.attempts} {prompt.attempts} · {c.critiques} {prompt.critiques}
              </div>
            </td>
            <td className="wide">
              <span className="badge">{prompt.split}</span>
            </td>
            <td className="number wide">{prompt.attempts}</td>
            <td className="number wide">{prompt.critiques}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The last message; the rest of the chat, reference and metadata behind it. */
function PromptText({ prompt }: { prompt: Prompt }) {
  const d = texts.details;
  const earlier = prompt.messages.slice(0, -1);
  const text = prompt.messages.at(-1)?.content ?? "";
  const hasMetadata = Object.keys(prompt.metadata).length > 0;
  const plain = earlier.length === 0 && prompt.reference === null && !hasMetadata && text.length < 140;
  if (plain) return <span className="plain">{text}</span>;
  return (
    <details>
      <summary>
        <span className="clamp">{text}</span>
        {earlier.length > 0 && <span className="muted small">{d.messages(prompt.messages.length)}</span>}
      </summary>
      <div>
        <dl>
          {earlier.map((message, index) => (
            <Pair key={index} name={message.role} value={message.content} />
          ))}
          {prompt.reference !== null && <Pair name={d.reference} value={prompt.reference} />}
          {hasMetadata && <Pair name={d.metadata} value={JSON.stringify(prompt.metadata)} />}
        </dl>
      </div>
    </details>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
