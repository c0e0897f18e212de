// Inline buttons. A button element stays the same while its message is edited, so focus and the waiting shimmer survive.

import { fill, h, icon } from "./dom.js";
import { plain, richText } from "./text.js";
import { words } from "./words.js";

const STYLES = new Set(["danger", "success", "primary", "link"]);
const PATIENCE = 15_000; // milliseconds until an unanswered tap stops shimmering, as Telegram's apps give up

/** What a button does, from the one field that says so. */
export function kindOf(button) {
  if (button.disabled) return "disabled";
  if (button.url || button.login_url) return "url";
  if (button.copy_text) return "copy";
  if (button.web_app) return "web_app";
  if (button.pay) return "pay";
  if (button.switch_inline_query_current_chat !== undefined && button.switch_inline_query_current_chat !== null) return "current";
  if (button.switch_inline_query !== undefined && button.switch_inline_query !== null) return "share";
  if (button.switch_inline_query_chosen_chat) return "share";
  return "callback";
}

const MARKS = { url: "link", copy: "copy", share: "forward", web_app: "panes" };
const SAYS = { url: "link_button", web_app: "link_button", copy: "copy_button", share: "share_button", pay: "pay_button", disabled: "disabled_button" };

/** One button; `place` is `{row, column}` or, in a rich message, `{path}`. */
export class ButtonView {
  constructor(context, place, press) {
    this.context = context;
    this.place = place;
    this.label = h("span.button-label");
    this.element = h("button.inline-button", { type: "button", on: { click: () => this.#press(press) } }, this.label);
  }

  update(button) {
    const shown = JSON.stringify(button);
    if (shown === this.shown) return;
    this.shown = shown;
    this.button = button;
    this.kind = kindOf(button);
    fill(this.label, typeof button.text === "string" ? button.text : richText(button.text, this.context));
    this.element.dataset.style = STYLES.has(button.style) ? button.style : "plain";
    this.element.dataset.kind = this.kind;
    this.element.setAttribute("aria-disabled", String(this.kind === "disabled"));
    const says = SAYS[this.kind];
    if (says) this.element.setAttribute("aria-description", words(this.context.lang, says));
    else this.element.removeAttribute("aria-description");
    this.mark?.remove();
    this.mark = MARKS[this.kind] ? h("span.button-mark", {}, icon(MARKS[this.kind])) : null;
    if (this.mark) this.element.append(this.mark);
    this.name = plain(button.text);
  }

  #press(press) {
    if (this.kind === "disabled" || this.waiting) return;
    press(this);
  }

  /** Shimmer until `stop` is called or patience ends. */
  wait() {
    this.waiting = true;
    this.element.classList.add("waiting");
    this.element.setAttribute("aria-busy", "true");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), PATIENCE);
  }

  stop() {
    this.waiting = false;
    clearTimeout(this.timer);
    this.element.classList.remove("waiting");
    this.element.removeAttribute("aria-busy");
  }
}

/** The rows of buttons under a message. */
export class Keyboard {
  constructor(context, press) {
    this.context = context;
    this.press = press;
    this.rows = [];
    this.element = h("div.keyboard", { role: "group" });
  }

  update(rows) {
    this.element.hidden = !rows.length;
    rows.forEach((buttons, row) => {
      const views = (this.rows[row] ??= { element: this.element.appendChild(h("div.keyboard-row")), views: [] });
      buttons.forEach((button, column) => {
        if (!views.views[column]) {
          views.views[column] = new ButtonView(this.context, { row, column }, this.press);
          views.element.append(views.views[column].element);
        }
        views.views[column].update(button);
      });
      for (const view of views.views.splice(buttons.length)) view.element.remove();
    });
    for (const row of this.rows.splice(rows.length)) row.element.remove();
  }
}
