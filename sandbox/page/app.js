// Puts the page together: the bar, the people, the panes, the lab; remembers what was shown where.

import { avatar, coalesced, fill, fullName, h, icon, iconButton } from "./dom.js";
import { ClockBar } from "./clock.js";
import { Lab } from "./lab.js";
import { Pane } from "./chat.js";
import { PeopleList } from "./people.js";
import { Store } from "./store.js";
import { pickIn, toast } from "./overlay.js";
import { pageLanguage, words } from "./words.js";

const MEMORY = "sandbox.page";
const MOST_PANES = 3;
const NARROWEST = 300; // pixels that a chat needs beside the lab
const phone = matchMedia("(max-width: 760px)");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const asked = new URLSearchParams(location.search);

class App {
  constructor() {
    this.store = new Store();
    this.memory = recall();
    this.panes = [];
    this.active = null;
    const doing = (promise) => this.doing(promise);
    const lang = () => this.lang();
    const zone = () => this.memory.zone ?? "Asia/Shanghai";
    this.clock = new ClockBar(this.store, { lang, doing, zone, setZone: (wanted) => this.#remember({ zone: wanted }, () => this.words()) });
    this.people = new PeopleList(this.store, {
      lang, doing, zone,
      open: (person, number, chat) => this.openPerson(person, number, chat),
      panesOf: (id) => (phone.matches ? [] : this.panes.filter((pane) => pane.personId === id).map((pane) => pane.number)),
      paneNumbers: () => this.panes.map((pane) => pane.number),
      activePerson: () => this.active?.personId,
      stage: () => this.stage,
    });
    this.lab = new Lab(this.store, {
      lang, doing,
      toggled: (open) => {
        this.labButton.setAttribute("aria-expanded", String(open));
        this.#fit();
      },
      faulty: (faulty) => this.labButton.classList.toggle("alarm", faulty),
      confirmReset: () => this.people.confirmReset(),
    });
    this.labButton = iconButton("flask", "", () => this.lab.toggle());
    this.themeButton = iconButton("moon", "", () => this.#flipTheme());
    this.langButton = h("button.text-button", { type: "button", on: { click: () => this.#flipLanguage() } });
    this.countButtons = h("div.pane-count", { role: "group" });
    this.bar = h("header.bar", {}, this.clock.element, h("div.tools", {}, this.countButtons, this.langButton, this.themeButton, this.labButton));
    this.stage = h("main.stage", {});
    this.element = h("div.app", {}, this.bar, h("div.main", {}, this.people.element, this.stage, this.lab.element));
    this.syncPeople = coalesced(() => {
      this.people.sync();
      this.#title();
    }, 60);
    this.#theme();
  }

  lang() {
    return asked.get("lang") ?? this.memory.lang ?? pageLanguage(navigator.language);
  }

  async doing(promise) {
    try {
      return await promise;
    } catch (error) {
      toast(this.stage, error.key ? words(this.lang(), error.key) : error.message);
      return undefined;
    }
  }

  async start() {
    document.body.replaceChildren(this.element);
    this.#listen();
    this.words();
    await this.store.start();
    document.documentElement.dataset.ready = "true";
    const link = asked.get("open");
    if (link) await this.#openLink(link);
  }

  // `?open=<link>`: a page outside leads here as it would lead into the app; who opens the link is asked first.
  async #openLink(link) {
    asked.delete("open");
    history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
    const people = [...this.store.people.values()].filter((each) => !each.deactivated);
    const items = people.map((each) => ({ label: fullName(each), note: each.role_note, face: avatar(fullName(each), each.avatar_hue, ".medium"), value: each.id }));
    const who = await pickIn(this.stage, words(this.lang(), "who_opens"), items, this.lang());
    if (who === undefined) return;
    this.openPerson(who);
    await this.active.actions.open(link);
  }

  #listen() {
    const { store } = this;
    const toPanes = (method) => (event) => this.panes.forEach((pane) => pane[method](event));
    store.on("reload", () => this.#arrange());
    store.on("message", toPanes("onMessage"));
    store.on("edit", toPanes("onEdit"));
    for (const type of ["delete", "reaction"]) store.on(type, toPanes("onChange"));
    store.on("action", toPanes("onAction"));
    store.on("answer", (event) => this.#answered(event));
    store.on("inline_results", (event) => this.panes.filter((pane) => pane.personId === event.person).forEach((pane) => pane.composer.inlineResults(event)));
    store.on("person", ({ person }) => this.#personChanged(person));
    for (const type of ["chat", "bot", "unread"]) store.on(type, () => this.panes.forEach((pane) => pane.refresh()));
    for (const type of ["message", "edit", "delete", "person", "chat", "unread"]) store.on(type, this.syncPeople);
    store.on("clock", () => {
      this.clock.tick();
      this.clock.sync();
      this.panes.forEach((pane) => pane.history?.soon());
    });
    store.on("marks", () => this.clock.sync());
    store.on("online", () => this.clock.sync());
    phone.addEventListener("change", () => this.#arrange(true));
    addEventListener("resize", coalesced(() => this.#fit(), 60));
    systemDark.addEventListener("change", () => this.#theme());
    document.addEventListener("visibilitychange", () => this.panes.forEach((pane) => pane.seen()));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  // A pane that waits for this answer shows it; otherwise (tapped by a test, or the tap's own response is still on its way)
  // the first pane of that person does, a moment later.
  #answered(event) {
    if (this.panes.some((pane) => pane.actions.settle(event))) return;
    setTimeout(() => !event.shown && this.panes.find((pane) => pane.personId === event.person)?.actions.answered(event), 400);
  }

  #personChanged(person) {
    if (!this.panes.some((pane) => pane.personId)) this.#arrange();
    for (const pane of this.panes.filter((each) => each.personId === person.id)) {
      const language = `${person.language_code} ${person.time_zone}`;
      if (pane.spoken !== undefined && pane.spoken !== language) pane.rebuild();
      else pane.refresh();
      pane.spoken = language;
    }
  }

  /** The panes that fit, each with what it showed before or the next person who is nowhere yet. */
  #arrange(afresh = false) {
    const shown = afresh ? [] : this.panes;
    const people = [...this.store.people.values()];
    const room = phone.matches ? 1 : Math.max(1, Math.min(MOST_PANES, Math.floor(innerWidth / 400)));
    const wanted = (shown.length ? "" : asked.get("people") ?? "").split(",").map(Number).filter((id) => this.store.people.has(id));
    const count = phone.matches ? 1 : Math.min(MOST_PANES, wanted.length || shown.length || this.memory.count || Math.min(2, room), Math.max(1, people.length));
    const before = wanted.length ? wanted.map((person) => ({ person })) : shown.length ? shown.map((pane) => ({ person: pane.personId, chat: pane.chatKey })) : this.memory.panes ?? [];
    this.#setPanes(count, before);
  }

  #setPanes(count, before) {
    const people = [...this.store.people.values()];
    for (const pane of this.panes.splice(count)) {
      pane.history?.close();
      pane.element.remove();
    }
    while (this.panes.length < count) {
      const pane = new Pane(this.panes.length + 1, this.store, { activate: (each) => this.#activate(each), changed: () => this.#changed(), close: (each) => this.#closePane(each) });
      this.panes.push(pane);
      this.stage.append(pane.element);
    }
    const used = new Set();
    this.settling = true;
    this.panes.forEach((pane, index) => {
      const old = before[index];
      const known = old && this.store.people.has(old.person) ? old : null;
      const free = people.find((person) => !used.has(person.id) && !before.some((each) => each.person === person.id)) ?? people.find((person) => !used.has(person.id)) ?? people[0];
      const person = known?.person ?? free?.id;
      used.add(person);
      if (person !== undefined) pane.show(person, known?.chat);
    });
    this.settling = false;
    this.stage.dataset.panes = String(this.panes.length);
    this.#welcome(people.length === 0);
    if (!this.panes.includes(this.active)) this.active = null;
    this.#activate(this.active ?? this.panes[0]);
    this.#changed();
    this.words();
  }

  // The open lab takes its room beside the chats: those that would get too narrow wait until it is closed.
  #fit() {
    const room = this.lab.isOpen && !phone.matches ? Math.max(1, Math.floor(this.stage.clientWidth / NARROWEST)) : MOST_PANES;
    let others = room - 1;
    for (const pane of this.panes) pane.element.hidden = this.empty || (pane !== this.active && others-- <= 0);
  }

  #welcome(empty) {
    this.stage.querySelector(".welcome")?.remove();
    this.empty = empty;
    this.#fit();
    if (empty) this.stage.append(h("div.welcome", {}, h("p", {}, this.store.deserted ? words(this.lang(), "empty_people") : "")));
  }

  #closePane(pane) {
    const left = this.panes.filter((each) => each !== pane).map((each) => ({ person: each.personId, chat: each.chatKey }));
    this.memory.count = left.length;
    this.#setPanes(left.length, left);
  }

  /** Show a person: in the pane that is asked for, in one that already shows them, or in the active one. */
  openPerson(id, number, chat) {
    if (!this.panes.length || !this.panes[0].personId) this.#arrange();
    const pane = (number && this.panes[number - 1]) || (!chat && this.panes.find((each) => each.personId === id)) || this.active || this.panes[0];
    this.#activate(pane);
    if (pane.personId !== id || chat) pane.show(id, chat);
    if (!matchMedia("(pointer: coarse)").matches) pane.composer.focus();
  }

  #activate(pane) {
    if (this.active === pane) return;
    this.active = pane;
    for (const each of this.panes) each.element.classList.toggle("active", each === pane);
    this.#fit();
    this.syncPeople();
  }

  // The tab tells how much is unread.
  #title() {
    const unread = [...this.store.people.values()].reduce((sum, person) => sum + this.store.unreadOf(person), 0);
    document.title = (unread ? `(${unread}) ` : "") + words(this.lang(), "title");
  }

  #changed() {
    if (this.settling) return;
    this.syncPeople();
    for (const pane of this.panes) pane.spoken = `${pane.person?.language_code} ${pane.person?.time_zone}`;
    if (phone.matches) return;
    this.#remember({ panes: this.panes.map((pane) => ({ person: pane.personId, chat: pane.chatKey })) });
  }

  #remember(values, then) {
    Object.assign(this.memory, values);
    try {
      localStorage.setItem(MEMORY, JSON.stringify(this.memory));
    } catch {
      // A browser that keeps nothing still shows everything.
    }
    then?.();
  }

  /** Everything of the frame that has words. */
  words() {
    const lang = this.lang();
    const word = (key, values) => words(lang, key, values);
    document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
    this.stage.setAttribute("aria-label", word("chat"));
    for (const [button, key] of [[this.labButton, "lab"], [this.themeButton, "theme"]]) {
      button.setAttribute("aria-label", word(key));
      button.title = word(key);
    }
    this.langButton.textContent = word("page_language");
    this.langButton.lang = lang === "zh" ? "en" : "zh-CN";
    this.countButtons.setAttribute("aria-label", word("panes"));
    const count = (number) => h("button", { type: "button", "aria-pressed": String(this.panes.length === number), on: { click: () => this.#count(number) } }, String(number));
    fill(this.countButtons, [1, 2, 3].map(count));
    this.people.sync();
    this.clock.tick();
    this.clock.sync();
    this.lab.sync();
  }

  #count(number) {
    const before = this.panes.map((pane) => ({ person: pane.personId, chat: pane.chatKey }));
    this.#remember({ count: number });
    this.#setPanes(number, before);
  }

  #flipLanguage() {
    asked.delete("lang");
    this.#remember({ lang: this.lang() === "zh" ? "en" : "zh" }, () => this.words());
  }

  #theme() {
    const theme = asked.get("theme") ?? this.memory.theme;
    const dark = theme ? theme === "dark" : systemDark.matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    this.themeButton.replaceChildren(icon(dark ? "sun" : "moon"));
    return dark;
  }

  #flipTheme() {
    const dark = this.#theme();
    asked.delete("theme");
    this.#remember({ theme: dark ? "light" : "dark" }, () => this.#theme());
  }

  // F6 goes from region to region; Alt and a number to a pane's writing field.
  #shortcut(event) {
    if (event.altKey && /^Digit[1-3]$/.test(event.code)) {
      this.panes[Number(event.code.at(-1)) - 1]?.composer.focus();
      event.preventDefault();
    } else if (event.key === "F6") {
      const stops = [this.people.element.querySelector(".person[aria-current=true], .person"), ...this.panes.map((pane) => pane.composer.input ?? pane.composer.element.querySelector("button") ?? pane.element)].filter(Boolean);
      const at = stops.findIndex((stop) => stop.closest(".pane, .people")?.contains(document.activeElement));
      stops.at((at + (event.shiftKey ? -1 : 1)) % stops.length)?.focus();
      event.preventDefault();
    }
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY)) ?? {};
  } catch {
    return {};
  }
}

new App().start();
