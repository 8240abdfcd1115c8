import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import type { Draft } from "@/queries/critiques";

export type Adjudication = Shapes["AdjudicationShape"];
export type ContestedAnswer = Shapes["ContestedShape"];
export type Reviewable = Shapes["CritiqueShape"];
export type Event = Shapes["CritiqueEventShape"];
export type Agreement = Shapes["AgreementShape"];
export type Pair = Shapes["PairShape"];
export type Figure = Shapes["FigureShape"];
export type AuthorFigures = Shapes["AuthorFiguresShape"];

const at = (critique: number) => ({ params: { path: { critique_id: critique } } });

/** Everything that happened to a critique, oldest first. */
export const eventsQuery = (critique: number) =>
  queryOptions({
    queryKey: ["critique", critique, "events"],
    queryFn: () => unwrap(client.GET("/api/critiques/{critique_id}/history", at(critique))),
  });

/** Answers with several critiques; open ones are those of which none is accepted. */
export const contestedQuery = (project: string, isOpen: boolean) =>
  infiniteQueryOptions({
    queryKey: ["adjudications", project, isOpen],
    queryFn: ({ pageParam }) =>
      unwrap(
        client.GET("/api/projects/{project}/adjudications", {
          params: { path: { project }, query: { is_open: isOpen, after: pageParam, limit: 100 } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
  });

/** One answer with all its critiques. */
export const adjudicationQuery = (rollout: number) =>
  queryOptions({
    queryKey: ["adjudication", rollout],
    queryFn: () =>
      unwrap(
        client.GET("/api/rollouts/{rollout_id}/critiques", { params: { path: { rollout_id: rollout } } }),
      ),
  });

/** Agreement between authors, and what each of them does. */
export const agreementQuery = (project: string) =>
  queryOptions({
    queryKey: ["agreement", project],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/agreement", { params: { path: { project } } })),
    staleTime: 60_000,
  });

export type Review =
  | { verdict: "accept" }
  | { verdict: "return"; note: string }
  | { verdict: "correct"; note: string; draft: Draft };

/** Review a critique as it was read. */
export const useReview = (critique: Reviewable) =>
  useChange((review: Review) => send(critique.id, critique.revision?.id ?? 0, review));

function send(critique: number, revision_id: number, review: Review) {
  if (review.verdict === "accept") {
    const body = { revision_id, note: "" };
    return unwrap(client.POST("/api/critiques/{critique_id}/accept", { ...at(critique), body }));
  }
  if (review.verdict === "return") {
    const body = { revision_id, note: review.note };
    return unwrap(client.POST("/api/critiques/{critique_id}/return", { ...at(critique), body }));
  }
  const body = { revision_id, note: review.note, draft: review.draft };
  return unwrap(client.POST("/api/critiques/{critique_id}/correct", { ...at(critique), body }));
}

/** Hide a critique everywhere, or bring it back. */
export const useRemoval = (critique: number) =>
  useChange((how: "delete" | "restore") =>
    how === "delete"
      ? unwrap(client.DELETE("/api/critiques/{critique_id}", at(critique)))
      : unwrap(client.POST("/api/critiques/{critique_id}/restore", at(critique))),
  );

const CHANGED = ["critique", "adjudication", "adjudications", "agreement", "history"];

function useChange<T, R>(change: (body: T) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      queries.invalidateQueries({
        predicate: ({ queryKey }) => CHANGED.includes(String(queryKey[0])) || queryKey[2] === "data",
      }),
  });
}
