# The tally of each voting day: receipts, and the commands that check it.

command-receipt = The proof of my vote
limit-receipt = You have just got many receipts. The next one can be made in { $wait }.
receipt-choose = 🧾 <b>Of which vote?</b>
    A receipt proves that your vote was recorded as you cast it: it is in the tally of its day, whose root is published, and nobody can change it unnoticed. It names no one else.
receipt-none = You have no vote that stands. Once you have voted, you can get the proof here that your vote is in the published tally.
receipt = 🧾 <b>{ $title }</b> · voting day { $day }
    Your vote is recorded: it is in the tally of that day, of { $acts ->
        [one] 1 act
       *[other] { $acts } acts
    }. You are member { $member } in it. The root must be the one that /fairness shows:
    <code>{ $root }</code>

    The file holds the proof. It shows to whoever has it that you voted for this good, like a screenshot: pass it on only if you want that.
receipt-not-yet = Your vote for <b>{ $title }</b> is stored. The tally of its day is made when the day has ended: you can get the receipt from { $moment } on.
receipt-soon = Your vote for <b>{ $title }</b> is stored. The tally of its day is being made: please ask for the receipt again in a few minutes.
receipt-not-kept = There is no receipt for your vote for <b>{ $title }</b>: tallies are kept for half a year, and this day has none any more, or had none yet.
receipt-no-vote = This vote does not stand any more. /receipt shows those that do.

cli-tally-none = There is no published tally of { $day }.
cli-tally-none-yet = There is no published tally yet: that of a voting day is made an hour after its end.
cli-tally-deleted = The acts of { $day } are no longer kept; its root is { $root }.
cli-tally-exported = { $day }: root { $root }
cli-tally-good = good { $item }: { $cast } cast, { $takenback } taken back, { $returned } with the ballot returned,{ $usedagain ->
        [0] {""}
       *[other] {" "}{ $usedagain } with it in use again,
    } { $void } void, { $restored } restored; count { $moved }
cli-tally-fits = { $day }: { $acts ->
    [one] 1 act has
   *[other] { $acts } acts have
} the root { $root }.
cli-tally-compare = Compare this root with the published one, or give that with --root.
cli-receipt-fits = Good { $item }, voting day { $day }: the vote of member { $member } is in the tally with the root { $root }.
cli-receipt-wrong = This is no receipt, or it was changed.
cli-receipt-other-root = The receipt is of another tally: its root is { $root }.
cli-bad-root = A root has 64 digits from 0 to 9 and a to f.
cli-tally-line = line { $line }: { $what }
tally-unreadable = not a line of a tally
tally-out-of-place = the number does not follow: acts are missing before it, or it was added
tally-out-of-order = not in its order: it was moved, or is there twice
tally-changed = the act was changed
tally-other-day = another day
tally-other-number = The table does not have as many acts as it says: the last ones were dropped or added.
tally-other-root = The acts do not have this root: some were changed, added or dropped, or the root is of another day.
