// The experiments that the program beside the sandbox offers in the lab: what they do, their progress, how they ended.

import { get, post } from "./api.js";
import { fill, h } from "./dom.js";
import { field } from "./overlay.js";
import { pick, words } from "./words.js";

export class Experiments {
  constructor(store, hooks) {
    this.hooks = hooks;
    this.list = [];
    this.element = h("section.experiments", { hidden: true });
    store.on("experiments", () => this.load());
    store.on("experiment", ({ experiment }) => this.#changed(experiment));
  }

  async load() {
    const answer = await this.hooks.doing(get("/api/experiments"));
    const chosen = new Map(this.list.map((each) => [each.id, each.chosen]));
    this.list = (answer?.experiments ?? []).map((each) => ({ ...each, chosen: chosen.get(each.id) }));
    this.sync();
  }

  /** Draw all of them in the page's language. */
  sync() {
    const running = this.list.some((each) => each.state === "running");
    this.element.hidden = !this.list.length;
    fill(this.element, h("h3", {}, words(this.hooks.lang(), "experiments")), this.list.map((each) => this.#row(each, running)));
  }

  #row(each, running) {
    const lang = this.hooks.lang();
    const chosen = (value) => (each.chosen = value);
    const option = ({ value, label }) => h("option", { value, selected: value === each.chosen }, pick(lang, label));
    const select = each.choices?.length ? h("select.text-field", { disabled: running, on: { change: (event) => chosen(event.target.value) } }, each.choices.map(option)) : null;
    const run = () => this.hooks.doing(post(`/api/experiments/${each.id}`, { choice: select?.value ?? "" }));
    const idle = each.state === "idle";
    return h("div.experiment", { data: { state: each.state } },
      h("p.quiet", {}, pick(lang, each.note)),
      select ? field(words(lang, "experiment_choice"), select) : null,
      h("button.small-button.strong", { type: "button", disabled: running, on: { click: run } }, pick(lang, each.label)),
      each.state === "running" ? h("progress", { value: each.of ? each.done : undefined, max: each.of || undefined, "aria-label": pick(lang, each.label) }) : null,
      h("p.experiment-said", { role: "status" }, idle ? "" : pick(lang, each.said)));
  }

  // What an experiment can be done to may have changed by the time it has ended.
  #changed(experiment) {
    this.list = this.list.map((each) => (each.id === experiment.id ? { ...each, ...experiment } : each));
    if (experiment.state === "running") this.sync();
    else this.load();
  }
}
