import { queryOptions } from "@tanstack/react-query";
import { client, csrfHeaders, type Shapes, toApiError, unwrap } from "@/lib/api";
import { readEvents } from "@/lib/sse";

export type Assignment = Shapes["AssignmentShape"];
export type Draft = Shapes["DraftBody"]["draft"];
export type Redraft = Shapes["RedraftShape"];
export type Verdict = Shapes["Verdict"];
export type Signal = Shapes["SignalShape"];

const at = (critique: number) => ({ params: { path: { critique_id: critique } } });

/** The next answer to critique; null when there is nothing to do. */
export const nextQuery = (project: string) =>
  queryOptions({
    queryKey: ["assignment", project],
    queryFn: async (): Promise<Assignment | null> => {
      const path = { project };
      return (
        (await unwrap(client.POST("/api/projects/{project}/assignments/next", { params: { path } }))) ?? null
      );
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

/** One critique with what it is about. */
export const critiqueQuery = (critique: number) =>
  queryOptions({
    queryKey: ["critique", critique],
    queryFn: () => unwrap(client.GET("/api/critiques/{critique_id}", at(critique))),
  });

/** The form in force for a critique of mine, asked afresh. */
export const currentForm = async (critique: number) =>
  (await unwrap(client.GET("/api/critiques/{critique_id}", at(critique)))).form;

/** My own critiques, whatever became of them. */
export const historyQuery = (project: string) =>
  queryOptions({
    queryKey: ["history", project],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/history", { params: { path: { project } } })),
  });

export const saveDraft = (critique: number, draft: Draft, version: number) =>
  unwrap(client.PUT("/api/critiques/{critique_id}/draft", { ...at(critique), body: { draft, version } }));

export const heartbeat = (critique: number) =>
  unwrap(client.POST("/api/critiques/{critique_id}/heartbeat", at(critique)));

export const compare = (critique: number, rollout: number, verdict: Verdict | null, rating: number | null) =>
  unwrap(
    client.PUT("/api/critiques/{critique_id}/redrafts/{rollout_id}", {
      params: { path: { critique_id: critique, rollout_id: rollout } },
      body: { verdict, rating },
    }),
  );

export const submit = (critique: number, draft: Draft, version: number, key: string) =>
  unwrap(
    client.POST("/api/critiques/{critique_id}/submit", {
      params: { path: { critique_id: critique }, header: { "idempotency-key": key } },
      body: { draft, version },
    }),
  );

export const putAside = (critique: number, how: "skip" | "discard", reason: string) =>
  unwrap(
    how === "skip"
      ? client.POST("/api/critiques/{critique_id}/skip", { ...at(critique), body: { reason } })
      : client.POST("/api/critiques/{critique_id}/discard", { ...at(critique), body: { reason } }),
  );

/** Leave an answer for later: it comes back at the end of my queue. */
export const postpone = (critique: number) =>
  unwrap(client.POST("/api/critiques/{critique_id}/postpone", at(critique)));

export const reopen = (critique: number) =>
  unwrap(client.POST("/api/critiques/{critique_id}/reopen", at(critique)));

/** What a critique would teach, token by token; nothing is stored. */
export const measureSignal = (critique: number, draft: Draft) =>
  unwrap(client.POST("/api/critiques/{critique_id}/signal", { ...at(critique), body: { draft } }));

export type RedraftEvent =
  | { kind: "start"; rollout_id: number; version: number }
  | { kind: "delta"; text: string }
  | { kind: "done"; rollout: Shapes["RolloutShape"] }
  | { kind: "error"; message: string };

/** Stream a redraft under the draft as it stands; leaving the loop stops it. */
export async function* redraft(
  critique: number,
  draft: Draft,
  version: number,
  signal: AbortSignal,
): AsyncGenerator<RedraftEvent> {
  let response: Response;
  try {
    response = await fetch(`/api/critiques/${critique}/redraft`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...csrfHeaders() },
      body: JSON.stringify({ draft, version }),
      signal,
    });
  } catch (error) {
    if (signal.aborted) return;
    throw toApiError(0, { code: "offline", message: String(error) });
  }
  if (!response.ok || !response.body)
    throw toApiError(response.status, await response.json().catch(() => null));
  try {
    for await (const event of readEvents(response.body)) {
      yield { kind: event.name, ...JSON.parse(event.data) } as RedraftEvent;
    }
  } catch (error) {
    if (signal.aborted) return;
    // What a browser throws when the connection breaks in the middle.
    if (error instanceof TypeError) throw toApiError(0, { code: "offline", message: error.message });
    throw error;
  }
}
