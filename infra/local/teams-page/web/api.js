/** Asks the page's server; throws with its status and sentence when it refuses. */
async function ask(path, options) {
  const response = await fetch(`/teams/${path}`, options);
  const body = await response.json();
  if (!response.ok) {
    const text = body.error ?? `The page's server answered ${response.status}.`;
    throw Object.assign(new Error(text), { status: response.status });
  }
  return body;
}

function post(path, body) {
  return ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const api = {
  /** What a person sees now; `as` is an object id or a role. */
  state: (as) => ask(`state?as=${encodeURIComponent(as)}`),
  /** Presses a button or refreshes a card; `{kind: "card" | "toast" | "error", …}`. */
  act: (action) => post("act", action),
  write: (as, text) => post("write", { as, text }),
  pace: (pace) => post("pace", { pace }),
};
