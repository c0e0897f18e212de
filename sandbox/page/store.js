// The page's copy of the world. The server's events are applied here, then told to whoever listens.

import { act, follow, get } from "./api.js";

const KEPT_MESSAGES = 2000; // per chat; older ones can be asked for again

export class Store {
  #listeners = new Map();

  constructor() {
    this.rev = 0;
    this.online = false;
    this.bots = new Map();
    this.people = new Map();
    this.chats = new Map();
    this.messages = new Map();
    this.exhausted = new Set(); // chats whose oldest message is here
    this.marks = [];
    this.clock = { base: Date.now(), at: performance.now(), offset: 0 };
    this.answers = new Map(); // callback query id -> answer, for answers that overtake the tap's own response
  }

  /** Listen to one kind of event; returns the way to stop. */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  emit(type, detail = {}) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(detail);
  }

  async load() {
    const world = await get("/api/world");
    this.rev = world.rev;
    this.bots = new Map(world.bots.map((bot) => [bot.id, bot]));
    this.people = new Map(world.people.map((person) => [person.id, person]));
    this.chats = new Map(world.chats.map((chat) => [chat.key, chat]));
    this.messages = new Map(Object.entries(world.messages ?? {}).map(([key, list]) => [key, [...list].sort(byId)]));
    this.exhausted.clear();
    this.marks = world.marks ?? [];
    this.#setClock(world.now, world.offset_seconds);
    this.emit("reload");
  }

  /** Load the world, waiting for a server that is not there yet, and follow it. */
  async start() {
    while (!(await this.#tryLoad())) await new Promise((later) => setTimeout(later, 1000));
    follow(
      () => this.rev,
      (event) => this.apply(event),
      (online) => {
        this.online = online;
        this.emit("online", { online });
      },
    );
  }

  // A world that cannot be loaded now (its server is just stopping) comes again with the next connection.
  async #tryLoad() {
    try {
      await this.load();
      return true;
    } catch {
      this.emit("online", { online: false });
      return false;
    }
  }

  apply(event) {
    if (event.type === "reload") {
      this.#tryLoad();
      return;
    }
    if (event.rev < this.rev) return;
    this.rev = event.rev ?? this.rev;
    const handler = this[`on_${event.type}`];
    if (handler) handler.call(this, event);
    this.emit(event.type, event);
  }

  on_message({ chat, message }) {
    const list = this.list(chat);
    const at = list.findIndex((other) => other.message_id === message.message_id);
    if (at >= 0) list[at] = message;
    else {
      list.push(message);
      if (list.length > 1 && byId(list.at(-2), message) > 0) list.sort(byId);
      if (list.length > KEPT_MESSAGES) {
        list.splice(0, list.length - KEPT_MESSAGES);
        this.exhausted.delete(chat);
      }
    }
  }

  on_edit({ chat, message }) {
    const list = this.list(chat);
    const at = list.findIndex((other) => other.message_id === message.message_id);
    if (at >= 0) list[at] = message;
  }

  on_delete({ chat, message_ids: ids }) {
    const gone = new Set(ids);
    this.messages.set(chat, this.list(chat).filter((message) => !gone.has(message.message_id)));
  }

  on_reaction({ chat, message_id: id, reactions }) {
    const list = this.list(chat);
    const at = list.findIndex((message) => message.message_id === id);
    if (at >= 0) list[at] = { ...list[at], reactions };
  }

  on_answer(event) {
    this.answers.set(event.callback_query_id, event);
    if (this.answers.size > 200) this.answers.delete(this.answers.keys().next().value);
  }

  on_person({ person }) {
    this.people.set(person.id, person);
  }

  on_chat({ chat }) {
    this.chats.set(chat.key, chat);
  }

  on_bot({ bot }) {
    this.bots.set(bot.id, bot);
  }

  on_unread({ person, chat, count }) {
    const known = this.people.get(person);
    if (known) known.unread = { ...known.unread, [chat]: count };
  }

  on_clock({ now, offset_seconds: offset }) {
    this.#setClock(now, offset);
  }

  on_marks({ marks }) {
    this.marks = marks;
  }

  #setClock(now, offset) {
    this.clock = { base: Date.parse(now), at: performance.now(), offset: offset ?? 0 };
  }

  /** The world's time now. */
  now() {
    return new Date(this.clock.base + performance.now() - this.clock.at);
  }

  list(key) {
    if (!this.messages.has(key)) this.messages.set(key, []);
    return this.messages.get(key);
  }

  /** Messages of a chat that this person can see, oldest first. */
  seen(key, personId) {
    return this.list(key).filter((message) => !message.only_for || message.only_for === personId);
  }

  /** Ask for older messages; true when there were some. */
  async older(key) {
    const first = this.list(key)[0];
    if (!first || this.exhausted.has(key)) return false;
    const answer = await get(`/api/chats/${encodeURIComponent(key)}/messages?before=${first.message_id}&limit=100`);
    const known = new Set(this.list(key).map((message) => message.message_id));
    const fresh = (answer.messages ?? []).filter((message) => !known.has(message.message_id));
    if (!fresh.length) this.exhausted.add(key);
    this.messages.set(key, [...fresh.sort(byId), ...this.list(key)]);
    return fresh.length > 0;
  }

  /** The chats in one person's list, the newest talk first; bots that were never started stay at the end. */
  chatsOf(personId) {
    const mine = [...this.chats.values()].filter((chat) => chat.members?.includes(personId));
    const last = (chat) => this.list(chat.key).at(-1)?.date ?? 0;
    const rank = (chat) => (chat.key.startsWith("p") ? 0 : chat.key.startsWith("g") ? 1 : 2);
    return mine.sort((a, b) => rank(a) - rank(b) || last(b) - last(a));
  }

  botOf(chat) {
    return chat?.bots?.length ? this.bots.get(chat.bots[0]) : undefined;
  }

  /** What a chat is called in one person's list. */
  titleOf(chat, personId) {
    if (chat.title && chat.type !== "private") return chat.title;
    if (chat.key.startsWith("p")) return this.botOf(chat)?.first_name ?? chat.title ?? "";
    const other = this.people.get(chat.members.find((id) => id !== personId));
    return [other?.first_name, other?.last_name].filter(Boolean).join(" ") || chat.title || "";
  }

  isBlocked(person, chat) {
    const bot = chat?.key.startsWith("p") ? this.botOf(chat) : null;
    return Boolean(bot && person?.blocked?.includes(bot.username));
  }

  unreadOf(person) {
    return Object.values(person.unread ?? {}).reduce((sum, count) => sum + count, 0);
  }

  commandsFor(bot, personId) {
    const commands = bot?.commands?.resolved ?? bot?.commands;
    return Array.isArray(commands) ? commands : commands?.[personId] ?? [];
  }

  async markRead(personId, key) {
    const person = this.people.get(personId);
    if (!person?.unread?.[key]) return;
    person.unread = { ...person.unread, [key]: 0 };
    this.emit("unread", { person: personId, chat: key, count: 0 });
    await act(personId, "read", { chat: key });
  }
}

function byId(a, b) {
  return a.message_id - b.message_id;
}
