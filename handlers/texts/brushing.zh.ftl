# 刷票检测的结果，以及运行它的命令。

brushing-hardly-any =不到 0.1
brushing-member-lockstep = { $accounts } 个账号在相同的时段一起投了同样的宝贝（{ $named }），该账号投了这 { $goods } 件中的 { $voted } 件。
brushing-member-registration-batch = 该账号的 Telegram ID 与另一些账号相邻：{ $span } 个号码之内有 { $accounts } 个账号投了同样的宝贝（{ $named }）。
brushing-member-refund-ring = 该账号的消费已退款，并投了 { $accounts } 个此类账号所投的 { $goods } 件宝贝（{ $named }）中的 { $voted } 件。
brushing-item-lockstep = 共 { $all } 票，其中 { $votes } 票来自 { $accounts } 个账号；它们在相同的时段投了同样的 { $goods } 件宝贝，这里多在 { $begins } 至 { $ends }。有 { $observed } 个账号呈现这一规律，偶然情况下预计{ $expected } 个。
brushing-item-registration-batch = 共 { $all } 票，其中 { $votes } 票来自 Telegram ID 相邻的账号：{ $span } 个号码之内有 { $neighbours } 个账号，偶然情况下预计{ $expected } 个。多在 { $begins } 至 { $ends } 投票。
brushing-item-refund-ring = 共 { $all } 票，其中 { $votes } 票来自一组 { $accounts } 个账号，其中 { $refunded } 个的消费已退款；多在 { $begins } 至 { $ends } 投票。有 { $observed } 个账号呈现这一规律，偶然情况下预计{ $expected } 个。

bad-not-a-time = “{ $value }”不是带时差的时间，应写成 2026-11-02T08:00:00+08:00
notification-case-opened = 🔍 <b>{ $title }</b> · { $shop }
    有 { $number } 票疑似刷票，在团长决定之前暂不计票；其余 { $counted } 票照常计入。会员和商家都看不出来。
notification-ban-waits = ✋ <b>{ $title }</b> · { $shop }
    另一位团长已认定刷票，拟封禁 { $months } 个月。目前封禁 1 个月，至 { $until }；更长的期限须再有一位团长同意。
notification-appeal-waits = 📨 <b>{ $title }</b> · { $shop }
    商家对认定刷票的决定提出申诉，现在可以由你决定。
notification-vote-void = ⚖️ 你投给 <b>{ $title }</b> 的一票不算数：团长查实这件宝贝有刷票，你的这一票也在其中。{ $ballot ->
        [back] 退还给你的那张选票仍归你。
       *[used] 选票不退。
    }如果你认为弄错了，请告诉团长，并报上你的会员编号 { $member }：可以重新核查，恢复计票。
notification-item-brushed = ⚖️ <b>查实刷票，宝贝已下架</b>

    { $title }
    团长查实有人替它刷票：宝贝已下架，店铺暂时不能再提交宝贝。这和你无关，你没有做错什么。
notification-item-restored-on-display = ⚖️ <b>{ $title }</b> 恢复展示：商家的申诉经团长核查成立。之前不算数的票现在算数了。
notification-item-restored-back = ⚖️ <b>{ $title }</b> 恢复资格：商家的申诉经团长核查成立。之前不算数的票现在算数了，是否开团两周内会有结果。
notification-item-restored-passed = ⚖️ <b>{ $title }</b> 恢复资格：商家的申诉经团长核查成立，很快会上架展示。
notification-item-restored-passed-banned = ⚖️ <b>{ $title }</b> 恢复资格：商家的申诉经团长核查成立，会上架展示，不早于 { $moment }。
notification-item-restored-ended = ⚖️ 你投给 <b>{ $title }</b> 的一票现在算数了：商家的申诉经团长核查成立。宝贝本身因为别的原因已经结束。
notification-vote-restored = ⚖️ 你投给 <b>{ $title }</b> 的一票现在算数了：团长重新核查过。弄错了，抱歉！
notification-ballot-kept = 🎫 退还给你的那张选票仍归你。
notification-ballot-in-use = 🎫 你投给它的这一票占用着一张选票。
button-case-good = 🏆 查看宝贝
cli-monitored = 共检测 { $votes } 票，暂不计 { $number } 票，{ $goods } 件宝贝有新的或更新的案件。
cli-no-case = 没有待决的案件 { $number }。
cli-no-organiser = --by 要写给机器人发过消息的团长的编号，“{ $by }”不是。现有：{ $known }
cli-case-no-reason = 请用 --reason 说明理由。
cli-void = 作废 { $number } 票。
cli-no-false-vote = 这个案件的票都已收回；没有假票，不能封禁店铺。
cli-good-out = 宝贝已下架，诚实投票的选票已退还。
cli-good-stays = 这件宝贝已经开团，机器人无法撤销，宝贝保留。
cli-ban = 案件 { $case }：店铺“{ $shop }”封禁 { $months } 个月，到 { $until }。
cli-ban-waits = 拟封禁 { $months } 个月，要由另一位团长用 “votes agree { $case } --by 编号” 同意。
cli-not-agreed-no-ban = 这个案件没有生效中的封禁。
cli-not-agreed-in-force = 这项封禁的全部期限已经生效。
cli-not-agreed-same-organiser = 须由另一位团长同意，不能是作出决定的那一位。请用 --by 写明你是谁。
cli-restored = 会员 { $member } 号的一票恢复计票，并会收到通知。
cli-no-void-vote = 会员 { $member } 号没有被案件 { $case } 作废的票。
cli-cleared = 恢复计票 { $number } 票。
cli-examined = { $file }：共 { $votes } 票，可疑会员 { $members } 位，可疑宝贝 { $goods } 件
cli-rows-left-out = { $file }：{ $number } 行有误，已略过；其余各行已检测。
cli-nothing-to-judge = { $file }：没有检测。
cli-same-name = { $file }：已有同名的文件，每个文件都要有自己的名字。
cli-into-itself = { $file }：结果会覆盖文件本身，请另选文件夹。
cli-too-large = { $file }：文件太大，无法判断。
cli-no-folder = { $file }：无法建立文件夹：{ $why }
