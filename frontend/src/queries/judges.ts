import { queryOptions } from "@tanstack/react-query";
import { client, csrfHeaders, type Shapes, toApiError, unwrap } from "@/lib/api";
import { readEvents } from "@/lib/sse";

export type Judge = Shapes["JudgeShape"];

/** The models that can judge in a project; the first is asked where none is named. */
export const judgesQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "judges"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/judges", { params: { path: { project } } })),
  });

export type ProposalEvent =
  | { kind: "delta"; text: string }
  | { kind: "done"; text: string; judge: string }
  | { kind: "error"; code: string; message: string };

/** Stream the sentence that a model proposes as a rule from critiques; leaving the loop stops it. */
export async function* proposeRule(
  project: string,
  critiques: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<ProposalEvent> {
  try {
    const response = await fetch(`/api/projects/${project}/rules/proposals`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...csrfHeaders() },
      body: JSON.stringify({ critique_ids: critiques }),
      signal,
    });
    if (!response.ok || !response.body)
      throw toApiError(response.status, await response.json().catch(() => null));
    for await (const event of readEvents(response.body)) {
      yield { kind: event.name, ...JSON.parse(event.data) } as ProposalEvent;
    }
  } catch (error) {
    if (signal.aborted) return;
    // What a browser throws when there is no connection, or it breaks in the middle.
    if (error instanceof TypeError) throw toApiError(0, { code: "offline", message: error.message });
    throw error;
  }
}
