// The list of people, and what can be done about one of them.

import { act, patch, post } from "./api.js";
import { LANGUAGES, avatar, flag, fullName, h, icon, iconButton } from "./dom.js";
import { summary } from "./message.js";
import { confirmIn, field, formIn, menuAt } from "./overlay.js";
import { clockTime, words } from "./words.js";

export const ZONES = ["Asia/Shanghai", "UTC", "Europe/London", "Europe/Berlin", "Europe/Moscow", "Asia/Tokyo", "America/New_York", "America/Los_Angeles"];

/** Menu items about a pane's person: language, zone, the bots they block, their account. */
export function personItems(pane, lang) {
  const { person, store } = pane;
  const change = (values) => pane.doing(patch(`/api/people/${person.id}`, values));
  const word = (key, values) => words(lang, key, values);
  const bots = [...store.bots.values()].map((bot) => {
    const blocked = person.blocked?.includes(bot.username);
    return {
      label: word(blocked ? "unblock" : "block", { bot: bot.first_name }), face: blocked ? "✅" : "🚫", danger: !blocked,
      run: () => pane.doing(act(person.id, blocked ? "unblock" : "block", { bot: bot.username })),
    };
  });
  const anchor = pane.anchor ?? pane.head.querySelector(".more") ?? pane.element;
  const languages = () => menuAt(anchor, LANGUAGES.map(([code, name]) => ({ label: name, note: flag(code), checked: person.language_code?.slice(0, 2) === code, run: () => change({ language_code: code }) })), word("language"));
  const zones = () => menuAt(anchor, ZONES.map((zone) => ({ label: zone, checked: person.time_zone === zone, run: () => change({ time_zone: zone }) })), word("time_zone"));
  return [
    { label: word("language"), note: flag(person.language_code), face: "🌐", run: languages },
    { label: word("time_zone"), note: person.time_zone ?? "", face: "🕰", run: zones },
    ...(bots.length ? [null, ...bots] : []),
    null,
    { label: word("deactivate"), face: "🗑", danger: true, run: () => change({ deactivated: !person.deactivated }) },
  ];
}

export class PeopleList {
  constructor(store, hooks) {
    this.store = store;
    this.hooks = hooks;
    this.rows = new Map();
    this.list = h("ul.people-list");
    this.title = h("h1", {});
    this.add = iconButton("add", "", () => this.#addMenu(), ".add");
    this.add.setAttribute("aria-haspopup", "menu");
    this.hint = h("p.people-hint");
    this.element = h("aside.people", {}, h("div.people-head", {}, this.title, this.add), this.list, this.hint);
    this.list.addEventListener("keydown", (event) => this.#key(event));
  }

  word(key, values) {
    return words(this.hooks.lang(), key, values);
  }

  /** Bring every row up to date; rows keep their elements, so focus stays where it is. */
  sync() {
    this.title.textContent = this.word("people");
    this.element.setAttribute("aria-label", this.word("people"));
    this.add.setAttribute("aria-label", this.word("add"));
    this.add.title = this.word("add");
    this.hint.textContent = this.store.deserted ? this.word("empty_people") : "";
    this.newest = this.#newest();
    const keep = new Set();
    for (const person of this.store.people.values()) {
      keep.add(person.id);
      const row = this.rows.get(person.id) ?? this.#row(person.id);
      this.#update(row, person);
    }
    for (const [id, row] of this.rows) {
      if (keep.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
  }

  #row(id) {
    const face = h("span.face");
    const text = h("span.person-words");
    const main = h("button.person", { type: "button", data: { person: id }, on: { click: () => this.hooks.open(id) } }, face, text);
    const more = iconButton("more", "", () => this.#menu(id, more), ".person-more");
    more.setAttribute("aria-haspopup", "menu");
    const row = { element: h("li", {}, main, more), main, face, text, more };
    this.list.append(row.element);
    this.rows.set(id, row);
    return row;
  }

  #update(row, person) {
    const { store } = this;
    const panes = this.hooks.panesOf(person.id);
    const unread = store.unreadOf(person);
    const last = this.newest.get(person.id);
    const blocked = person.blocked?.length > 0;
    const state = JSON.stringify([person.first_name, person.last_name, person.role_note, person.language_code, person.deactivated, blocked, unread, panes, last?.message_id, last?.edit_date, this.hooks.lang(), this.hooks.zone(), this.hooks.activePerson() === person.id]);
    if (row.state === state) return;
    row.state = state;
    const name = fullName(person);
    const badge = unread ? h("span.badge", { "aria-label": this.word("unread", { n: unread }) }, String(unread)) : null;
    row.face.replaceChildren(avatar(name, person.avatar_hue, ".large"), ...(blocked ? [h("span.blocked-mark", { title: this.word("blocked") }, icon("block"))] : []));
    const time = last ? h("time.person-time", {}, clockTime(this.hooks.lang(), new Date(last.date * 1000), this.hooks.zone())) : null;
    const note = person.deactivated ? this.word("deactivated") : blocked ? this.word("blocked") : null;
    const preview = last ? summary(last, person.language_code) : "";
    row.text.replaceChildren(
      h("span.person-line", {}, h("span.person-name", {}, name), h("span.flag", { role: "img", "aria-label": person.language_code }, flag(person.language_code)), panes.length ? h("span.pane-marks", { "aria-hidden": "true" }, panes.map((number) => h("i", {}, String(number)))) : "", time ?? ""),
      h("span.person-line", {}, h("span.person-note", {}, person.role_note ? h("span.role", {}, person.role_note) : null, note ? h("span.state", {}, note) : h("span.preview", {}, preview)), badge ?? ""),
    );
    row.main.setAttribute("aria-current", String(this.hooks.activePerson() === person.id));
    row.main.classList.toggle("shown", panes.length > 0);
    row.more.setAttribute("aria-label", this.word("settings_of", { name }));
  }

  // The newest message of each person over all their chats, found in one walk: hundreds of people stay cheap.
  #newest() {
    const newest = new Map();
    for (const chat of this.store.chats.values()) {
      const list = this.store.messages.get(chat.key);
      if (!list?.length) continue;
      for (const person of chat.members ?? []) {
        const message = list.findLast((each) => !each.only_for || each.only_for === person);
        if (message && message.date >= (newest.get(person)?.date ?? 0)) newest.set(person, message);
      }
    }
    return newest;
  }

  #menu(id, anchor) {
    const person = this.store.people.get(id);
    const doing = (promise) => this.hooks.doing(promise);
    const items = personItems({ person, store: this.store, doing, anchor }, this.hooks.lang());
    const places = this.hooks.paneNumbers();
    const openIn = places.length > 1 ? [...places.map((number) => ({ label: this.word("pane", { n: number }), face: "💬", run: () => this.hooks.open(id, number) })), null] : [];
    menuAt(anchor, [...openIn, ...items], this.word("settings_of", { name: fullName(person) }));
  }

  #addMenu() {
    menuAt(this.add, [
      { label: this.word("add_person"), face: "🙂", run: () => this.#addPerson() },
      { label: this.word("new_group"), face: "👥", run: () => this.#addGroup() },
    ], this.word("add"));
  }

  async #addPerson() {
    const lang = this.hooks.lang();
    const text = (name, more = {}) => h("input.text-field", { name, type: "text", maxlength: "64", autocomplete: "off", ...more });
    const language = h("select.text-field", { name: "language_code" }, LANGUAGES.map(([code, name]) => h("option", { value: code }, `${flag(code)} ${name}`)));
    language.value = lang;
    const fields = [field(this.word("first_name"), text("first_name", { required: true })), field(this.word("last_name"), text("last_name")), field(this.word("language"), language), field(this.word("role"), text("role_note"))];
    const values = await formIn(this.hooks.stage(), this.word("add_person"), fields, this.word("create"), lang);
    if (!values) return;
    const body = Object.fromEntries(Object.entries(values).map(([key, [value]]) => [key, value.trim()]).filter(([, value]) => value));
    const person = await this.hooks.doing(post("/api/people", body));
    if (!person) return;
    this.store.people.set(person.id, person);
    this.hooks.open(person.id);
  }

  async #addGroup() {
    const lang = this.hooks.lang();
    const tick = (name, value, label) => h("label.tick", {}, h("input", { type: "checkbox", name, value: String(value), checked: true }), label);
    const people = [...this.store.people.values()].filter((person) => !person.deactivated);
    const fields = [
      field(this.word("group_name"), h("input.text-field", { name: "title", type: "text", required: true, maxlength: "128", autocomplete: "off" })),
      h("fieldset.ticks", {}, h("legend", {}, this.word("members_label")), people.map((person) => tick("members", person.id, fullName(person))), [...this.store.bots.values()].map((bot) => tick("members", bot.id, `🤖 ${bot.first_name}`))),
    ];
    const values = await formIn(this.hooks.stage(), this.word("new_group"), fields, this.word("create"), lang);
    if (!values) return;
    const members = (values.members ?? []).map(Number);
    const admin = members.find((id) => this.store.people.has(id));
    const chat = await this.hooks.doing(post("/api/chats", { type: "supergroup", title: values.title[0], members, admins: admin ? [admin] : [] }));
    if (!chat) return;
    this.store.chats.set(chat.key, chat);
    if (admin) this.hooks.open(admin, undefined, chat.key);
  }

  /** Ask before everything is thrown away. */
  confirmReset() {
    const lang = this.hooks.lang();
    return confirmIn(this.hooks.stage(), words(lang, "reset"), words(lang, "reset_ask"), words(lang, "yes_reset"), lang, true);
  }

  #key(event) {
    const all = [...this.list.querySelectorAll(".person")];
    const at = all.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    all.at(to % all.length)?.focus();
    event.preventDefault();
  }
}
