import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { promptQuery } from "@/queries/prompts";
import { texts } from "./texts";

/** All messages of a prompt, its reference and its metadata; asked for when one opens it. */
export function PromptDetails({ id }: { id: number }) {
  const found = useQuery(promptQuery(id));
  if (found.error) return <Problem error={found.error} retry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={2} />;
  const { messages, reference, metadata } = found.data;
  return (
    <dl className="prompt-details">
      {messages.map((message, place) => (
        <Pair key={place} name={message.role} value={message.content} />
      ))}
      {reference !== null && <Pair name={texts.reference} value={reference} />}
      {Object.keys(metadata).length > 0 && <Pair name={texts.metadata} value={JSON.stringify(metadata)} />}
    </dl>
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
