// One pane: one person's view of one chat, like that person's own device.

import { Actions } from "./actions.js";
import { post } from "./api.js";
import { Composer } from "./composer.js";
import { avatar, coalesced, fill, flag, fullName, h, hueOf, icon, iconButton } from "./dom.js";
import { History } from "./history.js";
import { senderHue, summary } from "./message.js";
import { menuAt, toast } from "./overlay.js";
import { personItems } from "./people.js";
import { viewer } from "./picture.js";
import { isTalk } from "./store.js";
import { pick, words } from "./words.js";

const ACTION_MS = 5500; // a chat action lasts five seconds (Bot API sendChatAction)

export class Pane {
  constructor(number, store, hooks) {
    this.number = number;
    this.store = store;
    this.hooks = hooks;
    this.actions = new Actions(this);
    this.who = h("button.who", { type: "button", "aria-haspopup": "menu", on: { click: () => this.#pickPerson() } });
    this.tabs = h("nav.tabs");
    this.head = h("div.chat-head");
    this.body = h("div.pane-body");
    this.heard = h("div.visually-hidden", { "aria-live": "polite" });
    this.composer = new Composer(this, store);
    const shut = iconButton("close", "", () => hooks.close(this), ".shut");
    this.shut = shut;
    this.element = h("section.pane", { tabindex: "-1" }, h("header.pane-head", {}, this.who, this.tabs, shut), this.head, this.body, this.composer.element, this.heard);
    this.element.addEventListener("focusin", () => hooks.activate(this));
    this.element.addEventListener("pointerdown", () => hooks.activate(this));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.#acceptDrops();
    this.context = this.#context();
    this.refresh = coalesced(() => this.heads(), 60);
  }

  get person() {
    return this.store.people.get(this.personId);
  }

  get chat() {
    return this.store.chats.get(this.chatKey);
  }

  get lang() {
    return this.person?.language_code ?? "en";
  }

  word(key, values) {
    return words(this.lang, key, values);
  }

  // What message views may see and do. Plain, so that rich messages can put their own buttons over it.
  #context() {
    const pane = this;
    return {
      get lang() { return pane.lang; },
      get timeZone() { return pane.person?.time_zone; },
      get person() { return pane.person; },
      get chat() { return pane.chat; },
      now: () => pane.store.now(),
      hue: (from) => senderHue(pane.store, from),
      isMine: (message) => message.from?.id === pane.personId && !message.sender_chat,
      openLink: (url) => pane.actions.open(url),
      say: (text) => pane.composer.say(text),
      copy: (text) => pane.actions.copy(text),
      view: (media, caption) => viewer(media, caption, pane.lang),
      press: (message, button) => pane.actions.press(message, button),
      messageMenu: (message, event, element) => pane.actions.messageMenu(message, event, element),
      showMessage: (id) => pane.history.showMessage(id),
      reachedEnd: () => pane.#read(),
    };
  }

  /** Show a person's chat; without a key, the first of theirs. */
  show(personId, chatKey) {
    this.personId = personId;
    const mine = this.store.chatsOf(personId);
    const wanted = mine.find((chat) => chat.key === chatKey) ?? mine[0];
    this.chatKey = wanted?.key;
    this.rebuild();
    this.hooks.changed(this);
    this.#read();
  }

  /** Draw the whole pane again (another chat, another language). */
  rebuild() {
    this.history?.close();
    this.actions.waiting.clear();
    this.element.setAttribute("aria-label", `${this.word("pane", { n: this.number })}: ${fullName(this.person)}`);
    this.element.lang = this.lang;
    this.shut.setAttribute("aria-label", this.word("close"));
    this.tabs.setAttribute("aria-label", this.word("chats_of", { name: fullName(this.person) }));
    this.history = new History(this.context, this.store);
    fill(this.body, this.history.element);
    this.heads();
    this.history.sync();
    this.composer.show();
  }

  /** The lines above the chat and what depends on the chat's state. */
  heads() {
    const { person, chat } = this;
    if (!person) return;
    fill(this.who, avatar(fullName(person), person.avatar_hue, ".small"), h("span.who-name", {}, fullName(person)), h("span.flag", { "aria-hidden": "true" }, flag(person.language_code)), icon("chevron"));
    this.who.setAttribute("aria-label", `${this.word("pick_person")}: ${fullName(person)}`);
    fill(this.tabs, this.store.chatsOf(person.id).map((each) => this.#tab(each)));
    if (!chat) return this.#noChat();
    const title = this.store.titleOf(chat, person.id);
    const name = h("span.chat-name", {}, title);
    const line = h("span.chat-line", {}, this.#line());
    const face = avatar(title, this.#hueOfChat(chat), ".medium");
    const switcher = h("button.chat-title", { type: "button", "aria-haspopup": "menu", on: { click: () => this.#pickChat(switcher) } }, face, h("span.chat-words", {}, name, line), icon("chevron"), this.#elsewhere());
    const more = iconButton("more", this.word("more"), () => menuAt(more, [...this.#groupItems(more), ...personItems(this, this.lang)], this.word("more")), ".more");
    more.setAttribute("aria-haspopup", "menu");
    fill(this.head, switcher, more);
    this.#empty();
    this.composer.show();
  }

  // Before the first bot has come: say how one gets here, and show its chat as soon as there is one.
  #noChat() {
    if (this.store.chatsOf(this.personId).length) return this.show(this.personId);
    fill(this.head);
    this.body.querySelector(".empty")?.remove();
    this.body.append(h("div.empty", {}, h("div.empty-card", {}, this.word("no_bot", { url: location.origin }))));
    return this.composer.show();
  }

  #tab(chat) {
    const title = this.store.titleOf(chat, this.personId);
    const unread = this.person.unread?.[chat.key] ?? 0;
    const here = chat.key === this.chatKey;
    const badge = unread && !here ? h("span.badge", { "aria-label": this.word("unread", { n: unread }) }, String(unread)) : null;
    const click = () => this.show(this.personId, chat.key);
    return h("button.tab", { type: "button", "aria-current": here ? "true" : null, on: { click } }, h("span", {}, title), badge);
  }

  // What waits in this person's other chats, for a phone that shows no tabs.
  #elsewhere() {
    const count = Object.entries(this.person.unread ?? {}).reduce((sum, [key, each]) => sum + (key === this.chatKey ? 0 : each), 0);
    return count ? h("span.badge", { "aria-label": this.word("unread", { n: count }) }, String(count)) : null;
  }

  #hueOfChat(chat) {
    const other = this.store.otherOf(chat, this.personId);
    if (other) return other.avatar_hue;
    return chat.type === "private" ? hueOf(this.store.botOf(chat)?.username ?? "bot") : hueOf(chat.title ?? chat.key);
  }

  #line() {
    const { chat } = this;
    if (this.action) {
      const uploading = this.action.startsWith("upload") || this.action.startsWith("record");
      return h("span.doing", {}, this.word(uploading ? "uploading" : "typing"), h("span.dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")));
    }
    if (chat.type === "private") {
      const online = this.store.botOf(chat)?.online !== false;
      return online ? this.word("bot") : h("span.stopped", {}, this.word("offline_hint"));
    }
    const other = this.store.otherOf(chat, this.personId);
    if (other) return other.role_note || "";
    return this.word("members", { n: chat.members.length + (chat.bots?.length ?? 0) });
  }

  #empty() {
    this.body.querySelector(".empty")?.remove();
    if (this.store.seen(this.chatKey, this.personId).length) return;
    const bot = this.chat.type === "private" ? this.store.botOf(this.chat) : null;
    const description = bot?.descriptions?.[this.lang.slice(0, 2)] || pick(this.lang, bot?.description);
    const card = description
      ? [h("strong", {}, this.word("bot_can")), h("p", {}, description)]
      : [h("span", {}, this.word("empty_chat"))];
    this.body.append(h("div.empty", {}, h("div.empty-card", {}, card)));
  }

  // ---- events of the world ----

  onMessage({ chat, message }) {
    if (chat !== this.chatKey) return this.refresh();
    if (message.only_for && message.only_for !== this.personId) return undefined;
    const mine = this.context.isMine(message);
    if (!mine) this.#acting(null);
    this.body.querySelector(".empty")?.remove();
    this.history.added(mine);
    this.composer.refreshKeys();
    this.refresh();
    if (!mine) this.say_aloud(`${this.word("new_message", { name: fullName(message.sender_chat ?? message.from) })}: ${summary(message, this.lang)}`);
    return this.#read();
  }

  onEdit({ chat, message }) {
    if (chat !== this.chatKey) return;
    this.history.soon();
    if (this.tapped === message.message_id) this.say_aloud(summary(message, this.lang));
  }

  onChange({ chat }) {
    if (chat !== undefined && chat !== this.chatKey) return;
    this.history.sync();
    this.#empty();
  }

  onAction({ chat, action }) {
    if (chat === this.chatKey) this.#acting(action);
  }

  #acting(action) {
    clearTimeout(this.actionTimer);
    const was = this.action;
    this.action = action;
    if (was !== action) this.heads();
    if (action) this.actionTimer = setTimeout(() => this.#acting(null), ACTION_MS);
  }

  say_aloud(text) {
    this.heard.textContent = text.slice(0, 300);
  }

  #read() {
    if (document.visibilityState !== "visible" || !this.history?.atEnd || !this.chatKey) return;
    this.doing(this.store.markRead(this.personId, this.chatKey));
  }

  /** Called when the page comes back into sight. */
  seen() {
    this.#read();
  }

  // ---- what the person does ----

  /** Wait for a call; a refusal becomes a toast in this pane and `undefined`. */
  async doing(promise) {
    try {
      return await promise;
    } catch (error) {
      toast(this.element, error.key ? this.word(error.key) : error.message);
      return undefined;
    }
  }

  #pickPerson() {
    const items = [...this.store.people.values()].map((each) => ({
      label: fullName(each), note: flag(each.language_code), checked: each.id === this.personId, run: () => this.show(each.id),
    }));
    menuAt(this.who, items, this.word("pick_person"));
  }

  // Who is in a group, and the bots that can be added to it or removed.
  #groupItems(anchor) {
    const { chat, store } = this;
    if (chat.type === "private" || isTalk(chat)) return [];
    const change = (values) => this.doing(post(`/api/chats/${encodeURIComponent(chat.key)}/members`, { ...values, by: this.personId }));
    const note = (id) => (chat.admins?.includes(id) ? this.word("admin") : "");
    const members = () => {
      const people = chat.members.map((id) => store.people.get(id)).filter(Boolean);
      const bots = [...store.bots.values()];
      const [inside, outside] = [true, false].map((wanted) => bots.filter((bot) => chat.bots.includes(bot.id) === wanted));
      menuAt(anchor, [
        ...people.map((each) => ({ label: fullName(each), note: note(each.id), face: "🙂", run: () => this.show(each.id, chat.key) })),
        ...inside.map((bot) => ({ label: this.word("remove_from_group", { name: bot.first_name }), note: note(bot.id), face: "🤖", danger: true, run: () => change({ remove: [bot.id] }) })),
        ...outside.map((bot) => ({ label: this.word("add_to_group", { name: bot.first_name }), face: "🤖", run: () => change({ add: [bot.id] }) })),
      ], this.word("members_label"));
    };
    return [{ label: this.word("members_label"), note: String(chat.members.length + chat.bots.length), face: "👥", run: members }, null];
  }

  #pickChat(anchor) {
    const items = this.store.chatsOf(this.personId).map((chat) => ({
      label: this.store.titleOf(chat, this.personId), note: String(this.person.unread?.[chat.key] || ""), checked: chat.key === this.chatKey, run: () => this.show(this.personId, chat.key),
    }));
    menuAt(anchor, items, this.word("choose_chat"));
  }

  #key(event) {
    const message = event.target.closest?.(".message");
    if (!message || event.target !== message) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (!this.history.step(event.key === "ArrowUp" ? -1 : 1)) this.composer.focus();
    } else if (event.key === "Escape") this.composer.focus();
    else if (event.key === "Enter") message.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
    else return;
    event.preventDefault();
  }

  #acceptDrops() {
    this.element.addEventListener("dragover", (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      this.element.classList.add("dropping");
    });
    this.element.addEventListener("dragleave", () => this.element.classList.remove("dropping"));
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.element.classList.remove("dropping");
      const [file] = event.dataTransfer.files;
      if (file && this.composer.input) this.composer.sendFile(file, file.type.startsWith("image/") ? "photo" : "document");
    });
  }
}
