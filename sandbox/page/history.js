// The scrolling list of one chat as one person sees it.

import { coalesced, h, icon } from "./dom.js";
import { MessageView, ServiceView, isService } from "./message.js";
import { isTalk } from "./store.js";
import { dateText, dayText, words } from "./words.js";

const WINDOW = 80; // items drawn at first; more when somebody scrolls up
const NEAR_END = 48; // pixels from the end that still count as "at the end"
const RUN_SECONDS = 300; // messages of one sender within this time stand together

export class History {
  constructor(context, store) {
    this.context = context;
    this.store = store;
    this.views = new Map();
    this.shown = WINDOW;
    this.fresh = 0;
    this.atEnd = true;
    this.list = h("div.messages");
    this.scroller = h("div.history", { tabindex: "0", role: "log", "aria-live": "off", "aria-label": words(context.lang, "messages") }, this.list);
    this.count = h("span.jump-count");
    this.jump = h("button.jump", { type: "button", hidden: true, "aria-label": words(context.lang, "down"), on: { click: () => this.toEnd(true) } }, icon("down"), this.count);
    this.element = h("div.history-frame", {}, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.watch = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.watch.observe(this.list);
    this.watch.observe(this.scroller);
    this.soon = coalesced(() => this.sync());
  }

  close() {
    this.watch.disconnect();
  }

  /** Make the list equal to the store: views are kept by key, only what changed is touched, the place is held. */
  sync() {
    if (!this.context.chat) return;
    const anchor = this.atEnd ? null : this.#anchor();
    const wanted = this.#items();
    const keep = new Set();
    let cursor = this.list.firstChild;
    for (const item of wanted) {
      keep.add(item.key);
      let view = this.views.get(item.key);
      if (!view) this.views.set(item.key, (view = item.make()));
      item.update?.(view);
      if (view.element === cursor) cursor = cursor.nextSibling;
      else this.list.insertBefore(view.element, cursor);
    }
    for (const [key, view] of this.views) {
      if (keep.has(key)) continue;
      if (view.element.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
      view.element.remove();
      this.views.delete(key);
    }
    if (this.atEnd) this.toEnd();
    else if (anchor?.element.isConnected) this.scroller.scrollTop += anchor.element.getBoundingClientRect().top - anchor.top;
  }

  #items() {
    const { context, store } = this;
    const { chat, person, lang, timeZone } = context;
    const messages = store.seen(chat.key, person.id).filter((message) => !isTalk(chat) || !isService(message));
    const groups = [];
    for (const message of messages) {
      const last = groups.at(-1);
      if (message.media_group_id && last?.[0].media_group_id === message.media_group_id && message.photo) last.push(message);
      else groups.push([message]);
    }
    const from = Math.max(0, groups.length - this.shown);
    this.hasMore = from > 0;
    const items = [];
    let day = null;
    const now = store.now();
    const several = chat.type !== "private" && !isTalk(chat);
    for (let index = from; index < groups.length; index++) {
      const group = groups[index];
      const [message] = group;
      const date = new Date(message.date * 1000);
      const dayKey = dateText("en", date, timeZone, { dateStyle: "short" });
      const newDay = dayKey !== day;
      if (newDay) {
        day = dayKey;
        const label = dayText(lang, date, now, timeZone);
        items.push({
          key: `day ${dayKey}`,
          make: () => ({ element: h("div.day", { role: "separator" }, h("span")) }),
          update: (view) => view.element.firstChild.textContent !== label && (view.element.firstChild.textContent = label),
        });
      }
      if (isService(message)) {
        items.push({ key: `service ${message.message_id}`, make: () => new ServiceView(context), update: (view) => view.update(group) });
        continue;
      }
      const before = newDay ? null : groups[index - 1]?.[0];
      const after = groups[index + 1]?.[0];
      const first = !before || isService(before) || !together(before, message);
      const last = !after || isService(after) || !together(message, after) || dateText("en", new Date(after.date * 1000), timeZone, { dateStyle: "short" }) !== dayKey;
      const place = { first, last, grouped: several && chat.type !== "channel", showSender: several && first && !context.isMine(message) };
      items.push({ key: `message ${message.message_id}`, make: () => new MessageView(context), update: (view) => view.update(group, place) });
    }
    return items;
  }

  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const element of this.list.children) {
      const box = element.getBoundingClientRect();
      if (box.bottom > top && !element.classList.contains("day")) return { element, top: box.top };
    }
    return null;
  }

  // The date at the top fades while nothing moves: it would lie over somebody's words.
  #dates() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const day of this.list.querySelectorAll(".day")) {
      const after = day.nextElementSibling?.getBoundingClientRect();
      day.classList.toggle("stuck", Boolean(after) && after.top < Math.max(top, day.getBoundingClientRect().bottom - 2));
    }
    if (this.bySelf) return;
    this.scroller.classList.add("scrolling");
    clearTimeout(this.moving);
    this.moving = setTimeout(() => this.scroller.classList.remove("scrolling"), 1200);
  }

  #scrolled() {
    this.#dates();
    this.bySelf = false;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.atEnd) {
      this.fresh = 0;
      this.context.reachedEnd();
    }
    this.#jumpState();
    if (scrollTop < 300) this.#older();
  }

  #older() {
    if (!this.hasMore) return;
    this.shown += WINDOW;
    this.sync();
  }

  /** A message has come: go along with it, or count it on the button that leads down. */
  added(mine) {
    if (mine) this.atEnd = true;
    if (!this.atEnd) this.fresh += 1;
    this.soon();
    this.#jumpState();
  }

  #jumpState() {
    this.jump.hidden = this.atEnd;
    this.count.hidden = !this.fresh;
    this.count.textContent = this.fresh || "";
  }

  toEnd(smooth = false) {
    this.atEnd = true;
    const { scroller } = this;
    if (smooth) scroller.scrollTo({ top: scroller.scrollHeight, behavior: "smooth" });
    else if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > 1) {
      this.bySelf = true;
      scroller.scrollTop = scroller.scrollHeight;
    }
  }

  viewOf(messageId) {
    return [...this.views.values()].find((view) => view.messages?.some((message) => message.message_id === messageId));
  }

  /** Bring a message into sight and let it glow; draws more of the past when it is not there yet. */
  showMessage(messageId) {
    const known = this.store.list(this.context.chat.key).some((message) => message.message_id === messageId);
    while (known && !this.viewOf(messageId) && this.hasMore) {
      this.shown += WINDOW;
      this.sync();
    }
    const element = this.viewOf(messageId)?.element;
    if (!element) return;
    this.atEnd = false;
    element.scrollIntoView({ block: "center" });
    element.classList.add("glow");
    setTimeout(() => element.classList.remove("glow"), 1600);
  }

  /** Arrow keys walk from message to message. */
  step(by) {
    const all = [...this.list.querySelectorAll(".message")];
    const at = all.indexOf(document.activeElement?.closest(".message"));
    const next = at < 0 ? all.at(-1) : all[at + by];
    next?.focus();
    return Boolean(next);
  }
}

function together(a, b) {
  const sender = (message) => message.sender_chat?.id ?? message.from?.id;
  return sender(a) === sender(b) && b.date - a.date < RUN_SECONDS && !a.reply_markup?.inline_keyboard?.length;
}
