// A bare bot with grammY and its runner: sends one picture message, answers and edits it at each tap. No rule, no database.
const { Bot, InputFile } = require("grammy");
const { run } = require("@grammyjs/runner");

const bot = new Bot(process.env.BOT_TOKEN, { client: { apiRoot: process.env.BOT_API_URL } });
const card = JSON.parse(process.env.CARD);
let count = 0;
const caption = () => card.caption.replace("{count}", count);
bot.command("start", (ctx) =>
  ctx.replyWithPhoto(new InputFile(process.env.PICTURE), { caption: caption(), parse_mode: "HTML", reply_markup: card.keyboard }));
bot.on("callback_query:data", async (ctx) => {
  count += 1;
  await Promise.all([
    ctx.answerCallbackQuery(card.answer),
    ctx.editMessageCaption({ caption: caption(), parse_mode: "HTML", reply_markup: card.keyboard }),
  ]);
});
run(bot, { runner: { fetch: { allowed_updates: ["message", "callback_query"] } } });
