# 团长的案件工作台：疑似刷票的投票，由人来决定。

button-cases = 🔍 案件{ $number ->
    [0] {""}
   *[other] （{ $number }）
}
button-case = 🔍 查看案件
button-case-clear = ✅ 没有问题，全部计票
button-case-void = 🚫 选票无效，与店铺无关
button-case-ban = ⛔️ 认定刷票
button-case-picture = 📊 图表
button-case-csv = 📄 表格 CSV
button-case-xlsx = 📄 表格 Excel

case-title-line = { $place }. <b>{ $title }</b> · { $shop }
cases = 🔍 <b>案件：疑似刷票</b>
cases-empty = 🔍 没有疑似刷票，这里暂时没有要处理的事。
cases-undecided = ⏳ { $suspect } 票暂不计（{ $percent }%）· { $counted } 票计入
cases-cleared = ✅ 没有问题，全部计票
cases-votes-false = 🚫 选票无效：作废 { $suspect } 票（{ $percent }%）
cases-confirmed = ⛔️ 认定刷票：作废 { $suspect } 票（{ $percent }%）

case = 🔍 <b>{ $title }</b> · { $shop }
    案件 { $case }，{ $moment } 立案
case-votes = 🔍 { $suspect } 票暂不计（{ $percent }%）· 🙋 { $counted } 票计入
case-votes-decided = 🚫 作废 { $suspect } 票（{ $percent }%）· 🙋 决定时计入 { $counted } 票
case-why = <b>依据</b>
case-canvassed = 📣 有 { $votes } 票来自同一个拉票链接（会员 { $member } 号）：属于拉票。单凭这一点是正当的，不会因此暂不计票。
case-undecided = ⏳ 还没有人决定。会员和商家都看不出来。
case-cleared = ✅ { $who }于{ $moment } 认定没有问题，全部计票。
case-votes-false = 🚫 { $who }于{ $moment } 认定选票无效，宝贝和店铺不受影响。
case-confirmed = ⛔️ { $who }于{ $moment } 认定刷票，宝贝已下架。
case-reason = “{ $reason }”
case-by-organiser = 团长 { $number } 号
case-by-terminal = 终端
case-by-nobody = 无人
case-months = { $number } 个月
case-ban = 🔒 { $shop } 封禁 { $months }，至 { $until }。
case-ban-over = 🔓 { $shop } 曾封禁 { $months }，至 { $until }。
case-ban-lifted = 🔓 { $shop } 的封禁已于{ $moment } 解除。
case-ban-asked = ✋ 拟封禁 { $months }，须另一位团长同意后生效。
case-ban-agreed = 🤝 { $who }已同意封禁 { $months }。

case-really-clear = ✅ <b>{ $title }</b>
    让暂不计的 { $number } 票重新计入？同样的情况不会再对这些账号提出。此操作不能撤销。
case-ask-void = 🚫 <b>{ $title }</b>
    这些选票为什么无效？请用一条消息写明理由，它会和决定一起保存；在你确认之前什么都不会发生。
case-ask-ban = ⛔️ <b>{ $title }</b>
    凭什么认定店铺刷票？请用一条消息写明理由，它会和决定一起保存；在你确认之前什么都不会发生。
case-really-void = 🚫 <b>{ $title }</b>
    { $number } 票作废，其会员会收到通知和申诉的办法。宝贝和店铺不受影响，其余 { $counted } 票照常计入。
case-really-ban = ⛔️ <b>{ $title }</b>
    { $number } 票作废，其会员会收到通知和申诉的办法。
case-really-ban-good = 🍂 宝贝下架（除非已开团）；{ $counted } 位正当投票的会员拿回选票和当天的名额，并各收到一次通知。
case-really-ban-open = 🎉 已经开团，宝贝和 { $counted } 张正当的选票保留。
case-really-ban-months = 🔒 { $shop } 封禁 { $months }。
case-really-ban-asked = 🔒 { $shop } 先封禁 1 个月；另一位团长同意后为 { $months }。
case-yes-clear = ✅ 是，重新计入
case-yes-void = 🚫 是，选票无效
case-yes-ban = ⛔️ 是，认定刷票
case-reason-again = 那个问题已经结束，请重新写明理由。
case-decided-already = 已经有人决定了。
case-gone = 没有这个案件。
case-done-clear = ✅ { $number } 票重新计入。
case-done-void = 🚫 { $number } 票作废。
case-done-ban = ⛔️ { $number } 票作废，宝贝下架，店铺封禁。
case-done-ban-open = ⛔️ { $number } 票作废，店铺封禁。已经开团，宝贝保留。
case-no-false-vote = 疑似的选票都已收回：没有无效票，就不能封禁店铺。请认定没有问题，或认定选票无效。

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
