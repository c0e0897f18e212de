# 团长的案件工作台：疑似刷票的投票，由人来决定。

button-cases = 🔍 案件{ $number ->
    [0] {""}
   *[other] （{ $number }）
}
button-bans = 🔒 封禁的店铺
button-case = 🔍 查看案件
button-case-clear = ✅ 没有问题，全部计票
button-case-void = 🚫 假票，与店铺无关
button-case-ban = ⛔️ 认定刷票
button-case-agree = 🤝 同意延长封禁
button-case-appeal = 📨 商家申诉
button-case-grant = ✅ 核准申诉
button-case-refuse = 🚫 驳回申诉
button-case-restore = 🙋 恢复一票
button-case-notice = 📋 给商家的通知
button-case-picture = 📊 图表
button-case-csv = 📄 表格 CSV
button-case-xlsx = 📄 表格 Excel

case-title-line = { $place }. <b>{ $title }</b> · { $shop }
cases = 🔍 <b>案件：疑似刷票</b>
bans = 🔒 <b>封禁的店铺</b>
bans-none = 目前没有封禁的店铺。
bans-line = { $place }. <b>{ $shop }</b>：{ $months }，至 { $until } · 案件 { $case }
cases-empty = 🔍 没有疑似刷票，这里暂时没有要处理的事。
cases-undecided = ⏳ { $suspect } 票暂不计（{ $percent }%）· { $counted } 票计入
cases-cleared = ✅ 没有问题，全部计票
cases-votes-false = 🚫 假票，与店铺无关：作废 { $suspect } 票（{ $percent }%）
cases-granted = ✅ 商家申诉成立，全部计票
cases-appeal-waits = 📨 商家的申诉等待决定
cases-ban-waits = ✋ 延长封禁须另一位团长同意
cases-confirmed = ⛔️ 认定刷票：作废 { $suspect } 票（{ $percent }%）

case = 🔍 <b>{ $title }</b> · { $shop }
    案件 { $case }，{ $moment } 立案
case-votes = 🔍 { $suspect } 票暂不计（{ $percent }%）· 🙋 { $counted } 票计入
case-votes-decided = 🚫 作废 { $suspect } 票（{ $percent }%）· 🙋 决定时计入 { $counted } 票
case-votes-restored = ✅ 曾作废 { $suspect } 票（{ $percent }%），已重新计入
case-why = <b>依据</b>
case-canvassed = 📣 有 { $votes } 票来自同一个拉票链接（会员 { $member } 号）：属于拉票。单凭这一点是正当的，不会因此暂不计票。
case-undecided = ⏳ 还没有人决定。会员和商家都看不出来。
case-cleared = ✅ { $who }于{ $moment } 认定没有问题，全部计票。
case-votes-false = 🚫 { $who }于{ $moment } 认定是假票，宝贝和店铺不受影响。
case-confirmed = ⛔️ { $who }于{ $moment } 认定刷票。
case-reason = “{ $reason }”
case-by-organiser = 团长 { $number } 号
case-by-operator = 运维人员
case-by-nobody = 无人
case-by-you = 你
case-months = { $number } 个月
case-ban = 🔒 { $shop } 封禁 { $months }，至 { $until }。
case-ban-over = 🔓 { $shop } 曾封禁 { $months }，至 { $until }。
case-ban-lifted = 🔓 { $shop } 的封禁已于{ $moment } 解除。
case-ban-asked = ✋ 拟封禁 { $months }，须另一位团长同意后生效。
case-ban-agreed = 🤝 { $who }已同意封禁 { $months }。
case-restored = 🙋 会员提出异议后，其中 { $number } 票已重新计入。

case-title = <b>{ $title }</b>
case-really-clear = ✅ 让暂不计的 { $number } 票重新计入？同样的情况不会再对这些账号提出。此操作不能撤销。
case-ask-void = 🚫 <b>{ $title }</b>
    为什么认定这些是假票？请用一条消息写明理由，它会和决定一起保存；在你确认之前什么都不会发生。
case-ask-ban = ⛔️ <b>{ $title }</b>
    根据什么认定店铺刷票？请用一条消息写明理由，商家会看到；在你确认之前什么都不会发生。
case-really-void = 🚫 { $number } 票作废，其会员会收到通知，并得知怎样提出异议。宝贝和店铺不受影响，其余 { $counted } 票照常计入。
case-really-ban = ⛔️ { $number } 票作废，其会员会收到通知，并得知怎样提出异议。
case-really-ban-good = 🍂 宝贝下架（除非已开团）；{ $counted ->
    [0] 没有其他人投票。
   *[other] { $counted } 位正当投票的会员拿回选票和当天的名额，并各收到一次通知。
}
case-really-ban-ended = 🍂 这一次展示的宝贝早已结束，投票的会员都已知道；如果又上架过，新上架的也下架（除非已开团）。
case-really-ban-open = 🎉 已经开团，宝贝和 { $counted } 张正当的选票保留。
case-really-ban-months = 🔒 { $shop } 封禁 { $months }。
case-really-ban-asked = 🔒 { $shop } 先封禁 1 个月；另一位团长同意后为 { $months }。
case-ask-appeal = 📨 <b>{ $title }</b>
    商家怎么说？请用一条消息写下或粘贴；在你确认之前不会登记。
case-ask-grant = ✅ <b>{ $title }</b>
    为什么核准申诉？请用一条消息写明理由，商家会看到；在你确认之前什么都不会发生。
case-ask-refuse = 🚫 <b>{ $title }</b>
    为什么驳回申诉？请用一条消息写明理由，商家会看到；在你确认之前什么都不会发生。
case-ask-restore = 🙋 <b>{ $title }</b>
    恢复谁的一票？请写会员编号，在本案件的表格（📄）里；在你确认之前什么都不会发生。
case-really-agree = 🤝 将 { $shop } 的封禁定为共 { $months }？
case-really-appeal = 📨 登记为 { $shop } 的申诉？只能申诉一次。
case-really-grant = ✅ 核准 { $shop } 的申诉？作废的票重新计入，封禁解除；宝贝恢复，除非因别的原因已经结束。
case-really-refuse = 🚫 驳回 { $shop } 的申诉？原决定不变，不能再次申诉。
case-really-restore = 🙋 让会员 { $member } 号的一票重新计入？会员会收到通知，同样的情况不会再对这个账号提出；其他决定不变。此操作不能撤销。
case-yes-agree = 🤝 是，同意
case-yes-appeal = 📨 是，登记
case-yes-grant = ✅ 是，核准
case-yes-refuse = 🚫 是，驳回
case-yes-restore = 🙋 是，重新计入
case-yes-clear = ✅ 是，重新计入
case-yes-void = 🚫 是，这些是假票
case-yes-ban = ⛔️ 是，认定刷票
case-reason-again = 那个问题已经结束，请重新写明理由。
case-none-void = 这个案件没有作废的票，或者已经全部恢复。
case-not-void = 会员 { $member } 号没有被本案件作废的票，可能已经恢复了。
case-decided-already = 已经有人决定了。
case-gone = 没有这个案件。
case-done-clear = ✅ { $number } 票重新计入。
case-done-void = 🚫 { $number } 票作废。
case-done-ban = ⛔️ { $number } 票作废，宝贝下架，店铺封禁。
case-done-ban-open = ⛔️ { $number } 票作废，店铺封禁。已经开团，宝贝保留。
case-no-false-vote = 疑似的选票都已收回：没有假票，就不能封禁店铺。请认定没有问题，或认定是假票。
case-done-agree = 🤝 店铺共封禁 { $months }。
case-not-agreed-no-ban = 这项封禁已不存在。
case-not-agreed-in-force = 封禁已全部生效。
case-not-agreed-same-organiser = 须由另一位团长同意，不能是作出决定的那一位。
case-done-appeal = 📨 申诉已登记。
case-done-grant = ✅ 申诉核准：{ $number } 票重新计入，封禁解除。
case-done-refuse = 🚫 申诉驳回，原决定不变。
case-done-restore = 🙋 会员 { $member } 号的一票重新计入，会员会收到通知。
case-no-appeal-no-case = 没有这个已查实的案件。
case-no-appeal-too-late = 七天的申诉期已过。
case-no-appeal-appealed-already = 商家已经申诉过，只能申诉一次。
case-no-appeal-no-appeal = 商家没有申诉。
case-no-appeal-decided-already = 这个申诉已经决定了。
case-no-appeal-same-organiser = 须由另一位团长决定申诉，不能是决定案件的那一位。
case-no-appeal-too-early = 案件是你自己决定的：只有一位团长时，申诉要等一天再决定。
case-appeal-until = 📨 商家可以在 { $until } 之前申诉。
case-appeal-never = 📨 商家没有申诉，申诉期已于 { $until } 结束。
case-appealed = 📨 商家已申诉，{ $who }于{ $moment } 登记：
case-appeal-waits = ⏳ 申诉等待另一位团长决定，不能由{ $who }决定。
case-appeal-waits-alone = ⏳ 只有一位团长，{ $moment } 起可以决定申诉。
case-appeal-granted = ✅ { $who }于{ $moment } 核准了申诉。
case-appeal-refused = 🚫 { $who }于{ $moment } 驳回了申诉，原决定不变。
case-notice = 📋 发给商家，中英文任选。点按文字即可复制：

case-vote-counted = 计入
case-vote-set-aside = 暂不计
case-vote-void = 作废
case-vote-returned = 计入，选票已退还
case-vote-taken-back = 已收回

case-picture-title = 案件 { $case } · { $shop }
case-picture-undecided = 暂不计 { $number } 票（{ $percent }%）
case-picture-cleared = 重新计入 { $number } 票（{ $percent }%）
case-picture-void = 作废 { $number } 票（{ $percent }%）
case-picture-others = 其他 { $number } 票
case-picture-hours = 每{ $hours ->
    [1] 小时的票数
   *[other] { " " }{ $hours } 小时的票数
}
case-picture-goods = 这 { $accounts } 个账号投了什么
case-picture-good = { $accounts } 个 · { $hours }
case-picture-more-goods = 还有 { $number } 件宝贝
case-picture-ids = 相邻的 Telegram ID
case-picture-batch = { $span } 个号码内有 { $accounts } 个账号
case-picture-more-batches = 还有 { $number } 组
case-picture-apart = 其余 { $number } 个不相邻
case-picture-links = 拉票链接
case-picture-link = 会员 { $member } 号：{ $votes } 票，存疑 { $named }
case-picture-no-link = 未经链接：{ $votes } 票，存疑 { $named }
case-picture-more-links = 还有 { $number } 个链接
case-picture-said = 📊 { $title } · 案件 { $case }。账号在这里只用编号表示，不显示姓名。
