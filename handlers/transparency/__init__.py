"""What everybody may read (R39): `rules` answers /rules, `fairness` /fairness, in private chats and in others."""
