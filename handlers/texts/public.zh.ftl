# 所有人都能看到的内容：投票规则，以及每个场次的数字。

command-rules = 投票规则
command-fairness = 宝贝曝光是否公平
button-rules = ⚖️ 投票规则
button-fairness = 📊 曝光是否公平
button-rules-page = 🌐 在网页上看
button-round-page = 🌐 本场所有宝贝
button-in-chat = 💬 去聊天里看

rules-title = 投票规则
rules-lead = 谁能投票，刷票怎么处理。对每位会员、每家店铺都一样。
rules-voters = 谁能投票
rules-voters-text = 有选票的会员都能投，每件宝贝一票，展示期间有效。投出即计入。
rules-ballots = 选票
rules-ballots-text = { $year } 年以来每消费满 { $step } 得一张选票，退款会相应扣减消费。{ $welcome ->
        [0] 团长
       *[other] 新会员赠 { $welcome } 张，团长
    }也可以赠票，每次都写明原因。每投一票用一张；收回投票{ $returned ->
        [yes] 或宝贝未能开团
       *[no] {""}
    }时，选票退还。
rules-limits = 次数限制
rules-limits-text = 每天最多 { $votes } 票，从 { $opens } 起算。展示期间可以收回投票，每天最多 { $changes } 次。
rules-display = 你看到的宝贝
rules-display-text = 宝贝随机出现，谁也无法预知或左右；久而久之，每件的曝光大致相同。每个场次的数字都公开。
rules-members = 怎样防刷票
rules-members-text = 每小时、每场结束时，系统都会检查全部投票：一起行动的账号、成批注册的账号、投票后退款的消费。疑似刷票的先暂不计票，由团长来决定，机器不作决定。查明属实的票恢复计入；查实的假票作废：不计入，选票不退，并告知会员本人。欢迎用自己的链接请好友来投，一下子来了很多好友，不会因此暂不计票。
rules-shops = 店铺刷票怎么办
rules-shops-text = 团长查实后，宝贝下架，店铺封禁；诚实的投票人会收到通知，选票和当天的名额都退还。如果不是店铺的责任（也可能是对手所为），只作废假票，宝贝和店铺照常。
rules-bans = 封禁多久
rules-bans-text = 第一次 { $first } 个月；第二次，或假票达到一半，{ $second } 个月；第三次，或假票达到五分之四，{ $third } 个月。超过一个月须另一位团长同意；只有一位团长时，最多一个月。封禁期间，该店铺的宝贝不能登记；从下一场起也不展示。到期自动解除。
rules-appeals = 店铺申诉
rules-appeals-text = 店铺会得知决定和理由，可以在 { $days } 天内申诉一次，由另一位团长决定；只有一位团长时，{ $hours } 小时后由其本人决定。申诉成立，票重新计入，封禁解除；没有别的原因，宝贝也恢复。
rules-objections = 会员有异议
rules-objections-text = 如果你的票被误判，或者你认为某件宝贝受到不公平对待，请告诉团长，会重新核查，弄错了就恢复计票。

rules-short = ⚖️ <b>投票规则</b>
    每消费满 { $step } 得一张选票，投一票用一张；每天最多 { $votes } 票，每件宝贝一票。刷来的票不算数，刷票的店铺会被封禁。完整规则：

fairness-title = 宝贝曝光是否公平
fairness-lead = 同一场的每件宝贝，曝光大致相同。这里按场次公开，人人都能核对。
fairness-day = { $day } 场次
fairness-none = 📊 还没有场次。第一场开始后，这里就有数字。
fairness-missing = 这一天没有场次
fairness-missing-more = 工作日才有新场次。最近几周的场次都在这里。
fairness-all = 所有场次
fairness-special = 加场，{ $moment }
fairness-open = 展示到 { $moment }，以下是目前的数字。
fairness-was-open = 展示到 { $moment }。
fairness-goods = 宝贝
fairness-draws = 抽取次数
fairness-exposures = 曝光总数
fairness-most = 单件最多
fairness-least = 单件最少
fairness-votes = 票数
fairness-even = 每件宝贝的曝光大致相同：即使全凭偶然，也有 { $percent }% 的场次会有这么大或更大的差别。
fairness-uneven = 宝贝的曝光并不均匀：全凭偶然，很少会有这么大的差别（只在 { $percent }% 的场次出现）。好友链接和群里的卡片直接带到某一件宝贝，也计入曝光。
fairness-too-few = 曝光太少，还看不出是否均匀。
fairness-test = 卡方值 { $value }，自由度 { $degrees }，p { $p }。
fairness-picture = 每件宝贝一条，按列表的顺序；横线是平均值 { $average }。
fairness-left = * 在本场结束之前已有决定，不参与比较。
fairness-more = 另有 { $number } 件未列出，但已计入。
fairness-good = 宝贝
fairness-shown = 曝光
fairness-verdicts = 刷票
fairness-verdicts-later = 本场结束、且相关案件全部决定之后，这里公布暂不计票的总数和处理结果。
fairness-verdicts-elsewhere = ⚖️ 这些宝贝的案件全部决定之后，/fairness 会显示暂不计票的总数和处理结果。
fairness-set-aside = 曾暂不计票
fairness-void = 作废
fairness-cleared = 案件：票有效
fairness-votes-false = 案件：假票，店铺无责
fairness-confirmed = 案件：查实，店铺封禁
fairness-granted = 申诉成立
fairness-root = 计票根
fairness-root-how = 一个投票日的全部记录归结为这串数字：有了它，谁都能核对事后没有改动、增加或删掉任何记录。在聊天里发送 /receipt，可以证明你的一票在其中。
fairness-bar-title = 每件宝贝的曝光次数
fairness-in-chat = 📊 <b>{ $title }</b>
    { $goods } 件宝贝，{ $draws }共曝光 { $shown } 次，每件 { $least } 至 { $most } 次。
    { $verdict }
fairness-in-chat-left = 本场结束之前已有决定的宝贝不参与比较。
fairness-in-chat-draws = 抽取 { $number } 次，
fairness-in-chat-votes = 🙋 共 { $number } 票。
fairness-in-chat-verdicts = ⚖️ 曾暂不计 { $suspect } 票，作废 { $void } 票。案件：{ $cleared } 件有效，{ $false } 件假票，{ $confirmed } 件查实{ $granted ->
        [0] 。
       *[other] ，申诉成立 { $granted } 件。
    }
fairness-in-chat-root = 🔏 { $day }的计票根：<code>{ $root }</code>

bind-fairness-off = 📊 每场数字：不发
bind-fairness-on = 📊 每场数字：发送
bind-fairness-now-on = 📊 每场结束两小时后，这里会收到它的数字：宝贝的曝光是否均匀，以及票数。
bind-fairness-now-off = 📊 不再发送每场的数字。
