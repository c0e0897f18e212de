# 拉票的文字：会员的拉票页、海报，和好友打开的网页。

# 拉票页
canvass = 📣 <b>{ $title }</b>

    你的专属链接：
    { $link }
canvass-chat-link = 直接进入聊天：
    { $link }
canvass-came = { $opens ->
        [0] 好友打开就能看到这件宝贝并投票。还没有人打开过。
       *[other] 👀 { $opens } 位好友打开过
    }{ $votes ->
        [0] { "" }
       *[other] {" "}→ { $votes } 票
    }
canvass-next = 🎯 到 { $number } 票时会告诉你。
canvass-top = 🏅 拉票最多：{ $names }
canvass-named = 好友会看到你的名字：{ $name }。⚙️ /settings
canvass-nameless = 好友看不到这是谁的链接。⚙️ /settings
canvass-over = ⌛️ 这件宝贝的投票已结束，链接仍可查看。
canvass-scheduled = 🗓 { $moment } 开团。好友打开链接可以关注它，开团前会收到通知。
canvass-open = 🎉 已开团，好友打开链接就能去参团。
canvass-share-scheduled = { $title } 要开团了：{ $moment }，期望价 { $price }。点开链接关注它，开团前会通知你。
canvass-share-open = { $title } 开团了，期望价 { $price }。点开链接去参团！
canvass-share-text = 看看这个：{ $title }，期望价 { $price }{ $saved ->
        [0] { "" }
       *[other] （原价 { $original }）
    }，想要的人够多就开团。你想要吗？点开链接投一票！
canvass-share-over = 看看这个：{ $title }，期望价 { $price }{ $saved ->
        [0] { "" }
       *[other] （原价 { $original }）
    }。
canvass-wechat = 把这张图发到微信或朋友圈：好友长按识别二维码，就能看到宝贝并投票。
canvass-renew-ask = ♻️ 旧链接仍可查看这件宝贝，但以后不再计入任何人。已有的成绩还是你的。要换新链接吗？
canvass-renewed = 这是你的新链接。旧链接不再计数。

canvass-mine = 📣 <b>我的拉票链接</b>
canvass-mine-empty = 📣 你还没有拉票链接。在想团的宝贝上点 📣，请好友帮忙。
canvass-mine-line = <b>{ $title }</b>
    { $opens } 位好友 → { $votes } 票

button-card = 💬 发投票卡片到聊天
button-more = 🌐 更多方式
button-poster = 🖼 只要图片
button-renew = ♻️ 换新链接
button-renew-really = ♻️ 是的，换新链接
network-weibo = 微博
network-wechat = 微信
network-whatsapp = WhatsApp
network-x = X
network-facebook = Facebook

# 通过链接来的人
start-by-friend = 好友请你投一票。你想团它吗？
start-by-named-friend = { $name } 请你投一票。你想团它吗？
start-late-link = 好友想让你看看它。
start-own-link = 这是你自己的链接。好友打开会看到这件宝贝；你自己不计数。

# 海报
poster-brand = 我想团
poster-label = 期望价
poster-original = 原价 { $price }
poster-wants = { $number ->
    [0] 还没有人想团，来做第一个
    [1] 已经有人想团
   *[other] 已有 { $count } 人想团
}
poster-call = 你想团它吗？
poster-call-named = { $name } 请你投一票
poster-found = 好东西，推荐给你
poster-found-named = { $name } 推荐给你
poster-how = 扫码看宝贝，想要就投一票
poster-how-late = 扫码看宝贝
poster-until = 投票截止：{ $moment }
poster-over = 投票已结束
poster-scheduled = { $moment } 开团
poster-open = 已开团

# 网页
page-brand = 我想团
page-title = { $title }：期望价 { $price }{ $saved ->
        [0] { "" }
       *[other] ，原价 { $original }
    }
page-description = { $number ->
    [0] 还没有人想团，来做第一个吧。想要的人多，就为它开团。
   *[other] { $count } 人想团。想要的人多，就为它开团。
}
page-asks = 好友请你投一票：你想团它吗？
page-asks-named = { $name } 请你投一票：你想团它吗？
page-expected = 期望价
page-original = 原价
page-wants = { $number ->
    [0] 还没有人想团
   *[other] 人想团
}
page-left = 投票还剩 { $span }
page-until = { $moment } 截止
page-vote = 🙋 我想团
page-vote-how = 会打开 Telegram 聊天；投票不等于购买。
page-follow = 🔔 开团提醒我
page-follow-how = 会打开 Telegram 聊天，在那里可以关注它。
page-today = 🎲 看今天的宝贝
page-today-how = 会打开 Telegram 聊天。
page-scan = 用手机扫一扫
page-over = 本场已结束
page-over-more = 投票已截止，小二正在挑选。下一场{ $moment } 开始。
page-scheduled = { $moment } 开团
page-scheduled-more = 想团的人够多了。在聊天里关注它，开团前会通知你。
page-group = 🛒 去参团
page-group-how = 会打开店铺的页面。
page-open = 已开团
page-open-more = 想团的人够多，现在可以买了。
page-ended = 这件宝贝最终没有开团
page-ended-more = 还有更多宝贝：下一场{ $moment } 开始。
page-lost = 这个链接已经失效
page-lost-more = 也许结尾少了一个字符。不过还有很多宝贝可以看。
page-busy = 请稍等一下
page-busy-more = 我们这边出了点问题，请过一会儿刷新页面。
page-quiet = 本页不使用 Cookie，也不知道你是谁。
page-photo = 图片：{ $title }
