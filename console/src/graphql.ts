// One way to ask the server, so that its absence is noticed in one place.

import { observable } from "./observable";

/** Whether the last question was answered at all, and when one was, as the browser's clock has it. */
export const reachable = observable(true);
export const answeredAt = observable(Date.now());

export class ServerError extends Error {}

type Variables = Readonly<Record<string, unknown>>;

/** Data of a GraphQL answer. */
export async function ask<T>(query: string, variables: Variables = {}): Promise<T> {
  const answer = await fetched<{ data?: T | null; errors?: readonly { message: string }[] }>("graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  if (!answer.data) throw new ServerError(answer.errors?.map((error) => error.message).join("; ") || "the server sent no data");
  return answer.data;
}

/** JSON of a plain route. */
export function read<T>(address: string): Promise<T> {
  return fetched<T>(address, { headers: { Accept: "application/json" } });
}

async function fetched<T>(address: string, request: RequestInit): Promise<T> {
  const response = await fetch(address, request).catch(() => null);
  if (response) answeredAt.set(Date.now());
  reachable.set(response !== null);
  if (!response) throw new ServerError("the server cannot be reached");
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  const answer = isJson ? ((await response.json()) as T) : null;
  if (response.ok && answer !== null) return answer;
  throw new ServerError(reason(answer) || `the server answered ${response.status}`);
}

function reason(answer: unknown): string {
  const { error, hint, errors } = (answer ?? {}) as { error?: string; hint?: string; errors?: readonly { message: string }[] };
  return errors ? errors.map((one) => one.message).join("; ") : [error, hint].filter(Boolean).join("; ");
}
