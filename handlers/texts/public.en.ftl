# What everybody may read: the voting rules, and the figures of each round.

command-rules = The voting rules
command-fairness = How evenly goods were shown
button-rules = ⚖️ Voting rules
button-fairness = 📊 How evenly goods are shown
button-rules-page = 🌐 As a web page
button-round-page = 🌐 All goods of this round
button-in-chat = 💬 In the chat

rules-title = The voting rules
rules-lead = Who may vote, and what is done against bought votes. The same holds for every member and every shop.
rules-voters = Who may vote
rules-voters-text = Every member with a ballot, once per good, while the good is on display. A vote counts as soon as it is cast.
rules-ballots = Ballots
rules-ballots-text = Each full { $step } that you have spent with us since { $year } is one ballot; a refund lowers what you spent. { $welcome ->
        [0] Organisers
        [one] New members are given 1 ballot, and organisers
       *[other] New members are given { $welcome } ballots, and organisers
    } can give more, each time with a reason. A vote uses one. It comes back when you take the vote back{ $returned ->
        [yes] , and when the good ends without a group.
       *[no] .
    }
rules-limits = Limits
rules-limits-text = At most { $votes ->
        [one] 1 vote
       *[other] { $votes } votes
    } a day, counted from { $opens } on. While the good is on display a vote can be taken back, up to { $changes } times a day.
rules-display = What you are shown
rules-display-text = Goods come in a random order that nobody can foresee or steer, and over time each is shown about equally often. The figures of every round are public.
rules-members = Against bought votes
rules-members-text = Every hour and at the end of each round all votes are examined: for accounts that vote together, accounts that were registered in a batch, and spending that is refunded after the vote. What looks bought is set aside until an organiser has decided; no machine decides. An honest vote counts again. A false one is void: it does not count, its ballot stays used, and its member is told. Bringing friends by your link is welcome, and many of their votes at once are no reason to set any aside.
rules-shops = Shops that buy votes
rules-shops-text = Where an organiser confirms it, the good is out and its shop is banned; honest voters get their ballot and their vote of the day back, and are told. Where the shop is not to blame, as a rival may have bought the votes, only the false votes are void, and good and shop stay.
rules-bans = Bans
rules-bans-text = { $first ->
        [one] 1 month
       *[other] { $first } months
    } the first time; { $second } months the second time, or where half of the votes were false; { $third } months the third time, or where four in five were. Above one month a second organiser must agree; with a single organiser it is one month at most. Meanwhile no good of the shop can be registered, and from the next round on none is shown. A ban ends by itself.
rules-appeals = Appeals of shops
rules-appeals-text = A shop is told what was decided, and why, and can appeal once, within { $days } days. Another organiser decides; where there is only one, the same one after { $hours } hours. If the appeal is granted, the votes count again, the ban is lifted, and the good comes back unless something else keeps it out.
rules-objections = If you object
rules-objections-text = If your vote was found false and that is a mistake, or if you think that a good is treated unfairly, tell the organisers. They look at it again, and can let your vote count.

rules-short = ⚖️ <b>The voting rules</b>
    Each full { $step } that a member spent is one ballot, for one vote; at most { $votes } a day and one per good. Bought votes do not count, and shops that buy them are banned. The rules in full:

fairness-title = How evenly goods are shown
fairness-lead = Every good of a round is shown about equally often. Here anyone can check it, round by round.
fairness-day = Round of { $day }
fairness-none = 📊 There is no round to show yet. The first figures come with the first round.
fairness-missing = There was no round on this day
fairness-missing-more = Rounds open on working days. Those of the last weeks are listed here.
fairness-all = All rounds
fairness-special = Special round, { $moment }
fairness-open = Still open until { $moment }: these are the numbers so far.
fairness-was-open = On display until { $moment }.
fairness-goods = Goods
fairness-draws = Draws
fairness-exposures = Times shown
fairness-most = Most for one good
fairness-least = Fewest for one good
fairness-votes = Votes
fairness-even = Each good was shown about equally often: chance alone would bring differences at least this large in { $percent } % of such rounds.
fairness-uneven = The goods were not shown equally often: chance alone would hardly bring such differences (in { $percent } % of such rounds). Friends' links and cards in groups lead straight to one good, and count here too.
fairness-too-few = They were shown too rarely to say how evenly.
fairness-test = Chi-square { $value }, { $degrees ->
        [one] 1 degree
       *[other] { $degrees } degrees
    } of freedom, p { $p }.
fairness-picture = One bar for each good, in the order of the list; the line is the average, { $average }.
fairness-left = * was decided on before the round closed, and is not compared with the others.
fairness-more = { $number ->
        [one] 1 more good is not listed, but counted.
       *[other] { $number } more goods are not listed, but counted.
    }
fairness-good = Good
fairness-shown = Shown
fairness-verdicts = Bought votes
fairness-verdicts-later = What was set aside, and how it was decided, is published here in total once the round has closed and every case on its goods is decided.
fairness-verdicts-elsewhere = ⚖️ Once every case on these goods is decided, /fairness shows in total what was set aside, and how it was decided.
fairness-set-aside = Set aside, for a time or for good
fairness-void = Void
fairness-cleared = Cases: the votes count
fairness-votes-false = Cases: votes false, shop not to blame
fairness-confirmed = Cases: confirmed, shop banned
fairness-granted = Appeals granted
fairness-root = Root of the tally
fairness-root-how = All acts of a voting day lead to this number: with it, anyone can check that none was changed, added or dropped later. In the chat, /receipt proves to you that your vote is among them.
fairness-bar-title = How often each good was shown
fairness-in-chat = 📊 <b>{ $title }</b>
    { $goods ->
        [one] 1 good
       *[other] { $goods } goods
    }, { $draws }shown { $shown } times: { $least } to { $most } times each.
    { $verdict }
fairness-in-chat-left = Goods that were decided on before the round closed are not compared with the others.
fairness-in-chat-draws = { $number ->
        [one] 1 draw,
       *[other] { $number } draws,
    }{ " " }
fairness-in-chat-votes = 🙋 { $number ->
        [one] 1 vote
       *[other] { $number } votes
    } in total.
fairness-in-chat-verdicts = ⚖️ Set aside, for a time or for good: { $suspect }. Void: { $void }. Cases: { $cleared } cleared, { $false } votes false, { $confirmed } confirmed{ $granted ->
        [0] .
       *[other] ; appeals granted: { $granted }.
    }
fairness-in-chat-root = 🔏 Root of the tally of { $day }: <code>{ $root }</code>

bind-fairness-off = 📊 Figures of each round: off
bind-fairness-on = 📊 Figures of each round: on
bind-fairness-now-on = 📊 Two hours after a round has closed, its figures come here: how evenly its goods were shown, and its votes.
bind-fairness-now-off = 📊 The figures of rounds come here no more.
