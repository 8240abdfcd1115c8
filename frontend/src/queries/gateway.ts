import { queryOptions } from "@tanstack/react-query";
import { csrfHeaders, toApiError } from "@/lib/api";
import { readEvents } from "@/lib/sse";

export interface ChatMessage {
  role: "user" | "assistant";
  content: string;
}

export interface ChatSettings {
  model: string;
  temperature: number;
  max_tokens: number;
}

const headers = (project: string) => ({
  "Content-Type": "application/json",
  "X-Redraft-Project": project,
  ...csrfHeaders(),
});

/** Names that the gateway serves in a project: aliases first. */
export const modelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "models"],
    queryFn: async (): Promise<string[]> => {
      const response = await answered(fetch("/v1/models", { headers: headers(project) }));
      if (!response.ok) throw toApiError(response.status, await response.json().catch(() => null));
      const list = (await response.json()) as { data: { id: string }[] };
      return list.data.map((model) => model.id);
    },
  });

/** The pieces of an answer as they come; an answer that breaks off is an error. */
export async function* chat(
  project: string,
  messages: ChatMessage[],
  settings: ChatSettings,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const body = JSON.stringify({ ...settings, messages, stream: true });
  const response = await answered(
    fetch("/v1/chat/completions", { method: "POST", headers: headers(project), body, signal }),
  );
  if (!response.ok || !response.body)
    throw toApiError(response.status, await response.json().catch(() => null));
  const events = readEvents(response.body);
  try {
    for (;;) {
      const { done, value } = await answered(events.next());
      if (done) throw toApiError(502, { code: "cut_off", message: "The answer broke off before its end." });
      if (value.data === "[DONE]") return;
      const piece = pieceOf(value.data);
      if (piece) yield piece;
    }
  } finally {
    await events.return(undefined);
  }
}

/** What a chunk adds to the answer; an engine that fails midway says so in a chunk. */
export function pieceOf(data: string): string {
  const chunk = JSON.parse(data) as {
    choices?: { delta?: { content?: string | null } }[];
    error?: { message?: string };
  };
  if (chunk.error) {
    throw toApiError(502, { code: "engine_failed", message: chunk.error.message ?? "The engine failed." });
  }
  return chunk.choices?.[0]?.delta?.content ?? "";
}

/** A network that fails in the words of the API; an abort stays what it is. */
async function answered<T>(waiting: Promise<T>): Promise<T> {
  try {
    return await waiting;
  } catch (error) {
    if (error instanceof TypeError) throw toApiError(0, { code: "offline", message: String(error) });
    throw error;
  }
}
