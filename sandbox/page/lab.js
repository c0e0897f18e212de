// The fault lab: make Telegram misbehave, watch what the bots call, keep and bring back the world.

import { get, patch, post, remove } from "./api.js";
import { coalesced, fill, h, iconButton } from "./dom.js";
import { Experiments } from "./experiments.js";
import { field } from "./overlay.js";
import { words } from "./words.js";

const KINDS = ["429", "500", "502", "slow", "reset_before", "reset_after", "hang", "truncate", "garbled", "refuse"];
const METHODS = ["*", "sendMessage", "sendPhoto", "sendMediaGroup", "sendDocument", "editMessageMedia", "editMessageCaption", "editMessageText", "editMessageReplyMarkup", "answerCallbackQuery", "answerInlineQuery", "getUpdates"];
const KEPT_CALLS = 150;

export class Lab {
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    this.calls = [];
    this.faults = [];
    this.snapshots = [];
    this.experiments = new Experiments(store, hooks);
    this.element = h("aside.lab", { hidden: true, tabindex: "-1" });
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    this.drawCalls = coalesced(() => this.#drawCalls());
    store.on("call", ({ call }) => this.#called(call));
    store.on("faults", ({ faults }) => {
      this.faults = faults;
      this.#drawFaults();
    });
  }

  word(key, values) {
    return words(this.hooks.lang(), key, values);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  async toggle(open = !this.isOpen) {
    this.element.hidden = !open;
    this.hooks.toggled(open);
    if (!open) return;
    this.sync();
    this.element.focus();
    this.experiments.load();
    const [faults, calls, limits] = await Promise.all(["/api/faults", "/api/calls", "/api/limits"].map((path) => this.hooks.doing(get(path))));
    this.faults = faults?.faults ?? [];
    this.calls = (calls?.calls ?? []).slice(-KEPT_CALLS);
    if (limits) this.limits.checked = limits.enabled !== false;
    this.#drawFaults();
    this.#drawCalls();
  }

  /** Draw the drawer in the page's language. */
  sync() {
    if (!this.isOpen) return;
    this.rules = h("ul.rules");
    this.log = h("tbody");
    this.limits = h("input", { type: "checkbox", on: { change: () => this.hooks.doing(patch("/api/limits", { enabled: this.limits.checked })) } });
    this.kept = h("div.snapshots");
    this.element.setAttribute("aria-label", this.word("lab"));
    const log = h("div.log", { tabindex: "0", role: "group", "aria-label": this.word("calls") }, h("table", {}, this.log));
    fill(
      this.element,
      h("div.lab-head", {}, h("h2", {}, this.word("lab")), iconButton("close", this.word("close"), () => this.toggle(false))),
      h("div.lab-body", {},
        this.experiments.element,
        h("section", {}, h("h3", {}, this.word("faults")), this.rules, this.#faultForm(), h("label.tick", {}, this.limits, this.word("limits"))),
        h("section", {}, h("h3", {}, this.word("world")), this.#worldButtons(), this.kept),
        h("section.calls", {}, h("h3", {}, this.word("calls")), log),
      ),
    );
    this.#drawFaults();
    this.#drawCalls();
    this.#drawSnapshots();
    this.experiments.sync();
  }

  #faultForm() {
    const option = (value) => h("option", { value }, value);
    const number = (name, value, more) => h("input.text-field", { name, type: "number", value, min: "0", ...more });
    const list = h("datalist", { id: "methods" }, METHODS.map(option));
    const submit = (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      const rule = { method: values.method || "*", kind: values.kind, probability: Number(values.probability || 100) / 100 };
      if (values.count) rule.count = Number(values.count);
      const seconds = Number(values.seconds || 1);
      if (values.kind === "429") rule.retry_after = Math.round(seconds);
      else rule.seconds = seconds;
      this.hooks.doing(post("/api/faults", rule)); // what is in force comes back as an event
    };
    return h("form.fault-form", { on: { submit } }, list,
      field(this.word("fault_kind"), h("select.text-field", { name: "kind" }, KINDS.map(option))),
      field(this.word("method"), h("input.text-field", { name: "method", list: "methods", value: "*", autocomplete: "off" })),
      field(`${this.word("probability")} %`, number("probability", "100", { max: "100" })),
      field(this.word("count"), number("count", "", { placeholder: "∞", min: "1" })),
      field(this.word("retry_after"), number("seconds", "3", { step: "any" })),
      h("button.small-button.strong", { type: "submit" }, this.word("add_fault")));
  }

  #drawFaults() {
    this.hooks.faulty(this.faults.some((rule) => rule.count !== 0));
    if (!this.rules) return;
    const row = (rule) => {
      const parts = [rule.method ?? "*", `${Math.round((rule.probability ?? 1) * 100)} %`, Number.isInteger(rule.count) ? `×${rule.count}` : "", rule.chat ?? "", rule.kind === "429" && rule.retry_after ? `${rule.retry_after} s` : rule.seconds ? `${rule.seconds} s` : ""];
      const drop = () => this.hooks.doing(remove(`/api/faults?id=${rule.id}`));
      return h(rule.count === 0 ? "li.spent" : "li", {}, h("strong", {}, rule.kind), h("span", {}, parts.filter(Boolean).join(" · ")), iconButton("close", this.word("remove"), drop));
    };
    const clear = () => this.hooks.doing(remove("/api/faults"));
    const all = this.faults.length > 1 ? h("li", {}, h("button.small-button", { type: "button", on: { click: clear } }, this.word("clear_faults"))) : null;
    fill(this.rules, this.faults.length ? [this.faults.map(row), all] : h("li.quiet", {}, this.word("no_faults")));
  }

  #worldButtons() {
    const keep = async () => {
      const answer = await this.hooks.doing(post("/api/snapshot"));
      if (!answer) return;
      this.snapshots.push({ id: answer.id, at: new Date() });
      this.#drawSnapshots();
    };
    const reset = async () => (await this.hooks.confirmReset()) && this.hooks.doing(post("/api/reset"));
    return h("div.world-buttons", {}, h("button.small-button", { type: "button", on: { click: keep } }, this.word("snapshot")), h("button.small-button.danger", { type: "button", on: { click: reset } }, this.word("reset")));
  }

  #drawSnapshots() {
    if (!this.kept) return;
    const button = ({ id, at }) => h("button.small-button", { type: "button", on: { click: () => this.hooks.doing(post("/api/restore", { id })) } }, `${this.word("restore")} ${at.toLocaleTimeString()}`);
    fill(this.kept, this.snapshots.map(button));
  }

  #called(call) {
    this.calls.push(call);
    if (this.calls.length > KEPT_CALLS) this.calls.splice(0, this.calls.length - KEPT_CALLS);
    if (this.isOpen) this.drawCalls();
  }

  #drawCalls() {
    if (!this.log || !this.isOpen) return;
    const row = (call) => h("tr", { data: { ok: String(call.ok) } },
      h("td", {}, String(call.n ?? "")),
      h("td.call-method", {}, call.method),
      h("td", {}, call.chat_id === undefined || call.chat_id === null ? "" : String(call.chat_id)),
      h("td.call-code", {}, call.ok ? "ok" : String(call.error_code ?? "✗")),
      h("td", {}, Number.isFinite(call.seconds) ? `${Math.round(call.seconds * 1000)} ms` : ""));
    const rows = this.calls.filter((call) => call.method?.toLowerCase() !== "getupdates" || !call.ok).toReversed();
    fill(this.log, rows.length ? rows.map(row) : h("tr", {}, h("td.quiet", {}, this.word("log_empty"))));
  }
}
