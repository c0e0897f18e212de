// The page's copy of the world. The server's events are applied here, then told to whoever listens.

import { act, follow, get, post } from "./api.js";
import { coalesced, fullName } from "./dom.js";

const KEPT_MESSAGES = 2000; // per chat; the server gives the last 200 to a page that opens

export class Store {
  #listeners = new Map();

  constructor() {
    this.rev = 0;
    this.loaded = false;
    this.online = false;
    this.bots = new Map();
    this.people = new Map();
    this.chats = new Map();
    this.messages = new Map();
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

  /** Whether nobody lives here, which is only known of a world that has been loaded. */
  get deserted() {
    return this.loaded && !this.people.size;
  }

  async load() {
    const world = await get("/api/world");
    this.loaded = true;
    this.rev = world.rev;
    this.bots = new Map(world.bots.map((bot) => [bot.id, bot]));
    this.people = new Map(world.people.map((person) => [person.id, person]));
    this.chats = new Map(world.chats.map((chat) => [chat.key, chat]));
    this.messages = new Map(Object.entries(world.messages ?? {}).map(([key, list]) => [key, [...list].sort(byId)]));
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
      if (list.length > KEPT_MESSAGES) list.splice(0, list.length - KEPT_MESSAGES);
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
    const known = this.people.get(person.id);
    this.people.set(person.id, person);
    if (known?.language_code !== person.language_code) this.#askForBots();
  }

  // A bot's commands are resolved for each person and language; the server tells bots' own changes only.
  #askForBots = coalesced(async () => {
    const world = await get("/api/world").catch(() => null);
    if (!world) return;
    this.bots = new Map(world.bots.map((bot) => [bot.id, bot]));
    this.emit("bot");
  }, 150);

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

  /** The chats in one person's list: bots, then groups, then people, the newest talk first. */
  chatsOf(personId) {
    const mine = [...this.chats.values()].filter((chat) => chat.members?.includes(personId));
    const last = (chat) => this.list(chat.key).at(-1)?.date ?? 0;
    const rank = (chat) => (chat.type === "private" ? 0 : isTalk(chat) ? 2 : 1);
    return mine.sort((a, b) => rank(a) - rank(b) || last(b) - last(a));
  }

  botOf(chat) {
    return chat?.bots?.length ? this.bots.get(chat.bots[0]) : undefined;
  }

  /** The other one of a talk of two people, as seen by one of them. */
  otherOf(chat, personId) {
    return isTalk(chat) ? this.people.get(chat.members.find((id) => id !== personId)) : undefined;
  }

  /** What a chat is called in one person's list. */
  titleOf(chat, personId) {
    const other = this.otherOf(chat, personId);
    return other ? fullName(other) : chat.type === "private" ? this.botOf(chat)?.first_name ?? "" : chat.title;
  }

  /** The talk of two people; it is made when they first need one. */
  async talkOf(a, b) {
    const known = [...this.chats.values()].find((chat) => isTalk(chat) && chat.members.includes(a) && chat.members.includes(b));
    if (known) return known;
    const title = [a, b].map((id) => this.people.get(id)?.first_name).join(" & ");
    const chat = await post("/api/chats", { type: "group", title, members: [a, b] });
    this.chats.set(chat.key, chat);
    await Promise.all([a, b].map((id) => act(id, "read", { chat: chat.key }))); // that they met is no news
    return chat;
  }

  isBlocked(person, chat) {
    const bot = chat?.type === "private" ? this.botOf(chat) : null;
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

/** Two people by themselves. A sandbox has private chats with bots only, so this is a group of two, shown as a private chat. */
export function isTalk(chat) {
  return chat.type === "group" && chat.members.length === 2 && !chat.bots.length;
}

function byId(a, b) {
  return a.message_id - b.message_id;
}
