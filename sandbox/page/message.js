// One message (or one album) as a bubble that is patched in place: only the parts that changed are drawn again.

import { avatar, fullName, h, hueOf, icon } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { Album, Picture, address, fileCard, mediaOf, player } from "./picture.js";
import { keeper, richMessage } from "./rich.js";
import { formatted, isLargeEmoji, plain } from "./text.js";
import { clockTime, money, words } from "./words.js";

const PARTS = ["sender", "origin", "reply", "media", "file", "rich", "text", "card", "reactions", "meta"];
const SERVICE = ["new_chat_members", "left_chat_member", "group_chat_created", "supergroup_chat_created", "channel_chat_created", "new_chat_title", "pinned_message", "successful_payment", "migrate_to_chat_id", "migrate_from_chat_id"];

/** A line in the middle of the chat instead of a bubble. */
export function isService(message) {
  return SERVICE.some((key) => message[key] !== undefined && message[key] !== null);
}

/** One line that says what a message is: for replies, lists of chats and screen readers. */
export function summary(message, lang) {
  const text = message.text ?? message.caption ?? "";
  const kinds = { photo: "🖼", video: "🎬", animation: "🎬", audio: "🎵", voice: "🎤", document: "📎", sticker: "💟", location: "📍", venue: "📍", contact: "👤", poll: "📊", invoice: "🧾" };
  const kind = Object.keys(kinds).find((key) => message[key]);
  if (kind) return `${kinds[kind]} ${text || message.document?.file_name || message.invoice?.title || words(lang, kind === "animation" ? "video" : kind === "document" ? "file" : kind)}`;
  if (message.rich_message) return message.rich_message.blocks.map((block) => plain(block.text ?? block.summary)).find(Boolean) ?? words(lang, "message");
  if (isService(message)) return serviceText(message, lang);
  return text || (message.dice ? message.dice.emoji : words(lang, "message"));
}

function serviceText(message, lang) {
  const name = fullName(message.from);
  if (message.new_chat_members) return words(lang, "joined", { name: message.new_chat_members.map(fullName).join(", ") });
  if (message.left_chat_member) return words(lang, "left", { name: fullName(message.left_chat_member) });
  if (message.new_chat_title) return words(lang, "renamed", { title: message.new_chat_title });
  if (message.pinned_message) return words(lang, "pinned");
  const payment = message.successful_payment;
  if (payment) return words(lang, "paid", { name, amount: money(lang, payment.total_amount, payment.currency) });
  return words(lang, message.group_chat_created || message.supergroup_chat_created || message.channel_chat_created ? "created" : "service");
}

/** The line for a service message. */
export class ServiceView {
  constructor(context) {
    this.context = context;
    this.element = h("div.service", { role: "note" });
  }

  update([message]) {
    this.element.textContent = serviceText(message, this.context.lang);
  }
}

/**
 * The bubble. `context` is the chat pane's: language, zone, whose view it is, and what links, buttons and menus do.
 * `update(messages, place)`: several messages are an album; `place` is `{first, last, showSender}` within its run.
 */
export class MessageView {
  constructor(context) {
    this.context = context;
    this.parts = {};
    this.bubble = h("div.bubble");
    this.line = h("div.bubble-line", {}, this.bubble);
    this.stack = h("div.stack", {}, this.line);
    this.element = h("article.message", { tabindex: "-1" }, this.stack);
    this.kept = keeper();
    const menu = (event) => {
      if (event.target.closest("a, textarea")) return;
      event.preventDefault();
      context.messageMenu(this.messages[0], event, this.element);
    };
    this.element.addEventListener("contextmenu", menu);
  }

  update(messages, place) {
    const same = this.messages?.length === messages.length && messages.every((message, index) => message === this.messages[index]);
    if (same && JSON.stringify(place) === this.place) return;
    this.messages = messages;
    this.place = JSON.stringify(place);
    const { context } = this;
    const message = messages.find((each) => each.caption) ?? messages[0];
    const out = context.isMine(message);
    const text = message.text ?? message.caption ?? "";
    const media = messages.length === 1 ? mediaOf(message) : null;
    const picture = messages.length > 1 || (media && (message.photo || message.sticker));
    this.element.className = ["message", out ? "out" : "in", place.first && "first", place.last && "last", place.grouped && "grouped"].filter(Boolean).join(" ");
    this.element.dataset.id = message.message_id;
    const time = clockTime(context.lang, new Date(message.date * 1000), context.timeZone);
    this.element.setAttribute("aria-label", `${out ? words(context.lang, "you") : fullName(message.sender_chat ?? message.from)}, ${time}`);
    const large = message.text && !message.entities?.length && isLargeEmoji(message.text);
    this.bubble.className = ["bubble", picture && "with-picture", picture && !text && "bare", large && "large-emoji", message.rich_message && "with-rich", message.only_for && "only-you"].filter(Boolean).join(" ");

    this.#avatar(message, place, out);
    this.#part("sender", place.showSender ? message.sender_chat ?? message.from : null, (from) => this.#sender(from));
    this.#part("origin", this.#origin(message), (line) => h("div.origin", {}, line));
    this.#part("reply", message.reply_to_message ?? null, (target) => this.#reply(target, message.quote));
    this.#media(messages, media, picture);
    this.#part("file", this.#fileOf(message, picture), ([kind, file]) => this.#file(kind, file));
    this.#part("rich", message.rich_message ?? null, (rich) => richMessage(rich, context, (button) => context.press(message, button), this.kept));
    const entities = message.text === undefined ? message.caption_entities : message.entities;
    this.#part("text", text ? [text, entities] : null, () => h("div.text", { dir: "auto" }, formatted(text, entities, context)));
    this.#part("card", this.#cardOf(message), (card) => card && this.#card(card));
    const reactions = countedReactions(message.reactions);
    this.#part("reactions", reactions.length ? reactions : null, (list) => this.#reactions(list));
    this.#part("meta", [time, this.#isEdited(message), out], () => this.#meta(time, this.#isEdited(message), out, message));
    this.#keyboard(message);
  }

  /** Draw one part again when what it shows has changed, and keep the parts in order. */
  #part(name, shown, draw) {
    const key = shown === null ? null : JSON.stringify(shown);
    const old = this.parts[name];
    if ((old?.key ?? null) === key) return;
    if (key === null) {
      old.node.remove();
      delete this.parts[name];
      return;
    }
    const node = draw(shown);
    if (old) old.node.replaceWith(node);
    else this.#insert(name, node);
    this.parts[name] = { key, node };
  }

  #insert(name, node) {
    const after = PARTS.slice(PARTS.indexOf(name) + 1).find((later) => this.parts[later]);
    this.bubble.insertBefore(node, after ? this.parts[after].node : null);
  }

  #avatar(message, place, out) {
    const wanted = place.grouped && !out && place.last;
    this.circle?.remove();
    const from = message.sender_chat ?? message.from;
    this.circle = wanted ? avatar(fullName(from), this.context.hue(from), ".small") : null;
    if (this.circle) this.line.prepend(this.circle);
  }

  #sender(from) {
    return h("div.sender", { vars: { hue: String(this.context.hue(from)) } }, fullName(from), from.is_bot ? h("span.tag", {}, words(this.context.lang, "bot")) : null);
  }

  #origin(message) {
    const { lang } = this.context;
    const lines = [];
    const origin = message.forward_origin;
    const source = origin?.sender_user ?? origin?.chat ?? origin?.sender_chat ?? message.forward_from;
    if (origin || source) lines.push(words(lang, "forwarded", { name: fullName(source) || origin?.sender_user_name || "" }));
    if (message.via_bot) lines.push(words(lang, "via", { bot: message.via_bot.username }));
    return lines.length ? lines.join(" · ") : null;
  }

  #reply(target, quote) {
    const { context } = this;
    const jump = () => context.showMessage(target.message_id);
    const from = target.sender_chat ?? target.from;
    const picture = mediaOf(target);
    const name = h("span.reply-name", {}, fullName(from));
    const lines = h("span.reply-words", {}, name, h("span.reply-text", {}, quote?.text ?? summary(target, context.lang)));
    const attributes = { type: "button", vars: { hue: String(context.hue(from ?? {})) }, on: { click: jump } };
    return h("button.reply", attributes, picture && target.photo ? h("img.reply-picture", { src: picture.url, alt: "" }) : null, lines);
  }

  #media(messages, media, picture) {
    const kind = !picture ? null : messages.length > 1 ? "album" : "picture";
    if (this.mediaKind !== kind) {
      this.mediaView?.element.remove();
      this.mediaKind = kind;
      this.mediaView = kind === "album" ? new Album(this.context) : kind ? new Picture(this.context) : null;
      delete this.parts.media;
      if (kind) {
        this.#insert("media", this.mediaView.element);
        this.parts.media = { key: kind, node: this.mediaView.element };
      }
    }
    if (kind === "album") this.mediaView.update(messages);
    else if (kind) this.mediaView.show(media, messages[0].caption ?? "");
  }

  #fileOf(message, picture) {
    if (picture) return null;
    const kind = ["video", "animation", "video_note", "audio", "voice", "document"].find((key) => message[key]);
    return kind ? [kind, message[kind]] : null;
  }

  #file(kind, file) {
    const url = address(file);
    if (kind === "document") return fileCard(file, url, this.context);
    return player(kind === "audio" || kind === "voice" ? "audio" : "video", url, this.context);
  }

  #cardOf(message) {
    const { invoice, location, venue, contact, poll, dice, sticker } = message;
    if (invoice) return { icon: "🧾", title: invoice.title, text: invoice.description, foot: money(this.context.lang, invoice.total_amount, invoice.currency) };
    if (venue) return { icon: "📍", title: venue.title, text: venue.address };
    if (location) return { icon: "📍", title: words(this.context.lang, "location"), text: `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}` };
    if (contact) return { icon: "👤", title: fullName(contact), text: contact.phone_number };
    if (poll) return { icon: "📊", title: poll.question, list: poll.options.map((option) => `${option.text} · ${option.voter_count}`) };
    if (dice) return { large: dice.emoji, title: String(dice.value) };
    if (sticker && !mediaOf(message)) return { large: sticker.emoji || "💟", title: "" };
    return null;
  }

  #card(card) {
    if (card.large) return h("div.card.large", {}, h("span", {}, card.large), card.title);
    const list = card.list ? h("ul", {}, card.list.map((line) => h("li", {}, line))) : null;
    const lines = h("div", {}, h("strong", {}, card.title), card.text ? h("div", {}, card.text) : null, list, card.foot ? h("div.card-foot", {}, card.foot) : null);
    return h("div.card", {}, h("span.card-icon", { "aria-hidden": "true" }, card.icon), lines);
  }

  #reactions(list) {
    return h("div.reactions", {}, list.map(({ emoji, count }) => h("span.reaction", {}, emoji, count > 1 ? ` ${count}` : "")));
  }

  // Telegram's apps do not mark a bot's message with buttons as edited: such messages live by being edited.
  #isEdited(message) {
    return Boolean(message.edit_date) && !message.reply_markup?.inline_keyboard && !message.edit_hide;
  }

  #meta(time, edited, out, message) {
    const stamp = new Date(message.date * 1000).toISOString();
    const mark = edited ? h("span", {}, words(this.context.lang, "edited")) : null;
    return h("div.meta", {}, mark, h("time", { datetime: stamp }, time), out ? icon("checks") : null);
  }

  #keyboard(message) {
    const rows = message.reply_markup?.inline_keyboard ?? [];
    if (!rows.length && !this.keyboard) return;
    if (!this.keyboard) {
      this.keyboard = new Keyboard(this.context, (button) => this.context.press(this.messages[0], button));
      this.stack.append(this.keyboard.element);
    }
    this.keyboard.update(rows);
  }
}

/** Reactions as `[{emoji, count}]`, from that list itself or from each one's own (`{"1001": [ReactionType]}`). */
function countedReactions(reactions) {
  if (!reactions || Array.isArray(reactions)) return reactions ?? [];
  const counts = new Map();
  for (const { emoji = "⭐" } of Object.values(reactions).flat()) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  return [...counts].map(([emoji, count]) => ({ emoji, count }));
}

/** The hue of a sender: a known person's or bot's own, otherwise one made from the id. */
export const senderHue = (store, from) => store.people.get(from?.id)?.avatar_hue ?? hueOf(from?.id ?? "");
