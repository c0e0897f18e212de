-- A database as revision 0008 left it: rows of tables that rows are deleted from, and of those they refer to.
-- Tuesday, 24 November 2026; moments in UTC.

INSERT INTO members (id, chat_id, first_name, language, app_language, carousel_on, alerts_on, alerts_quiet, show_name,
    quiet_hours, unreachable, joined_at, seen_at, erased_at, erased_hash) VALUES
    (1, 1001, 'Ann', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL),
    (7, 1007, 'Bob', 'en', 'en', TRUE, TRUE, FALSE, FALSE, NULL, NULL, '2026-11-01 00:00:00', '2026-11-24 00:00:00', NULL, NULL);

INSERT INTO draws (id, member_id, category, items, made_at) VALUES
    (3, 1, NULL, '1,2', '2026-11-24 00:00:00');

INSERT INTO notifications (id, kind, subject, revision, member_id, bound_chat_id, priority, policy, not_before, expires_at,
    state, reason, code, attempts, uncertain_attempts, fence, leased_until, sent_at, message_id) VALUES
    (5, 'grant', 1, 1, 1, NULL, 1, 'resend', '2026-11-24 00:00:00', '2026-11-25 00:00:00',
     'claimed', NULL, NULL, 0, 0, 4, '2026-11-24 00:05:00', NULL, NULL);

INSERT INTO rounds (id, opens_at, closes_at, special, opened_at, closed_at) VALUES
    (4, '2026-11-12 00:00:00', '2026-11-13 00:00:00', FALSE, '2026-11-12 00:00:00', '2026-11-13 00:00:00');

INSERT INTO campaigns (id, kind, subject, revision, due_at, expires_at, state, cursor, queued, reason, code, paid_for,
    paid_by, paid_at) VALUES
    (8, 'group-open', 4, 1, '2026-11-12 00:00:00', '2026-11-13 00:00:00', 'queued', 7, 2, NULL, NULL, NULL, NULL, NULL),
    (9, 'carousel', 4, 1, '2026-11-12 00:00:00', '2026-11-13 00:00:00', 'queued', 7, 2, NULL, NULL, NULL, NULL, NULL);

INSERT INTO notification_counts (round_id, state, code, number) VALUES
    (4, 'sent', '', 5),
    (4, 'suppressed', 'blocked', 2);
