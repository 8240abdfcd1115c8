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
      const response = await fetch("/v1/models", { headers: headers(project) });
      if (!response.ok) throw toApiError(response.status, await response.json().catch(() => null));
      const list = (await response.json()) as { data: { id: string }[] };
      return list.data.map((model) => model.id);
    },
  });

/** The pieces of an answer as they come. */
export async function* chat(
  project: string,
  messages: ChatMessage[],
  settings: ChatSettings,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let response: Response;
  try {
    response = await fetch("/v1/chat/completions", {
      method: "POST",
      headers: headers(project),
      body: JSON.stringify({ ...settings, messages, stream: true }),
      signal,
    });
  } catch (error) {
    if (signal.aborted) return;
    throw toApiError(0, { code: "offline", message: String(error) });
  }
  if (!response.ok || !response.body)
    throw toApiError(response.status, await response.json().catch(() => null));
  for await (const event of readEvents(response.body)) {
    if (event.data === "[DONE]") return;
    const chunk = JSON.parse(event.data) as { choices: { delta: { content?: string } }[] };
    const piece = chunk.choices[0]?.delta.content;
    if (piece) yield piece;
  }
}
