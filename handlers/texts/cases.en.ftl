# The organiser's desk for cases: votes that look bought, on which people decide.

button-cases = 🔍 Cases{ $number ->
    [0] {""}
   *[other] {" "}({ $number })
}
button-bans = 🔒 Banned shops
button-case = 🔍 Look at the case
button-case-clear = ✅ Clear: all votes count
button-case-void = 🚫 Votes false, shop not to blame
button-case-ban = ⛔️ Confirm brushing
button-case-agree = 🤝 Agree to the longer ban
button-case-appeal = 📨 The shop appeals
button-case-grant = ✅ Grant the appeal
button-case-refuse = 🚫 Refuse the appeal
button-case-restore = 🙋 Let one vote count again
button-case-notice = 📋 What to tell the shop
button-case-picture = 📊 Picture
button-case-csv = 📄 CSV
button-case-xlsx = 📄 Excel

case-title-line = { $place }. <b>{ $title }</b> · { $shop }
cases = 🔍 <b>Cases: votes that look bought</b>
bans = 🔒 <b>Banned shops</b>
bans-none = No shop is banned right now.
bans-line = { $place }. <b>{ $shop }</b>: { $months }, until { $until } · case { $case }
cases-empty = 🔍 No votes look bought. Nothing waits for you here.
cases-undecided = ⏳ { $suspect } set aside ({ $percent } %) · { $counted ->
    [one] 1 counts
   *[other] { $counted } count
}
cases-cleared = ✅ cleared: all its votes count
cases-votes-false = 🚫 votes false: { $suspect } void ({ $percent } %)
cases-granted = ✅ the shop's appeal was granted: all its votes count
cases-appeal-waits = 📨 the shop's appeal waits for a decision
cases-ban-waits = ✋ a longer ban waits for a second organiser
cases-confirmed = ⛔️ brushing confirmed: { $suspect } void ({ $percent } %)

case = 🔍 <b>{ $title }</b> · { $shop }
    Case { $case }, opened { $moment }
case-votes = 🔍 { $suspect ->
    [one] 1 vote is set aside
   *[other] { $suspect } votes are set aside
} ({ $percent } %) · 🙋 { $counted ->
    [one] 1 counts
   *[other] { $counted } count
}
case-votes-decided = 🚫 { $suspect } void ({ $percent } %) · 🙋 { $counted } counted at the decision
case-votes-restored = ✅ { $suspect } were void ({ $percent } %) and count again
case-why = <b>Why</b>
case-canvassed = 📣 { $votes } votes came by one link, of member { $member }: canvassed. That alone is honest, and sets no vote aside.
case-undecided = ⏳ Nobody has decided yet. Members and the shop cannot tell.
case-cleared = ✅ Cleared by { $who }, { $moment }: all its votes count.
case-votes-false = 🚫 Votes found false by { $who }, { $moment }. The good and its shop stay.
case-confirmed = ⛔️ Brushing confirmed by { $who }, { $moment }.
case-reason = “{ $reason }”
case-by-organiser = organiser { $number }
case-by-operator = the operator
case-by-nobody = nobody
case-by-you = you
case-months = { $number ->
    [one] 1 month
   *[other] { $number } months
}
case-ban = 🔒 { $shop } is banned for { $months }, until { $until }.
case-ban-over = 🔓 { $shop } was banned for { $months }, until { $until }.
case-ban-lifted = 🔓 The ban of { $shop } was lifted { $moment }.
case-ban-asked = ✋ { $months } were asked for. They are in force once another organiser agrees.
case-ban-agreed = 🤝 { $months } were agreed to by { $who }.
case-restored = 🙋 { $number ->
    [one] 1 of these votes counts again: its member was right to object.
   *[other] { $number } of these votes count again: their members were right to object.
}

case-title = <b>{ $title }</b>
case-really-clear = ✅ Let { $number ->
        [one] the vote that is set aside
       *[other] the { $number } votes that are set aside
    } count again? The same pattern is not raised again for these accounts. This cannot be undone.
case-ask-void = 🚫 <b>{ $title }</b>
    Why are these votes false? Write the reason in one message. It is stored with the decision; nothing happens before you have confirmed it.
case-ask-ban = ⛔️ <b>{ $title }</b>
    What shows that the shop bought these votes? Write the reason in one message; the shop will read it. Nothing happens before you have confirmed it.
case-really-void = 🚫 { $number ->
        [one] 1 vote becomes void, and its member is
       *[other] { $number } votes become void, and their members are
    } told so and how to object. The good and its shop stay, and { $counted ->
        [one] 1 vote still counts
       *[other] { $counted } votes still count
    }.
case-really-ban = ⛔️ { $number ->
        [one] 1 vote becomes void, and its member is
       *[other] { $number } votes become void, and their members are
    } told so and how to object.
case-really-ban-good = 🍂 The good is out, unless its group has opened. { $counted ->
    [0] Nobody else has voted for it.
    [one] 1 honest voter gets the ballot and the daily slot back, and is told once.
   *[other] { $counted } honest voters get their ballots and daily slots back, and are told once.
}
case-really-ban-ended = 🍂 This listing of the good has ended already, and its voters know. Where the good was listed again, it is out, unless its group has opened.
case-really-ban-open = 🎉 Its group is open, so the good stays, with { $counted ->
    [one] 1 honest vote
   *[other] { $counted } honest votes
}.
case-really-ban-months = 🔒 { $shop } is banned for { $months }.
case-really-ban-asked = 🔒 { $shop } is banned for 1 month, and for { $months } once another organiser agrees.
case-ask-appeal = 📨 <b>{ $title }</b>
    What does the shop say? Write or paste it in one message. Nothing is recorded before you have confirmed it.
case-ask-grant = ✅ <b>{ $title }</b>
    Why is the appeal granted? Write the reason in one message; the shop will read it. Nothing happens before you have confirmed it.
case-ask-refuse = 🚫 <b>{ $title }</b>
    Why is the appeal refused? Write the reason in one message; the shop will read it. Nothing happens before you have confirmed it.
case-ask-restore = 🙋 <b>{ $title }</b>
    Whose vote counts again? Write the number of the member as the table of this case (📄) has it. Nothing happens before you have confirmed it.
case-really-agree = 🤝 Ban { $shop } for { $months } in all?
case-really-appeal = 📨 Record this as the appeal of { $shop }? It can appeal once.
case-really-grant = ✅ Grant the appeal of { $shop }? The void votes count again, the ban is lifted, and the good comes back unless it has ended for another reason.
case-really-refuse = 🚫 Refuse the appeal of { $shop }? The decision stands, and there is no other appeal.
case-really-restore = 🙋 Let the vote of member { $member } count again? The member is told, and the same pattern is not raised again for this account. What else was decided stays. This cannot be undone.
case-yes-agree = 🤝 Yes, I agree
case-yes-appeal = 📨 Yes, record it
case-yes-grant = ✅ Yes, grant it
case-yes-refuse = 🚫 Yes, refuse it
case-yes-restore = 🙋 Yes, it counts again
case-yes-clear = ✅ Yes, let them count
case-yes-void = 🚫 Yes, these votes are false
case-yes-ban = ⛔️ Yes, the shop has brushed
case-reason-again = That question is over. Please write the reason again.
case-none-void = No vote is void by this case any more, or none was.
case-not-void = Member { $member } has no vote that is void by this case. It may count again already.
case-decided-already = It is decided already.
case-gone = There is no such case.
case-done-clear = ✅ { $number ->
    [one] 1 vote counts again.
   *[other] { $number } votes count again.
}
case-done-void = 🚫 { $number ->
    [one] 1 vote is void.
   *[other] { $number } votes are void.
}
case-done-ban = ⛔️ { $number ->
    [one] 1 vote is void
   *[other] { $number } votes are void
}, the good is out, and its shop is banned.
case-done-ban-open = ⛔️ { $number ->
    [one] 1 vote is void
   *[other] { $number } votes are void
}, and the shop is banned. The good stays: its group is open.
case-no-false-vote = All suspect votes were taken back: nobody is banned without a false vote. Clear the case, or call the votes false.
case-done-agree = 🤝 The shop is banned for { $months } in all.
case-not-agreed-no-ban = There is no such ban any more.
case-not-agreed-in-force = All of the ban is in force already.
case-not-agreed-same-organiser = Another organiser has to agree than who has decided.
case-done-appeal = 📨 The appeal is recorded.
case-done-grant = ✅ The appeal is granted: { $number ->
    [one] 1 vote counts
   *[other] { $number } votes count
} again, and the ban is lifted.
case-done-refuse = 🚫 The appeal is refused; the decision stands.
case-done-restore = 🙋 The vote of member { $member } counts again, and the member is told.
case-no-appeal-no-case = There is no confirmed case of this number.
case-no-appeal-too-late = The seven days to appeal are over.
case-no-appeal-appealed-already = The shop has appealed already, which it can do once.
case-no-appeal-no-appeal = The shop has not appealed.
case-no-appeal-decided-already = This appeal is decided already.
case-no-appeal-same-organiser = Another organiser than who has decided the case decides on the appeal.
case-no-appeal-too-early = You decided the case yourself: with a single organiser the appeal waits a day.
case-appeal-until = 📨 The shop can appeal until { $until }.
case-appeal-never = 📨 The shop has not appealed; its time was over { $until }.
case-appealed = 📨 The shop has appealed, recorded by { $who }, { $moment }:
case-appeal-waits = ⏳ The appeal waits for another organiser than { $who }.
case-appeal-waits-alone = ⏳ There is one organiser only, who can decide on the appeal from { $moment } on.
case-appeal-granted = ✅ The appeal was granted by { $who }, { $moment }.
case-appeal-refused = 🚫 The appeal was refused by { $who }, { $moment }; the decision stands.
case-notice = 📋 For the shop, in either language. Tap a text to copy it:

case-vote-counted = counts
case-vote-set-aside = set aside
case-vote-void = void
case-vote-returned = counts, ballot returned
case-vote-taken-back = taken back

case-picture-title = Case { $case } · { $shop }
case-picture-undecided = set aside: { $number } ({ $percent } %)
case-picture-cleared = counted again: { $number } ({ $percent } %)
case-picture-void = void: { $number } ({ $percent } %)
case-picture-others = other votes: { $number }
case-picture-hours = Votes { $hours ->
    [one] an hour
   *[other] in { $hours } hours
}
case-picture-goods = What these { $accounts } accounts voted for
case-picture-good = { $accounts } · { $hours }
case-picture-more-goods = and { $number ->
    [one] 1 other good
   *[other] { $number } other goods
}
case-picture-ids = Telegram IDs side by side
case-picture-batch = { $accounts } accounts in { $span } numbers
case-picture-more-batches = and { $number ->
    [one] 1 more group
   *[other] { $number } more groups
}
case-picture-apart = { $number } apart from the others
case-picture-links = Canvass links
case-picture-link = Member { $member }: { $votes }, suspected { $named }
case-picture-no-link = Without a link: { $votes }, suspected { $named }
case-picture-more-links = and { $number ->
    [one] 1 more link
   *[other] { $number } more links
}
case-picture-said = 📊 { $title } · case { $case }. Accounts are shown by their number here, never by name.
