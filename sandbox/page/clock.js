// The bar with the world's time and the ways to move it.

import { post } from "./api.js";
import { fill, h } from "./dom.js";
import { menuAt } from "./overlay.js";
import { ZONES } from "./people.js";
import { dateText, pick, relativeText, words } from "./words.js";

const compact = matchMedia("(max-width: 760px), (max-height: 560px)"); // as in frame.css

export class ClockBar {
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    this.time = h("time.clock-time");
    this.day = h("span.clock-day");
    this.zone = h("button.clock", { type: "button", "aria-haspopup": "menu", on: { click: () => this.#open() } }, this.time, this.day);
    this.jumps = h("div.jumps", { role: "group" });
    this.line = h("span.line-state", { role: "status" });
    this.element = h("div.clock-bar", {}, this.zone, this.line, this.jumps);
    setInterval(() => this.tick(), 1000);
    compact.addEventListener("change", () => this.sync());
  }

  word(key, values) {
    return words(this.hooks.lang(), key, values);
  }

  tick() {
    const lang = this.hooks.lang();
    const zone = this.hooks.zone();
    const now = this.store.now();
    this.time.textContent = dateText(lang, now, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    this.day.textContent = `${dateText(lang, now, zone, { weekday: "short", day: "numeric", month: "short" })} · ${zone.split("/").at(-1).replace("_", " ")}`;
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const text = relativeText(element.dataset.lang, new Date(element.dataset.relative * 1000), now);
      if (element.textContent !== text) element.textContent = text;
    }
    const passed = this.store.marks.filter((mark) => Date.parse(mark.at) <= now).length;
    if (passed !== this.passed) this.sync();
  }

  /** The buttons, drawn again when marks, language or offset change. */
  sync() {
    const lang = this.hooks.lang();
    const now = this.store.now();
    const ahead = this.store.marks.filter((mark) => Date.parse(mark.at) > now);
    this.passed = this.store.marks.length - ahead.length;
    const jump = (label, body, when = "") => ({ label, when, run: () => this.hooks.doing(post("/api/clock", body)) });
    const mark = (each) => {
      const label = pick(lang, each.label).replace(/^⏭\s*/u, "");
      const when = dateText(lang, new Date(each.at), this.hooks.zone(), { dateStyle: "medium", timeStyle: "short" });
      return jump(`⏭ ${label}`, { now: each.at }, when);
    };
    this.ways = [
      ...ahead.map(mark),
      jump(this.word("jump_hour"), { advance_seconds: 3600 }),
      jump(this.word("jump_day"), { advance_seconds: 86_400 }),
      ...(Math.abs(this.store.clock.offset) > 1 ? [jump(`↺ ${this.word("real_time")}`, { offset_seconds: 0 })] : []),
    ];
    const button = (way) => h(`button.jump-button${way.when ? ".mark" : ""}`, { type: "button", title: way.when, on: { click: way.run } }, way.label);
    fill(this.jumps, this.ways.map(button));
    this.jumps.setAttribute("aria-label", this.word("clock"));
    this.zone.setAttribute("aria-label", this.word(compact.matches ? "clock" : "time_zone"));
    this.zone.title = this.word(compact.matches ? "clock" : "time_zone");
    this.line.textContent = this.store.online ? "" : this.word("disconnected");
  }

  // Where there is little room, the ways to move the clock are in its menu.
  #open() {
    if (!compact.matches) return this.#zones();
    const ways = this.ways.map((way) => ({ label: way.label, note: way.when, run: way.run }));
    return menuAt(this.zone, [...ways, null, { label: this.word("time_zone"), note: this.hooks.zone(), face: "🕰", run: () => this.#zones() }], this.word("clock"));
  }

  #zones() {
    const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zones = [...new Set([...ZONES, mine])];
    const chosen = this.hooks.zone();
    menuAt(this.zone, zones.map((zone) => ({ label: zone, checked: zone === chosen, run: () => this.hooks.setZone(zone) })), this.word("time_zone"));
  }
}
