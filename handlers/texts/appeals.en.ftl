# What a shop is told of a confirmed case: a text to copy.

shop-notice-about = To { $shop }: about your good “{ $title }” ({ $ref }), case { $number }
shop-notice-decided = On { $moment } an organiser decided that votes for this good were bought. { $void ->
        [one] 1 vote is void
       *[other] { $void } votes are void
    }, { $counted } counted as honest. The reason: { $reason }
shop-notice-decided-once = On { $moment } an organiser decided that votes for this good were bought, and made { $void ->
        [one] 1 vote
       *[other] { $void } votes
    } void. The reason: { $reason }
shop-notice-ban = { $good ->
        [open] The good stays, because its group is open.
       *[out] The good is out.
    } Your shop is banned for { $months ->
        [one] 1 month
       *[other] { $months } months
    }, until { $ends }: until then none of its goods can be registered, and from the next round on none is put on display. The ban ends by itself.
shop-notice-ban-asked = A ban of { $months } months was proposed; it comes into force if a second organiser agrees.
shop-notice-ban-over = The ban of your shop was over on { $ends }.
shop-notice-may-appeal = If you think that this is wrong, you can appeal once, until { $until }: answer the organiser who sent you this, and say why. { $who }
shop-notice-decides-another = Another organiser than the one who decided will look at it.
shop-notice-decides-alone = There is one organiser only, who will look at it again after a day.
shop-notice-too-late = The time to appeal was over on { $until }.
shop-notice-appealed = Your appeal was recorded on { $moment }, and waits for a decision.
shop-notice-granted = Your appeal was granted on { $moment }: these votes count again, the ban by this case is lifted, and the good is back unless something else keeps it out. The reason: { $reason }
shop-notice-refused = Your appeal was refused on { $moment }; the decision stands. The reason: { $reason }
shop-notice-same-organiser = The same organiser decided, for there is no other.
cli-no-confirmed-case = There is no confirmed case { $number }.
cli-appeal-no-words = Say with --words what the shop writes.
cli-appeal-recorded = The appeal is recorded.
cli-appeal-granted = The appeal is granted: { $number ->
    [one] 1 vote counts
   *[other] { $number } votes count
} again, and the ban is lifted. { $back ->
    [yes] The good is back.
   *[no] The good stays out, for it has ended for another reason.
}
cli-appeal-refused = The appeal is refused; the decision stands.
cli-appeal-too-late = The seven days to appeal are over.
cli-appeal-appealed-already = The shop has appealed already, which it can do once.
cli-appeal-no-appeal = The shop has not appealed.
cli-appeal-decided-already = This appeal is decided already.
cli-appeal-same-organiser = Another organiser than the one who decided the case has to decide. Name who you are with --by.
cli-appeal-too-early = You decided the case yourself: with a single organiser the appeal waits a day.
