# 每个投票日的计票：投票凭证，以及核对的命令。

command-receipt = 我的投票凭证
limit-receipt = 刚刚已经领了很多凭证，{ $wait }后可以再领。
receipt-choose = 🧾 <b>要哪一票的凭证？</b>
    凭证能证明你的这一票已按你所投的记下：它在当天的计票里，计票的根已公布，谁都不能悄悄改动。凭证不涉及其他任何人。
receipt-none = 你还没有投票，或都已收回。投票之后，可以在这里领取凭证，证明这一票在公布的计票里。
receipt = 🧾 <b>{ $title }</b> · 投票日 { $day }
    你的这一票已记下：它在当天共 { $acts } 条记录的计票里，你是其中的 { $member } 号会员。计票的根应与 /fairness 里的一致：
    <code>{ $root }</code>

    证明在文件里。谁拿到它，谁就能看出你投了这件宝贝，和截图一样：愿意让人知道时再转发。
receipt-not-yet = 你投给 <b>{ $title }</b> 的一票已经存好。当天结束后才计票：{ $moment } 起可以领取凭证。
receipt-soon = 你投给 <b>{ $title }</b> 的一票已经存好。当天的计票正在生成，请过几分钟再来领取凭证。
receipt-not-kept = 你投给 <b>{ $title }</b> 的一票没有凭证：计票保存半年，这一天的已经不在，或当时还没有计票。
receipt-no-vote = 这一票已经不在了。发送 /receipt 查看现有的投票。

cli-tally-none = { $day } 没有公布的计票。
cli-tally-none-yet = 还没有公布的计票：每个投票日结束一小时后才计票。
cli-tally-deleted = { $day } 的记录已不再保存；它的根是 { $root }。
cli-tally-exported = { $day }：根 { $root }
cli-tally-good = 宝贝 { $item }：投票 { $cast }，收回 { $takenback }，退票 { $returned }，{ $usedagain ->
        [0] {""}
       *[other] 退票后再用 { $usedagain }，
    }作废 { $void }，恢复 { $restored }；票数 { $moved }
cli-tally-fits = { $day }：{ $acts } 条记录的根是 { $root }。
cli-tally-compare = 请把这个根与公布的比对，或用 --root 给出公布的根。
cli-receipt-fits = 宝贝 { $item }，投票日 { $day }：{ $member } 号会员的一票在根为 { $root } 的计票里。
cli-receipt-wrong = 这不是凭证，或已被改动。
cli-receipt-other-root = 这张凭证属于另一份计票，根是 { $root }。
cli-bad-root = 根是 64 位的十六进制数（0 至 9、a 至 f）。
cli-tally-line = 第 { $line } 行：{ $what }
tally-unreadable = 不是计票记录
tally-out-of-place = 序号不连续：前面缺了记录，或这一条是加进去的
tally-out-of-order = 顺序不对：被移动过，或重复了
tally-changed = 记录被改动
tally-other-day = 是另一天的
tally-other-number = 记录的条数与表里写的不符：末尾被删掉或加上了。
tally-other-root = 这些记录的根不是这个：有记录被改动、增加或删掉，或根属于另一天。
