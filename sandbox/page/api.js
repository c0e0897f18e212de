// The only module that talks to the server: JSON calls and the stream of events.

/** A refusal of the server, with its own sentence; without a server, `key` names the page's sentence. */
export class Refusal extends Error {
  constructor(sentence, key) {
    super(sentence);
    this.key = key;
  }
}

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refusal("not running", "not_running");
  }
  const text = await response.text();
  let value = {};
  try {
    value = text ? JSON.parse(text) : {};
  } catch {
    value = { error: text.slice(0, 200) };
  }
  if (!response.ok) throw new Refusal(value.error || `${response.status} ${response.statusText}`);
  return value;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

/** What one person does, e.g. `act(1001, "tap", {...})`. */
export const act = (personId, verb, body = {}) => post(`/api/people/${encodeURIComponent(personId)}/${verb}`, body);

/** Send a file as a person; `kind` is "photo" or "document". */
export function upload(personId, kind, chat, file, caption) {
  const form = new FormData();
  form.append("chat", chat);
  form.append("caption", caption);
  form.append("file", file, file.name || `${kind}.png`);
  return call("POST", `/api/people/${encodeURIComponent(personId)}/${kind}`, form);
}

/**
 * Follow the world's events from `since()` on, for ever. After a lost connection it comes back with the newest revision,
 * so nothing is missed; `onState(true|false)` tells whether the line is up.
 */
export function follow(since, onEvent, onState) {
  let source = null;
  let wait = 500;
  const open = () => {
    source = new EventSource(`/api/events?since=${since()}`);
    source.onopen = () => {
      wait = 500;
      onState(true);
    };
    source.onmessage = (event) => onEvent(JSON.parse(event.data));
    source.onerror = () => {
      source.close();
      onState(false);
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  open();
  addEventListener("pagehide", () => source.close());
}
