// What a person does in a pane beyond writing: taps, links, sharing, forwarding, reacting, paying.

import { act } from "./api.js";
import { avatar, fullName, h, hueOf } from "./dom.js";
import { alertIn, confirmIn, menuAt, pickIn, toast } from "./overlay.js";
import { isTalk } from "./store.js";
import { money } from "./words.js";

const REACTIONS = ["👍", "❤", "🔥", "🎉", "😁", "😢"];

export class Actions {
  constructor(pane) {
    this.pane = pane;
    this.waiting = new Map(); // callback query id -> the button that waits for it
  }

  async press(message, button) {
    this.pane.tapped = message.message_id;
    if (button.kind === "callback") button.wait();
    const answer = await this.#tap(message, button);
    if (!answer) return button.stop();
    switch (answer.kind) {
      case "callback": {
        const early = this.pane.store.answers.get(answer.callback_query_id);
        if (early) {
          button.stop();
          return this.answered(early);
        }
        this.waiting.set(answer.callback_query_id, button);
        return undefined;
      }
      case "url": return this.open(answer.url);
      case "web_app": return this.leave(answer.url);
      case "copy": return this.copy(answer.text);
      case "switch_inline": return this.#switchInline(answer, button);
      case "pay": return this.#pay(message);
      default: return button.stop();
    }
  }

  // A button under a message has a row and a column. One inside a rich message has neither: what it does stands in it.
  #tap(message, view) {
    const where = { chat: this.pane.chatKey, message_id: message.message_id };
    if (!view.place.path) return this.pane.doing(act(this.pane.personId, "tap", { ...where, ...view.place }));
    const { button, kind } = view;
    if (kind === "callback") return this.pane.doing(act(this.pane.personId, "press", { ...where, callback_data: button.callback_data }));
    const switched = button.switch_inline_query_current_chat ?? button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
    return {
      kind: { share: "switch_inline", current: "switch_inline" }[kind] ?? kind,
      url: button.url ?? button.login_url?.url ?? button.web_app?.url,
      text: button.copy_text?.text,
      query: switched,
      bot: message.via_bot?.id ?? message.from?.id,
    };
  }

  /** The bot has answered a callback of this person. True when this pane was the one that waited. */
  settle(event) {
    const button = this.waiting.get(event.callback_query_id);
    if (!button) return false;
    this.waiting.delete(event.callback_query_id);
    button.stop();
    this.answered(event);
    return true;
  }

  answered(event) {
    if (event.shown) return;
    event.shown = true;
    if (event.url) this.open(event.url);
    if (!event.text) return;
    if (event.show_alert) {
      alertIn(this.pane.element, event.text, this.#botCalled(event.bot)?.first_name, this.pane.lang);
    } else toast(this.pane.element, event.text);
  }

  // A bot by its id or username; otherwise the one of this chat.
  #botCalled(name) {
    const { bots } = this.pane.store;
    return bots.get(name) ?? [...bots.values()].find((bot) => bot.username === name) ?? this.pane.store.botOf(this.pane.chat);
  }

  /** What an app does with a link that this person taps. */
  async open(url) {
    const answer = await this.pane.doing(act(this.pane.personId, "open", { url }));
    if (!answer) return;
    if (answer.chat) this.pane.show(this.pane.personId, answer.chat);
    else if (answer.kind === "share") await this.#share(answer.text);
    else await this.leave(answer.url ?? url);
  }

  /** Leave for a page outside, after asking. */
  async leave(url) {
    if (await confirmIn(this.pane.element, this.pane.word("open_link"), url, this.pane.word("open"), this.pane.lang)) window.open(url, "_blank", "noopener,noreferrer");
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = h("textarea.visually-hidden", { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    toast(this.pane.element, this.pane.word("copied"));
  }

  // Everyone and every group that something can be sent to, people first.
  #targets() {
    const people = [...this.pane.store.people.values()].filter((each) => each.id !== this.pane.personId && !each.deactivated);
    const groups = this.pane.store.chatsOf(this.pane.personId).filter((chat) => chat.type !== "private" && !isTalk(chat) && (chat.type !== "channel" || chat.admins?.includes(this.pane.personId)));
    return [
      ...people.map((each) => ({ label: fullName(each), note: each.role_note, face: avatar(fullName(each), each.avatar_hue, ".medium"), value: { person: each.id, name: fullName(each) } })),
      ...groups.map((chat) => ({ label: chat.title, note: this.pane.word("members", { n: chat.members.length + (chat.bots?.length ?? 0) }), face: avatar(chat.title, hueOf(chat.title), ".medium"), value: { chat: chat.key, name: chat.title } })),
    ];
  }

  async #keyOf(target) {
    return target.chat ?? (await this.pane.doing(this.pane.store.talkOf(this.pane.personId, target.person)))?.key;
  }

  #share(text) {
    return pickIn(this.pane.element, this.pane.word("send_to"), this.#targets(), this.pane.lang, async (target) => {
      const key = await this.#keyOf(target);
      if (key && (await this.pane.doing(act(this.pane.personId, "say", { chat: key, text })))) toast(this.pane.element, this.pane.word("sent_to", { name: target.name }));
    });
  }

  async #switchInline({ query, bot }, button) {
    const username = this.#botCalled(bot)?.username;
    const text = `@${username} ${query ?? ""}`;
    if (button.kind !== "current") {
      const target = await pickIn(this.pane.element, this.pane.word("choose_chat"), this.#targets(), this.pane.lang);
      const key = target && (await this.#keyOf(target));
      if (!key) return;
      this.pane.show(this.pane.personId, key);
    }
    this.pane.composer.write(text);
  }

  async #pay(message) {
    const { invoice } = message;
    const amount = invoice ? money(this.pane.lang, invoice.total_amount, invoice.currency) : "";
    if (await confirmIn(this.pane.element, invoice?.title ?? this.pane.word("invoice"), invoice?.description, this.pane.word("pay", { amount }), this.pane.lang)) {
      const paid = await this.pane.doing(act(this.pane.personId, "pay", { chat: this.pane.chatKey, message_id: message.message_id }));
      if (paid?.error) toast(this.pane.element, paid.error);
    }
  }

  messageMenu(message, event, element) {
    const text = message.text ?? message.caption ?? "";
    const point = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : null;
    const mine = message.reactions?.[this.pane.personId]?.map((each) => each.emoji) ?? [];
    const face = (emoji) => {
      const checked = mine.includes(emoji);
      const run = () => this.pane.doing(act(this.pane.personId, "react", { chat: this.pane.chatKey, message_id: message.message_id, emoji: checked ? [] : [emoji] }));
      return { face: emoji, label: this.pane.word("react", { emoji }), checked, run };
    };
    const own = this.pane.context.isMine(message) && message.text && !message.via_bot && !message.forward_origin;
    const items = [
      { faces: REACTIONS.map(face) },
      { label: this.pane.word("reply"), face: "↩️", run: () => this.pane.composer.answerTo(message) },
      text && { label: this.pane.word("copy"), face: "📄", run: () => this.copy(text) },
      own && { label: this.pane.word("edit"), face: "✏️", run: () => this.pane.composer.edit(message) },
      { label: this.pane.word("forward"), face: "↪️", run: () => this.#forward(message) },
    ].filter(Boolean);
    menuAt(element, items, this.pane.word("message_menu"), point);
  }

  #forward(message) {
    return pickIn(this.pane.element, this.pane.word("send_to"), this.#targets(), this.pane.lang, async (target) => {
      const key = await this.#keyOf(target);
      if (key) await this.pane.doing(act(this.pane.personId, "forward", { from_chat: this.pane.chatKey, message_id: message.message_id, chat: key }));
    });
  }
}
