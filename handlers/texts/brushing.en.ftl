# What the detector of brushing found, and the command that runs it.

brushing-hardly-any = fewer than 0.1
brushing-member-lockstep = Voted for { $voted } of the { $goods } goods ({ $named }) for which { $accounts } accounts voted together in the same hours.
brushing-member-registration-batch = Its Telegram ID is one of { $accounts } within { $span } numbers that voted for the same goods ({ $named }).
brushing-member-refund-ring = Its spending was refunded, and it voted for { $voted } of the { $goods } goods ({ $named }) for which { $accounts } such accounts voted.
brushing-item-lockstep = { $votes } of its { $all } votes come from { $accounts } accounts that voted for the same { $goods } goods in the same hours, here mostly from { $begins } to { $ends }. { $observed } accounts show this pattern; chance would explain { $expected }.
brushing-item-registration-batch = { $votes } of its { $all } votes come from accounts with neighbouring Telegram IDs: { $neighbours } lie within { $span } numbers, where chance would explain { $expected }. Most voted from { $begins } to { $ends }.
brushing-item-refund-ring = { $votes } of its { $all } votes come from a group of { $accounts } accounts, { $refunded } of which had their spending refunded; most voted from { $begins } to { $ends }. { $observed } accounts show this pattern; chance would explain { $expected }.

bad-not-a-time = “{ $value }” is not a time with its offset, such as 2026-11-02T08:00:00+08:00
notification-case-opened = 🔍 <b>{ $title }</b> · { $shop }
    { $number ->
        [one] 1 vote for it looks bought and is
       *[other] { $number } votes for it look bought and are
    } set aside until an organiser has decided; { $counted ->
        [one] 1 still counts
       *[other] { $counted } still count
    }. Members and the shop cannot tell.
notification-ban-waits = ✋ <b>{ $title }</b> · { $shop }
    Another organiser has confirmed brushing and asks for a ban of { $months } months. One month is in force, until { $until }; for the rest a second organiser has to agree.
notification-appeal-waits = 📨 <b>{ $title }</b> · { $shop }
    The shop appeals against the decision that it has brushed. You can decide on the appeal now.
notification-vote-void = ⚖️ Your vote for <b>{ $title }</b> does not count: an organiser has found that votes for it were bought, and yours is among them. { $ballot ->
        [back] You keep the ballot that you got back.
       *[used] The ballot stays used.
    } If that is a mistake, please tell the organisers, with your member number { $member }: they can look at it again, and let your vote count.
notification-item-brushed = ⚖️ <b>Taken out: votes for it were bought</b>

    { $title }
    An organiser has looked into it. The good is out and its shop may not offer anything for a while. You have done nothing wrong.
notification-item-restored-on-display = ⚖️ <b>{ $title }</b> is back on display: its shop appealed, and an organiser has granted the appeal. Votes for it that did not count now do.
notification-item-restored-back = ⚖️ <b>{ $title }</b> is back: its shop appealed, and an organiser has granted the appeal. Votes for it that did not count now do, and within two weeks it is decided whether its group opens.
notification-item-restored-passed = ⚖️ <b>{ $title }</b> is back: its shop appealed, and an organiser has granted the appeal. It will be on display soon.
notification-item-restored-passed-banned = ⚖️ <b>{ $title }</b> is back: its shop appealed, and an organiser has granted the appeal. It will be on display, not before { $moment }.
notification-item-restored-ended = ⚖️ Your vote for <b>{ $title }</b> counts after all: its shop appealed, and an organiser has granted the appeal. The good itself has ended for another reason.
notification-vote-restored = ⚖️ Your vote for <b>{ $title }</b> counts after all: an organiser has looked at it again. Sorry for the mistake!
notification-ballot-kept = 🎫 You keep the ballot that you got back.
notification-ballot-in-use = 🎫 Your vote for it uses its ballot.
button-case-good = 🏆 See the good
cli-monitored = { $votes ->
    [one] 1 vote
   *[other] { $votes } votes
} examined, { $number } set aside, { $goods ->
    [one] 1 good
   *[other] { $goods } goods
} with a new or changed case.
cli-no-case = There is no undecided case { $number }.
cli-no-organiser = --by takes the number of an organiser who has written to the bot, and “{ $by }” is none. There are: { $known }
cli-case-no-reason = Say why, with --reason.
cli-void = { $number ->
    [one] 1 vote is void.
   *[other] { $number } votes are void.
}
cli-no-false-vote = All votes of the case were taken back: no shop is banned without a false vote.
cli-good-out = The good is out, and the ballots of honest votes are back.
cli-good-stays = The good's group is open, and the bot cannot undo that: the good stays.
cli-ban = Case { $case }: { $shop } is banned for { $months ->
    [one] 1 month
   *[other] { $months } months
}, until { $until }.
cli-ban-waits = { $months } months were asked for; another organiser has to agree, with “votes agree { $case } --by ORGANISER”.
cli-not-agreed-no-ban = No ban of this case is in force.
cli-not-agreed-in-force = All months of this ban are in force already.
cli-not-agreed-same-organiser = Another organiser than who has decided has to agree. Name who you are with --by.
cli-restored = The vote of member { $member } counts again, and they are told.
cli-no-void-vote = Member { $member } has no vote that case { $case } made void.
cli-cleared = { $number ->
    [one] 1 vote counts again.
   *[other] { $number } votes count again.
}
cli-examined = { $file }: { $votes ->
    [one] 1 vote
   *[other] { $votes } votes
}, { $members ->
    [one] 1 member
   *[other] { $members } members
} and { $goods ->
    [one] 1 good
   *[other] { $goods } goods
} suspect
cli-rows-left-out = { $file }: { $number ->
    [one] 1 row was
   *[other] { $number } rows were
} left out; the others were judged.
cli-nothing-to-judge = { $file }: nothing was judged.
cli-same-name = { $file }: another file has this name already; each needs a name of its own.
cli-into-itself = { $file }: the result would replace the file itself; choose another folder.
cli-too-large = { $file }: too large to be judged.
cli-no-folder = { $file }: the folder cannot be made: { $why }
