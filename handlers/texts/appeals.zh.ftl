# 案件查实后发给商家的通知，可直接复制。

shop-notice-about = 致 { $shop }：关于你的宝贝“{ $title }”（{ $ref }），案件 { $number }
shop-notice-decided = { $moment }，团长查实这件宝贝有刷票：{ $void } 票作废，另有 { $counted } 票有效。理由：{ $reason }
shop-notice-decided-once = { $moment }，团长查实这件宝贝有刷票，作废了 { $void } 票。理由：{ $reason }
shop-notice-ban = { $good ->
        [open] 宝贝已经开团，因此保留。
       *[out] 宝贝已下架。
    }你的店铺封禁 { $months } 个月，到 { $ends } 为止：期间不能提交宝贝，从下一场起也不再展示。到期自动解除。
shop-notice-ban-asked = 另有封禁 { $months } 个月的提议，第二位团长同意后才生效。
shop-notice-ban-over = 你的店铺的封禁已于 { $ends } 结束。
shop-notice-may-appeal = 如果你认为弄错了，可以在 { $until } 之前申诉一次：回复发给你这份通知的团长，说明理由。{ $who }
shop-notice-decides-another = 由另一位团长复核，不是作出决定的那一位。
shop-notice-decides-alone = 目前只有一位团长，将在一天之后由其复核。
shop-notice-too-late = 申诉期已于 { $until } 结束。
shop-notice-appealed = 你的申诉已于 { $moment } 登记，正在等待决定。
shop-notice-granted = 你的申诉已于 { $moment } 核准：这些票重新计入，本案的封禁解除，宝贝恢复（除非另有原因）。理由：{ $reason }
shop-notice-refused = 你的申诉已于 { $moment } 驳回，原决定不变。理由：{ $reason }
shop-notice-same-organiser = 因为没有别的团长，由同一位团长决定。
cli-no-confirmed-case = 没有已查实的案件 { $number }。
cli-appeal-no-words = 请用 --words 写明商家的申诉。
cli-appeal-recorded = 申诉已登记。
cli-appeal-granted = 申诉核准：{ $number } 票恢复计票，封禁解除。{ $back ->
    [yes] 宝贝已恢复。
   *[no] 宝贝因为别的原因已经结束，不再恢复。
}
cli-appeal-refused = 申诉驳回，原决定不变。
cli-appeal-too-late = 七天的申诉期已过。
cli-appeal-appealed-already = 商家已经申诉过，只能申诉一次。
cli-appeal-no-appeal = 商家没有申诉。
cli-appeal-decided-already = 这个申诉已经决定了。
cli-appeal-same-organiser = 须由另一位团长决定，不能是决定案件的那一位。请用 --by 写明你是谁。
cli-appeal-too-early = 案件是你自己决定的：只有一位团长时，申诉要等一天再决定。
