// The same small bot written with grammY. Node finds grammY by NODE_PATH or in a folder above.
const { Bot, InlineKeyboard, InputFile } = require("grammy");

const [url, token, picture] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: url } });

bot.command("start", (ctx) =>
  ctx.replyWithPhoto(new InputFile(Buffer.from(picture, "hex"), "card.png"), {
    caption: "<b>Pears</b>",
    parse_mode: "HTML",
    reply_markup: new InlineKeyboard().text("🙋 want", "want"),
  }),
);
bot.on("callback_query:data", async (ctx) => {
  await ctx.answerCallbackQuery({ text: "counted", show_alert: true });
  await ctx.editMessageCaption({ caption: `${ctx.from.first_name} wants pears` });
});
bot.on("message:text", (ctx) =>
  ctx.reply(`you said: ${ctx.message.text}`, { reply_parameters: { message_id: ctx.message.message_id } }),
);
bot.start();
