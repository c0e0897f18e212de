// The bottom of a chat: writing, the command menu, inline results, attachments, the bot's reply keyboard, the Start button.

import { act, upload } from "./api.js";
import { fill, fullName, h, icon, iconButton } from "./dom.js";
import { summary } from "./message.js";
import { formIn, menuAt } from "./overlay.js";
import { thumbnailOf } from "./picture.js";
import { words } from "./words.js";

const INLINE_DELAY = 250; // milliseconds of quiet before a bot is asked for inline results

export class Composer {
  constructor(pane, store) {
    this.pane = pane;
    this.store = store;
    this.drafts = new Map();
    this.element = h("div.composer");
  }

  get lang() {
    return this.pane.lang;
  }

  word(key, values) {
    return words(this.lang, key, values);
  }

  /** Draw everything again, for another chat or another state of it. */
  show() {
    const { person, chat } = this.pane;
    const key = person && chat && `${person.id} ${chat.key}`;
    const state = JSON.stringify([key, this.lang, chat?.started, chat && this.store.isBlocked(person, chat), person?.deactivated, chat?.type, this.store.botOf(chat)?.menu_button, this.store.commandsFor(this.store.botOf(chat), person?.id), chat?.admins]);
    if (state === this.state) return;
    const moved = key !== this.key;
    const focused = this.element.contains(document.activeElement);
    this.state = state;
    if (moved) {
      if (this.key && this.input) this.drafts.set(this.key, this.input.value);
      this.key = key;
      this.replyTo = this.edited = null;
      this.results = null;
    }
    const draft = moved ? this.drafts.get(key) ?? "" : this.input?.value ?? "";
    this.input = null;
    if (!chat) return void fill(this.element);
    const bot = chat.type === "private" ? this.store.botOf(chat) : null;
    const note = (text) => h("div.composer-note", {}, text);
    if (person.deactivated) fill(this.element, note(this.word("deleted_note", { name: fullName(person) })));
    else if (bot && this.store.isBlocked(person, chat)) {
      const restart = async () => {
        await this.pane.doing(act(person.id, "unblock", { bot: bot.username }));
        await this.pane.doing(act(person.id, "start", { bot: bot.username }));
      };
      fill(this.element, this.#big("unblock_bot", restart));
    } else if (bot && !chat.started) fill(this.element, this.#big("start", () => this.pane.doing(act(person.id, "start", { bot: bot.username }))));
    else if (chat.type === "channel" && !chat.admins?.includes(person.id)) fill(this.element, note(this.word("channel")));
    else this.#writing(draft);
    if (focused) this.focus();
  }

  #big(key, click) {
    return h("button.big-button", { type: "button", on: { click } }, this.word(key));
  }

  #writing(draft) {
    const { chat } = this.pane;
    const bot = chat.type === "private" ? this.store.botOf(chat) : null;
    const input = { change: () => this.#changed(), keydown: (event) => this.#key(event), input: () => this.#changed(), paste: (event) => this.#pasted(event) };
    this.list = h("div.suggestions", { role: "listbox", id: `suggestions-${this.pane.number}`, hidden: true });
    this.replyLine = h("div.reply-line", { hidden: true });
    this.keys = h("div.reply-keys", { hidden: true });
    this.input = h("textarea.input", {
      rows: "1", placeholder: this.word("message"), "aria-label": this.word("message"), role: "combobox", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": this.list.id, enterkeyhint: "send", maxlength: "4096", value: draft, on: input,
    });
    const menu = this.#menuButton(bot);
    const file = h("input.visually-hidden", { type: "file", tabindex: "-1", "aria-hidden": "true", on: { change: () => this.#chosen(file) } });
    const attach = iconButton("attach", this.word("attach"), () => this.#attach(attach, file));
    this.keysButton = iconButton("keyboard", this.word("show_keyboard"), () => this.#toggleKeys());
    this.send = iconButton("send", this.word("send"), () => this.#submit(), ".send");
    fill(this.element, this.list, this.replyLine, h("div.composer-row", {}, menu, attach, file, this.input, this.keysButton, this.send), this.keys);
    this.#changed();
    this.refreshKeys();
  }

  // The bot's own choice of menu button: its commands, or a web page of its.
  #menuButton(bot) {
    const wanted = bot?.menu_buttons?.[this.pane.personId] ?? bot?.menu_button;
    const web = wanted?.type === "web_app" ? wanted.web_app?.url : null;
    if (!bot || (!web && !this.#commands().length)) return null;
    const label = web ? wanted.text : this.word("menu");
    const on = { click: () => (web ? this.pane.actions.leave(web) : this.#toggleMenu()) };
    return h("button.menu-button", { type: "button", "aria-label": label, "aria-haspopup": web ? null : "listbox", on }, icon(web ? "panes" : "grid"), h("span", {}, label));
  }

  focus() {
    (this.input ?? this.element.querySelector("button"))?.focus({ preventScroll: true });
  }

  /** Put text into the field as "switch to inline" does. */
  write(text) {
    if (!this.input) return;
    this.input.value = text;
    this.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.#changed();
  }

  #commands() {
    const { person, chat } = this.pane;
    return this.store.commandsFor(this.store.botOf(chat), person.id);
  }

  #changed() {
    const { value } = this.input;
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${Math.min(this.input.scrollHeight, 160)}px`);
    this.send.classList.toggle("ready", Boolean(value.trim()));
    this.#suggest(value);
  }

  #suggest(value) {
    clearTimeout(this.asking);
    const inline = /^@(\w{3,32})\s([\s\S]*)$/.exec(value);
    const bot = inline && [...this.store.bots.values()].find((each) => each.username.toLowerCase() === inline[1].toLowerCase());
    if (bot) {
      this.asking = setTimeout(() => this.#ask(bot, inline[2]), INLINE_DELAY);
      return;
    }
    this.results = null;
    this.menuOpen = this.menuOpen && !value;
    const typed = /^\/(\w*)$/.exec(value);
    const found = this.menuOpen ? this.#commands() : typed ? this.#commands().filter((each) => each.command.startsWith(typed[1].toLowerCase())) : [];
    const rows = found.map((each) => ({
      element: h("div.suggestion.command", {}, h("span.command-name", {}, `/${each.command}`), h("span.command-note", {}, each.description)),
      run: () => {
        this.menuOpen = false;
        this.input.value = "";
        this.#changed();
        this.say(`/${each.command}`);
      },
    }));
    this.#offer(rows, this.word("commands"));
  }

  #toggleMenu() {
    this.menuOpen = this.list.hidden;
    this.#suggest("");
    this.focus();
  }

  #offer(rows, label, gallery = false) {
    this.rows = rows;
    this.chosen = -1;
    this.list.hidden = !rows.length;
    this.list.setAttribute("aria-label", label);
    this.list.classList.toggle("gallery", gallery);
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    rows.forEach((row, index) => {
      row.element.id = `${this.list.id}-${index}`;
      row.element.setAttribute("role", "option");
      row.element.addEventListener("pointerdown", (event) => event.preventDefault());
      row.element.addEventListener("click", row.run);
    });
    fill(this.list, rows.map((row) => row.element));
  }

  #choose(index) {
    this.chosen = (index + this.rows.length) % this.rows.length;
    this.rows.forEach((row, at) => row.element.setAttribute("aria-selected", String(at === this.chosen)));
    const { element } = this.rows[this.chosen];
    this.input.setAttribute("aria-activedescendant", element.id);
    element.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden && this.rows.length;
    if (open && ["ArrowDown", "ArrowUp"].includes(event.key)) this.#choose(event.key === "ArrowDown" ? this.chosen + 1 : Math.max(this.chosen, 0) - 1);
    else if (open && event.key === "Enter" && (this.chosen >= 0 || this.rows.length === 1)) this.rows[Math.max(this.chosen, 0)].run();
    else if (event.key === "Enter" && !event.shiftKey) this.#submit();
    else if (event.key === "Escape" && (open || this.replyTo || this.edited)) this.#dismiss();
    else if (event.key === "ArrowUp" && !this.input.value) this.pane.history.step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #dismiss() {
    this.menuOpen = false;
    this.#offer([], "");
    if (this.edited) this.write("");
    this.answerTo(null);
  }

  async #submit() {
    const text = this.input.value.trim();
    if (!text) return this.focus();
    const { key, edited, replyTo } = this;
    this.input.value = "";
    this.#changed();
    if (await this.say(text)) return undefined;
    return this.#giveBack(key, text, edited, replyTo);
  }

  /** What could not be sent stands in its chat's field again, before what was written meanwhile. */
  #giveBack(key, text, edited, replyTo) {
    if (key !== this.key || !this.input) return void this.drafts.set(key, [text, this.drafts.get(key)].filter(Boolean).join("\n"));
    const later = this.input.value;
    if (edited && !later) return this.edit({ ...edited, text });
    if (replyTo && !this.replyTo) this.answerTo(replyTo);
    return this.write([text, later].filter(Boolean).join("\n"));
  }

  async say(text) {
    const { person, chat } = this.pane;
    const body = { chat: chat.key, text };
    if (this.edited) {
      const { message_id } = this.edited;
      this.answerTo(null);
      return this.pane.doing(act(person.id, "edit", { ...body, message_id }));
    }
    if (this.replyTo) body.reply_to = this.replyTo.message_id;
    this.answerTo(null);
    return this.pane.doing(act(person.id, "say", body));
  }

  /** Answer to a message; null takes it back. */
  answerTo(message) {
    this.edited = null;
    this.replyTo = message;
    this.#about(message, message && this.word("reply_to", { name: fullName(message.from) }));
  }

  /** Change an own text message. */
  edit(message) {
    this.replyTo = null;
    this.edited = message;
    this.#about(message, this.word("editing"));
    this.write(message.text);
  }

  // The line over the field that says which message the writing is about.
  #about(message, title) {
    if (!this.replyLine) return;
    this.replyLine.hidden = !message;
    if (!message) return;
    const stop = () => {
      if (this.edited) this.write("");
      this.answerTo(null);
    };
    const text = h("span.reply-words", {}, h("span.reply-name", {}, title), h("span.reply-text", {}, summary(message, this.lang)));
    fill(this.replyLine, icon(this.edited ? "copy" : "reply"), text, iconButton("close", this.word("cancel"), stop));
    this.focus();
  }

  async #ask(bot, query) {
    const { person, chat } = this.pane;
    this.query = { bot, query };
    const answer = await this.pane.doing(act(person.id, "inline", { chat: chat.key, bot: bot.username, query, offset: "" }));
    if (answer && this.query?.query === query) this.query.id = answer.inline_query_id;
    if (this.early?.inline_query_id === this.query?.id) this.inlineResults(this.early);
  }

  /** The bot's answer to an inline query of this person. */
  inlineResults(event) {
    if (!this.query || !this.input) return;
    if (this.query.id === undefined) {
      this.early = event;
      return;
    }
    if (event.inline_query_id !== this.query.id) return;
    const { bot } = this.query;
    const results = event.results ?? [];
    const gallery = results.length > 0 && results.every((result) => ["photo", "gif", "mpeg4_gif"].includes(result.type) && !result.title && thumbnailOf(result));
    const rows = results.map((result) => ({ element: this.#result(result, gallery), run: () => this.#take(event, result) }));
    if (event.button) {
      const run = () => this.pane.actions.open(`https://t.me/${bot.username}?start=${event.button.start_parameter ?? ""}`);
      rows.unshift({ element: h("div.suggestion.inline-button-row", {}, event.button.text), run });
    }
    if (!rows.length) rows.push({ element: h("div.suggestion.none", {}, this.word("no_results")), run: () => {} });
    this.#offer(rows, this.word("search_inline", { bot: bot.first_name }), gallery);
  }

  #result(result, gallery) {
    const url = thumbnailOf(result);
    const title = result.title ?? result.caption ?? result.type;
    if (gallery) return h("div.suggestion.tile", { "aria-label": title }, url ? h("img", { src: url, alt: title }) : title);
    const face = url ? h("img.result-picture", { src: url, alt: "" }) : h("span.result-picture", { "aria-hidden": "true" }, [...title][0] ?? "·");
    return h("div.suggestion.result", {}, face, h("span.result-words", {}, h("strong", {}, title), h("span", {}, result.description ?? result.caption ?? "")));
  }

  async #take(event, result) {
    const { person, chat } = this.pane;
    const { key, input: { value } } = this;
    this.input.value = "";
    this.query = null;
    this.#changed();
    const sent = await this.pane.doing(act(person.id, "choose", { chat: chat.key, inline_query_id: event.inline_query_id, result_id: result.id }));
    if (!sent) this.#giveBack(key, value);
  }

  /** The newest reply keyboard that the bot showed here and has not taken away. */
  refreshKeys() {
    if (!this.input) return;
    const { person, chat } = this.pane;
    const found = this.store.seen(chat.key, person.id).findLast((message) => message.reply_markup?.keyboard || message.reply_markup?.remove_keyboard);
    const rows = found?.reply_markup.keyboard;
    this.keysButton.hidden = !rows;
    if (found?.message_id !== this.keysOf) this.keys.hidden = !rows;
    this.keysOf = found?.message_id;
    const key = (button) => {
      const text = typeof button === "string" ? button : button.text;
      return h("button.reply-key", { type: "button", data: { style: button.style ?? "plain" }, on: { click: () => this.say(text) } }, text);
    };
    fill(this.keys, (rows ?? []).map((row) => h("div.reply-keys-row", {}, row.map(key))));
  }

  #toggleKeys() {
    this.keys.hidden = !this.keys.hidden;
  }

  #attach(button, input) {
    const choose = (accept) => () => {
      input.accept = accept;
      input.click();
    };
    menuAt(button, [
      { label: this.word("attach_photo"), face: "🖼", run: choose("image/*") },
      { label: this.word("attach_file"), face: "📎", run: choose("") },
    ], this.word("attach"));
  }

  #chosen(input) {
    const [file] = input.files;
    const kind = input.accept ? "photo" : "document";
    input.value = "";
    if (file) this.sendFile(file, kind);
  }

  #pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (!file) return;
    event.preventDefault();
    this.sendFile(file, file.type.startsWith("image/") ? "photo" : "document");
  }

  /** Show what will be sent, ask for a caption, send. */
  async sendFile(file, kind) {
    const { person, chat } = this.pane;
    const url = kind === "photo" ? URL.createObjectURL(file) : null;
    const shown = url ? h("img.send-picture", { src: url, alt: file.name }) : h("p.box-text", {}, `📎 ${file.name}`);
    const caption = h("input.text-field", { name: "caption", type: "text", placeholder: this.word("caption"), "aria-label": this.word("caption"), maxlength: "1024", value: this.input?.value ?? "" });
    const values = await formIn(this.pane.element, this.word(kind === "photo" ? "attach_photo" : "attach_file"), [shown, caption], this.word("send"), this.lang);
    if (url) URL.revokeObjectURL(url);
    if (!values) return;
    if (this.input) {
      this.input.value = "";
      this.#changed();
    }
    const text = values.caption?.[0] ?? "";
    const { key } = this;
    if (!(await this.pane.doing(upload(person.id, kind, chat.key, file, text))) && text) this.#giveBack(key, text);
  }
}
